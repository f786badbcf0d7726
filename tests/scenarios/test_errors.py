"""What goes wrong with a model, told once and clearly on the card; nothing is lost, and Retry goes on afterwards."""

import json
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from agents.loop.budget import SpendingLimits
from agents.models import litellm_import
from agents.models.endpoint import Endpoint, EndpointModel
from bot.cards.card_projection import project
from orchestrator.domain import commands as c
from orchestrator.domain.ids import QuestionId, SubtaskId
from orchestrator.domain.model_messages import Prompt, Reply, Returned
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import Effect
from orchestrator.errors import NotInScript
from tests.memory_hub import ADA, ScriptedModel, Stage, say, stage
from tests.model_server import KEY, Fault, serving
from tests.scenarios.error_fixtures import MODEL, OverHttp, brain, nowhere, plan, row

A = SubtaskId("a")


@pytest.fixture
async def over_http() -> AsyncIterator[Callable[..., OverHttp]]:
    await litellm_import.load()  # it takes longer than a story waits
    made: list[OverHttp] = []

    def make(endpoint: Endpoint, name: str = MODEL) -> OverHttp:
        made.append(OverHttp(endpoint, name))
        return made[-1]

    yield make
    for one in made:
        await one.close()


async def retry(on: Stage, state: TaskState, name: SubtaskId = A, *, model: str | None = None) -> None:
    attempt = state.of(name).attempt
    command = c.RetrySubtask(id=f"t{attempt}", by=ADA, task=state.id, subtask=name, attempt=attempt, model=model)
    await on.desk.submit(command)


def failed(name: SubtaskId = A, *, attempt: int = 1) -> Callable[[TaskState], object]:
    return lambda s: s.of(name).status == "failed" and s.of(name).attempt == attempt


def shown(state: TaskState, name: SubtaskId = A) -> str:
    """What stands on the card about that subtask's failure."""
    (found,) = [r for r in project(state).rows if r.id == name]
    assert found.state == "failed" and "retry" in {b.verb for b in found.buttons}
    return found.problem


async def test_a_wrong_key_is_told_and_planning_goes_on_after_a_start_with_the_right_one(
    tmp_path: Path, over_http: Callable[..., OverHttp], caplog: pytest.LogCaptureFixture
) -> None:
    url, wrong = f"sqlite:///{tmp_path}/t.db", "sk-wrong-canary-77"
    async with serving(brain()) as server:
        bad = over_http(Endpoint(api_base=server.url, api_key=wrong))
        async with stage(tmp_path, bad, url=url) as on:
            task = await on.ask("Do a")
            state = await on.until(task, lambda s: s.phase == "stuck", seconds=60)
            assert project(state).headline == (
                "No plan yet: The provider rejected the key for 'test-model'. "
                "Set THREADWORK_MODELS__API_KEY to a valid key and restart threadwork."
            )
            assert [b.verb for b in project(state).buttons] == ["retry-planning", "stop"]
            await nowhere(wrong, on.desk, task, caplog, tmp_path)
        good = over_http(Endpoint(api_base=server.url, api_key=KEY))
        async with stage(tmp_path, good, url=url) as on:
            await on.desk.submit(c.RetryPlanning(id="again", by=ADA, task=task))
            await on.press_start(task)
            await on.until(task, lambda s: s.phase == "done", seconds=60)
            await nowhere(KEY, on.desk, task, caplog, tmp_path)


async def test_an_unknown_model_fails_at_once_and_another_one_chosen_under_edit_goes_on(
    tmp_path: Path, over_http: Callable[..., OverHttp]
) -> None:
    async with serving(brain(row("a", model="no-such-model"))) as server:
        model = over_http(Endpoint(api_base=server.url, api_key=KEY))
        async with stage(tmp_path, model) as on:
            task = await on.ask("Do a")
            await on.press_start(task)
            state = await on.until(task, failed(attempt=1), seconds=60)
            assert shown(state) == (
                "The provider doesn't know the model 'no-such-model'. Check THREADWORK_MODELS__DEFAULT, "
                "or choose another model under Edit plan and press Retry."
            )
            assert state.plan is not None
            (old,) = state.plan.subtasks
            edited = state.plan.model_copy(update={"subtasks": (old.model_copy(update={"model": MODEL}),)})
            await on.desk.submit(c.EditPlan(id="e", by=ADA, task=task, plan=edited, base=state.version))
            await retry(on, state)
            await on.until(task, lambda s: s.phase == "done", seconds=60)


