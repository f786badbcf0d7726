"""An agent of a team's own: usable at once, kept at its version by a running task, narrowed by policy and limits."""

from collections.abc import Collection
from pathlib import Path

import pytest

from agents.loop.budget import NO_LIMITS, SpendingLimits
from agents.tool_source import NO_OFFER, ToolOffer
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.model_messages import Answer, Prompt
from orchestrator.domain.policy import Rule, Verdict
from orchestrator.domain.task import TaskState
from orchestrator.domain.token_usage import Usage
from orchestrator.domain.tool_calls import Effect, HostCall
from orchestrator.errors import BadPlan, ModelUnusable
from orchestrator.policy_gate import Gate
from tests.memory_hub import ADA, ScriptedModel, Stage, say, stage
from tests.scenarios.test_everywhere_skills import prompts_of
from tests.scenarios.test_request_to_files import plan, row

WRITE, NEXT = SubtaskId("write"), SubtaskId("next")


def reader(folder: Path, prompt: str = "Read FIRST.", more: str = "", tools: str = "[read_file]") -> Path:
    (folder / "agents").mkdir(exist_ok=True)
    file = folder / "agents" / "reader.md"
    text = f"---\nname: reader\ndescription: Reads our contracts.\ntools: {tools}\n{more}\n---\n{prompt}"
    file.write_text(text)
    return file


def files(on: Stage, *effects: Effect) -> None:
    async def read(call: HostCall) -> str:
        return "It says 5."

    for name in ("read_file", "write_file", "run_shell"):
        on.host.tool(name, read, *(effects or (Effect.READ,)))


def shown(model: ScriptedModel, topic: str) -> list[list[str]]:
    """What each prompt of the step showed, without `recall`, which every agent has."""
    prompts = [p for p in model.prompts if f"/{topic}" in p.topic]
    return [[spec.name for spec in p.tools if spec.name != "recall"] for p in prompts]


READS = [say(read_file={"path": "a.txt"}), say("It says 5.")]


async def test_a_new_file_is_in_the_next_plan_and_lists_all_that_its_prompt_shows(tmp_path: Path) -> None:
    model = ScriptedModel({"plan": [plan(row("write", "reader"))], "write": READS})
    async with stage(tmp_path, model) as on:
        files(on)
        reader(tmp_path)
        task = await on.ask("read it")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.phase == "done")
        assert "- reader: Reads our contracts." in prompts_of(model, "plan")[0]
        assert shown(model, "write") == [["read_file"], ["read_file"]]
        assert "Read FIRST." in prompts_of(model, "write")[0]
        used = state.of(WRITE).agent
        assert used is not None
        assert used.words == "reader 1"


async def test_a_running_round_keeps_its_version_and_a_retry_takes_the_newest(tmp_path: Path) -> None:
    def edited(prompt: Prompt):
        reader(tmp_path, "Read SECOND.", tools="[read_file, write_file]")
        return READS[0]

    rows = [row("write", "reader"), row("next", "reader", after=["write"])]
    model = ScriptedModel({"plan": [plan(*rows)], "write": [edited, READS[1]], "next": [ModelUnusable("no"), *READS]})
    async with stage(tmp_path, model) as on:
        files(on)
        reader(tmp_path)
        task = await on.ask("read it")
        await on.press_start(task)
        await on.until(task, lambda s: s.of(NEXT).status == "failed")
        assert all("Read FIRST." in text for text in (*prompts_of(model, "write"), *prompts_of(model, "next")))
        assert shown(model, "next") == [["read_file"]]

        await on.desk.submit(c.RetrySubtask(id="again", by=ADA, task=task, subtask=NEXT, attempt=1))
        state = await on.until(task, lambda s: s.of(NEXT).attempt == 2 and s.phase == "done")
        assert "Read SECOND." in prompts_of(model, "next")[-1]
        assert shown(model, "next")[-1] == ["read_file", "write_file"]
        assert [one and one.words for one in (state.of(WRITE).agent, state.of(NEXT).agent)] == ["reader 1", "reader 2"]
        used = [r.event for r in await on.desk.records(task) if isinstance(r.event, e.AgentUsed)]
        assert b"Read FIRST." in await on.desk.shelf.get(used[0].content.sha)


