"""A page wanted to send something: a person reads what, in words, before it goes out; reads are approved once."""

from collections.abc import Callable
from pathlib import Path

from bot.cards.checkpoints import checkpoints
from orchestrator.domain import commands as c
from orchestrator.domain.approvals_and_questions import Decision
from orchestrator.domain.model_messages import Prompt, Reply
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import CallResult, Effect, HeldSend, HostCall, Label
from tests.memory_hub import ADA, ScriptedModel, Stage, say, stage
from tests.scenarios.test_request_to_files import plan, row

ORDER = HeldSend(id="https://shop.test/order#1f", words="POST shop.test/order: item: Mug, amount: 2")
LIST = HeldSend(
    id="https://shop.test/list#2e", words="POST shop.test/list: page: 2", endpoint="reads at shop.test/list"
)
CLICK, DONE = say(browser_click={"ref": "e1"}), say("Done.")


def a_model(*turns: Reply | Callable[[Prompt], Reply]) -> ScriptedModel:
    return ScriptedModel({"plan": [plan(row("a", "browser"))], "a": turns})


def a_shop(on: Stage, *held: HeldSend, labels: frozenset[Label] = frozenset({Label.UNTRUSTED})) -> None:
    async def click(call: HostCall) -> CallResult:
        return CallResult(ok=True, text="held", held=held, labels=labels)

    async def send(call: HostCall) -> str:
        return "It was sent."

    on.host.tool("browser_click", click, Effect.READ)
    on.host.tool("browser_send", send, Effect.NETWORK_SEND, target="message", releases="message")


async def asked(on: Stage) -> TaskState:
    task = await on.ask("Order a mug")
    await on.press_start(task)
    return await on.until(task, lambda s: s.approvals or s.phase == "done")


async def approved(on: Stage, state: TaskState) -> TaskState:
    (name,) = [n for n, one in state.approvals.items() if one.decision is None]
    await on.desk.submit(
        c.Decide(id=f"d{name}", by=ADA, task=state.id, approval=name, decision=Decision(verb="approve"))
    )
    known = len(state.approvals)
    return await on.until(state.id, lambda s: s.phase == "done" or len(s.approvals) > known)


def sent(on: Stage) -> list[HostCall]:
    return [call for call in on.host.calls if call.tool == "browser_send"]


async def test_the_card_says_what_would_be_sent_and_where_and_it_is_sent_once(tmp_path: Path) -> None:
    async with stage(tmp_path, a_model(CLICK, say(browser_send={"message": ORDER.id}), DONE)) as on:
        a_shop(on, ORDER)
        state = await asked(on)
        facts = {fact.label: fact.value for fact in checkpoints(state)[0].facts}
        assert (facts["Where"], facts["Sends"]) == ("shop.test", ORDER.words)
        assert "Approving covers" not in facts and not sent(on)
        assert (await approved(on, state)).phase == "done"
        assert [(call.args["message"], call.send) for call in sent(on)] == [(ORDER.id, True)]


async def test_nobody_is_asked_about_what_no_page_holds(tmp_path: Path) -> None:
    async with stage(tmp_path, a_model(CLICK, say(browser_send={"message": "https://shop.test/order#ff"}), DONE)) as on:
        a_shop(on, ORDER)
        state = await asked(on)
        assert (state.phase, dict(state.approvals), sent(on)) == ("done", {}, [])


async def test_an_approved_endpoint_is_known_to_later_calls_of_the_task(tmp_path: Path) -> None:
    async with stage(tmp_path, a_model(CLICK, say(browser_send={"message": LIST.id}), CLICK, DONE)) as on:
        a_shop(on, LIST)
        state = await asked(on)
        facts = {fact.label: fact.value for fact in checkpoints(state)[0].facts}
        assert facts["Approving covers"] == "reads at shop.test/list, for the rest of this task"
        await approved(on, state)
        assert [call.endpoints for call in on.host.calls if call.tool == "browser_click"] == [(), (LIST.endpoint,)]


async def test_the_host_learns_that_the_run_has_read_private_data(tmp_path: Path) -> None:
    async with stage(tmp_path, a_model(CLICK, CLICK, DONE)) as on:
        a_shop(on, labels=frozenset({Label.UNTRUSTED, Label.PRIVATE}))
        await asked(on)
        assert [call.private for call in on.host.calls if call.tool == "browser_click"] == [False, True]


async def test_a_corrected_name_is_another_message_and_asked_about_again(tmp_path: Path) -> None:
    async with stage(tmp_path, a_model(CLICK, say(browser_send={"message": LIST.id}), DONE)) as on:
        a_shop(on, ORDER, LIST)
        state = await asked(on)
        (name,) = state.approvals
        edit = Decision(verb="edit", args={"message": ORDER.id})
        await on.desk.submit(c.Decide(id="e", by=ADA, task=state.id, approval=name, decision=edit))
        state = await on.until(state.id, lambda s: s.phase == "done" or len(s.approvals) > 1)
        assert not sent(on)
        (again,) = [one.approval for one in state.approvals.values() if one.decision is None]
        assert again.held == ORDER