async def test_a_model_that_is_down_fails_three_attempts_and_goes_on_when_it_is_back(
    tmp_path: Path, over_http: Callable[..., OverHttp]
) -> None:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        port: int = trial.getsockname()[1]
    rows = (EndpointModel("away", model=MODEL, api_base=f"http://127.0.0.1:{port}/v1"),)
    async with serving(brain(row("a", model="away"))) as server:
        model = over_http(Endpoint(api_base=server.url, api_key=KEY, rows=rows))
        async with stage(tmp_path, model) as on:
            task = await on.ask("Do a")
            await on.press_start(task)
            state = await on.until(task, failed(attempt=3), seconds=60)
            assert shown(state) == (
                "The model 'away' can't be reached or is down. Check THREADWORK_MODELS__API_BASE "
                "and the network, then press Retry."
            )
            async with serving(brain(), port=port):
                await retry(on, state)
                await on.until(task, lambda s: s.phase == "done", seconds=60)


SPOILT: list[tuple[Fault, str]] = [
    ("429", "The provider for 'test-model' is rate-limiting us. Press Retry in a minute."),
    ("malformed-arguments", "The reply from 'test-model' can't be used: the arguments to 'list_files' are not JSON"),
    ("unknown-tool", "The reply from 'test-model' can't be used: there's no tool named 'no_such_tool'"),
]


@pytest.mark.parametrize(("fault", "words"), SPOILT)
async def test_trouble_that_lasts_is_one_sentence_and_retry_goes_on_when_it_is_over(
    fault: Fault, words: str, tmp_path: Path, over_http: Callable[..., OverHttp], caplog: pytest.LogCaptureFixture
) -> None:
    trouble: list[Fault] = ["ok"]
    plans = brain()

    async def answer(prompt: Prompt) -> Reply:
        found = await plans(prompt)
        return found if found.calls or any(isinstance(m, Returned) for m in prompt.messages) else say(list_files={})

    async with serving(answer, faults=lambda: trouble[0]) as server:
        model = over_http(Endpoint(api_base=server.url, api_key=KEY))
        async with stage(tmp_path, model) as on:
            on.host.tool("list_files", _nothing, Effect.READ)
            task = await on.ask("Do a")
            await on.until(task, lambda s: s.phase == "review", seconds=60)
            trouble[0] = fault
            await on.press_start(task)
            state = await on.until(task, failed(attempt=3), seconds=60)
            assert shown(state).startswith(words) and "Press Retry" in shown(state)
            assert not on.host.calls
            trouble[0] = "ok"
            await retry(on, state)
            await on.until(task, lambda s: s.phase == "done", seconds=60)
            await nowhere(KEY, on.desk, task, caplog, tmp_path)


async def test_one_malformed_call_is_repaired_without_anybody_noticing(
    tmp_path: Path, over_http: Callable[..., OverHttp]
) -> None:
    faults = iter(["ok", "malformed-arguments"])
    asked = [plan(row("a")), say(list_files={}), say(list_files={}), Reply(text="Done.")]

    async def answer(_prompt: object) -> Reply:
        return asked.pop(0)

    async with serving(answer, faults=lambda: next(faults, "ok")) as server:  # pyright: ignore
        async with stage(tmp_path, over_http(Endpoint(api_base=server.url, api_key=KEY))) as on:
            on.host.tool("list_files", _nothing, Effect.READ)
            task = await on.ask("Do a")
            await on.press_start(task)
            state = await on.until(task, lambda s: s.phase == "done", seconds=60)
            assert state.of(A).attempt == 1 and len(on.host.calls) == 1
        complaint = json.dumps(server.log[2].body["messages"])
        assert "Your last reply couldn't be used: the arguments to 'list_files' are not JSON" in complaint


async def test_a_fallback_answers_for_a_model_of_any_name_and_people_are_told(
    tmp_path: Path, over_http: Callable[..., OverHttp]
) -> None:
    async with serving(brain(row("a", model="no-such-model"))) as server:
        model = over_http(Endpoint(api_base=server.url, api_key=KEY, fallbacks=(MODEL,)), "nor-this-one")
        async with stage(tmp_path, model) as on:
            task = await on.ask("Do a")
            await on.press_start(task)
            state = await on.until(task, lambda s: s.phase == "done", seconds=60)
            assert "'test-model' answered instead of 'no-such-model'" in state.lines[-1].text