async def test_a_restart_continues_with_the_version_that_the_step_began_with(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/t.db"
    question = say(ask_person={"question": "Which?", "fields": [{"name": "a", "label": "A"}]})
    reader(tmp_path, tools="[read_file, ask_person]")
    async with stage(
        tmp_path, ScriptedModel({"plan": [plan(row("write", "reader"))], "write": [question]}), url=url
    ) as on:
        files(on)
        task = await on.ask("read it")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.of(WRITE).status == "parked")
    (tmp_path / "agents" / "reader.md").unlink()
    model = ScriptedModel({"write": READS})
    async with stage(tmp_path, model, url=url) as on:
        files(on)
        (asked,) = state.questions
        await on.desk.submit(c.AnswerQuestion(id="a1", by=ADA, task=task, question=asked, answers={"a": "this"}))
        await on.until(task, lambda s: s.phase == "done")
        assert "Read FIRST." in prompts_of(model, "write")[0]
        assert shown(model, "write")[0] == ["read_file", "ask_person"]


async def test_a_removed_agents_step_says_so_and_another_agent_can_do_it(tmp_path: Path) -> None:
    rows = [row("write", "reader"), row("next", "document", after=["write"])]
    model = ScriptedModel({"plan": [plan(*rows)], "write": READS, "next": READS})
    async with stage(tmp_path, model) as on:
        files(on)
        file = reader(tmp_path)
        task = await on.ask("read it")
        state = await on.until(task, lambda s: s.phase == "review")
        file.unlink()
        await on.press_start(task)
        state = await on.until(task, lambda s: s.of(WRITE).status == "failed")
        assert state.of(WRITE).problem == (
            "The agent 'reader' is no longer on the roster. Edit the plan and choose one of analyst, browser, "
            "developer, document for this step, or put its file back and press Retry."
        )
        assert state.plan is not None
        with pytest.raises(BadPlan, match="Step 'write' names an unknown agent 'reader'"):
            await edit(on, state, "reader")
        await edit(on, state, "developer")
        await on.desk.submit(c.RetrySubtask(id="again", by=ADA, task=task, subtask=WRITE, attempt=1))
        await on.until(task, lambda s: s.phase == "done")


async def edit(on: Stage, state: TaskState, agent: str) -> None:
    assert state.plan is not None
    first, *others = state.plan.subtasks
    changed = state.plan.model_copy(update={"subtasks": (first.model_copy(update={"agent": agent}), *others)})
    await on.desk.submit(c.EditPlan(id=f"to-{agent}", by=ADA, task=state.id, plan=changed, base=state.version))


async def test_a_plan_can_be_edited_when_the_agent_of_a_finished_step_is_gone(tmp_path: Path) -> None:
    rows = [row("write", "reader"), row("next", "document", after=["write"])]
    model = ScriptedModel({"plan": [plan(*rows)], "write": READS, "next": [ModelUnusable("no")]})
    async with stage(tmp_path, model) as on:
        files(on)
        file = reader(tmp_path)
        task = await on.ask("read it")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.of(NEXT).status == "failed")
        file.unlink()
        assert state.plan is not None
        done, left = state.plan.subtasks
        changed = state.plan.model_copy(update={"subtasks": (done, left.model_copy(update={"agent": "developer"}))})
        await on.desk.submit(c.EditPlan(id="e", by=ADA, task=task, plan=changed, base=state.version))