async def test_an_endless_loop_ends_at_the_turn_limit_and_retry_goes_on(tmp_path: Path) -> None:
    looping = [say(list_files={})] * 3
    model = ScriptedModel({"plan": [plan(row("a"))], "a": [*looping, say("Out of the loop.")]})
    async with stage(tmp_path, model, limits={"turns": 3}) as on:
        on.host.tool("list_files", _nothing, Effect.READ)
        task = await on.ask("Do a")
        await on.press_start(task)
        state = await on.until(task, failed(attempt=1))
        assert shown(state) == (
            "Stopped after 3 model turns without a result. Press Retry to continue with the existing files, "
            "or raise limits.turns."
        )
        await retry(on, state)
        await on.until(task, lambda s: s.phase == "done")


async def test_a_plan_may_ask_for_more_turns_than_the_setting(tmp_path: Path) -> None:
    looping = [say(list_files={})] * 3
    model = ScriptedModel({"plan": [plan(row("a", turns=9))], "a": [*looping, say("Done.")]})
    async with stage(tmp_path, model, limits={"turns": 2}) as on:
        on.host.tool("list_files", _nothing, Effect.READ)
        task = await on.ask("Do a")
        await on.press_start(task)
        await on.until(task, lambda s: s.phase == "done")


async def test_at_the_money_limit_all_wait_for_one_answer_and_a_yes_goes_on(tmp_path: Path) -> None:
    turns = [*[say(list_files={})] * 3, say("Done.")]  # eight turns in all: the limit of six is met in any order
    model = ScriptedModel({"plan": [plan(row("a"), row("b"))], "a": turns, "b": list(turns)})
    async with stage(tmp_path, model, limits={"spending": SpendingLimits(cost=0.03)}) as on:  # every turn costs 0.01
        on.host.tool("list_files", _nothing, Effect.READ)
        task = await on.ask("Do both")
        await on.press_start(task)
        state = await on.until(task, lambda s: all(x.status == "parked" for x in s.subtasks.values()))
        (question,) = state.questions
        (point,) = project(state).checkpoints
        assert point.title == "This task has cost $0.03; its limit is $0.03 (limits.task_cost). Continue?"
        assert point.fields[0].options == ("Yes, up to $0.06", "No, don't spend more")
        assert project(state).state == "needs-you"
        await answer(on, state, question, "Yes, up to $0.06")
        state = await on.until(task, lambda s: len(s.questions) == 2)
        await answer(on, state, list(state.questions)[1], "Yes, up to $0.09")
        state = await on.until(task, lambda s: s.phase == "done")
        assert [s.attempt for s in state.subtasks.values()] == [1, 1]


async def test_a_no_at_the_money_limit_ends_the_step_and_a_higher_limit_lets_retry_go_on(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/t.db"
    model = ScriptedModel({"plan": [plan(row("a"))], "a": [say(list_files={}), say("Done.")]})
    async with stage(tmp_path, model, url=url, limits={"spending": SpendingLimits(cost=0.02)}) as on:
        on.host.tool("list_files", _nothing, Effect.READ)
        task = await on.ask("Do a")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.questions)
        await answer(on, state, next(iter(state.questions)), "No, don't spend more")
        state = await on.until(task, failed())
        assert shown(state) == (
            "This task has cost $0.02, and Ada declined to spend more. "
            "Skip this step, or raise limits.task_cost, restart threadwork, and press Retry."
        )
    async with stage(tmp_path, model, url=url, limits={"spending": SpendingLimits(cost=1.0)}) as on:
        await retry(on, state)
        await on.until(task, lambda s: s.phase == "done")


async def answer(on: Stage, state: TaskState, question: QuestionId, words: str) -> None:
    given = {"more": words}
    await on.desk.submit(c.AnswerQuestion(id=f"{question}", by=ADA, task=state.id, question=question, answers=given))


async def _nothing(_call: object) -> str:
    return "no files"


async def test_a_step_outside_the_script_is_red_at_once_and_not_tried_again_by_itself(tmp_path: Path) -> None:
    words = "This step isn't in the rehearsal's script."
    model = ScriptedModel({"plan": [plan(row("a"))], "a": [NotInScript(words), say("never")]})
    async with stage(tmp_path, model) as on:
        task = await on.ask("Do a")
        await on.press_start(task)
        assert shown(await on.until(task, failed())) == words