async def test_its_policy_only_narrows(tmp_path: Path) -> None:
    allow = Gate((Rule(verdict=Verdict.ALLOW, tool="run_shell"), Rule(verdict=Verdict.DENY, tool="write_file")))
    turns = [
        say(run_shell={"command": "ls"}), say(write_file={"path": "a"}), say(read_file={"path": "a"}), say("Done."),
    ]  # fmt: skip
    model = ScriptedModel({"plan": [plan(row("write", "reader"))], "write": turns})
    async with stage(tmp_path, model, gate=allow) as on:
        files(on, Effect.EXECUTE)
        reader(tmp_path, more="policy: {deny: [run_shell], ask: [write_file, execute]}", tools="[files, run_shell]")
        task = await on.ask("read it")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.approvals)
        results = [r.event.result.text for r in await on.desk.records(task) if isinstance(r.event, e.ToolReturned)]
        assert results[0] == (
            "Not allowed: this agent's policy says that it may not do that (run_shell). Find another way, or call "
            "ask_person."
        )
        assert results[1].startswith("Not allowed: a rule says deny for 'write_file'")
        (asked,) = state.approvals.values()
        assert asked.approval.why == "it runs code in the sandbox, and this agent's policy says it has to ask first"
        assert on.host.calls == []


class Priced(ScriptedModel):
    """Each turn costs a dollar."""

    async def complete(self, prompt: Prompt, **more: object) -> Answer:
        answer = await super().complete(prompt)
        return answer.model_copy(update={"cost": 1.0, "usage": Usage(prompt=10)})


async def test_its_limits_hold_for_each_of_its_steps(tmp_path: Path) -> None:
    model = Priced({"plan": [plan(row("write", "reader"))], "write": [READS[0], READS[0], *READS]})
    async with stage(tmp_path, model, limits={"spending": NO_LIMITS}) as on:
        files(on)
        reader(tmp_path, more="limits: {cost: 2}")
        task = await on.ask("read it")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.questions)
        (name,) = state.questions
        assert state.questions[name].question.text == (
            "This step has cost $2.00; its limit is $2.00 (limits.cost of the agent 'reader'). Continue?"
        )
        await on.desk.submit(
            c.AnswerQuestion(id="no", by=ADA, task=task, question=name, answers={"more": "No, don't spend more"})
        )
        state = await on.until(task, lambda s: s.of(WRITE).status == "failed")
        assert state.of(WRITE).problem == (
            "This step has cost $2.00, and Ada declined to spend more. Skip this step, or raise limits.cost of the "
            "agent 'reader', and press Retry."
        )
    assert SpendingLimits(agent="reader") != NO_LIMITS


class Source:
    """Offers nothing, and remembers who may use what."""

    def __init__(self) -> None:
        self.asked = list[tuple[str, Collection[str] | None]]()

    async def offer(self, state: TaskState, agent: str, only: Collection[str] | None = None) -> ToolOffer:
        self.asked.append((agent, only))
        return NO_OFFER


@pytest.mark.parametrize(("more", "only"), [("connectors: [wiki]", ("wiki",)), ("connectors: []", ()), ("", None)])
async def test_it_is_limited_to_the_connectors_that_it_lists(tmp_path: Path, more: str, only: object) -> None:
    source = Source()
    model = ScriptedModel({"plan": [plan(row("write", "reader"))], "write": READS})
    async with stage(tmp_path, model, limits={"source": source}) as on:
        files(on)
        reader(tmp_path, more=more)
        task = await on.ask("read it")
        await on.press_start(task)
        await on.until(task, lambda s: s.phase == "done")
    assert source.asked == [("reader", only)]


async def test_effort_and_turns_are_its_own(tmp_path: Path) -> None:
    model = ScriptedModel({"plan": [plan(row("write", "reader"))], "write": [READS[0], READS[0]]})
    async with stage(tmp_path, model) as on:
        files(on)
        reader(tmp_path, more="effort: high\nlimits: {turns: 2}\nmodel: openai/other")
        task = await on.ask("read it")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.of(WRITE).status == "failed")
        assert "Stopped after 2 model turns" in state.of(WRITE).problem
        assert {(p.effort, p.model) for p in model.prompts if "/write" in p.topic} == {("high", "openai/other")}
