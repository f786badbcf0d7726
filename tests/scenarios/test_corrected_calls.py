"""A person corrects a call: what will run is judged again, and asked about again where it asks for more."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.cards.checkpoints import checkpoints
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Approval, Decision
from orchestrator.domain.policy import Rule, Verdict
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import Effect, HostCall
from orchestrator.policy_gate import Gate
from tests.memory_hub import ADA, BOB, ScriptedModel, Stage, say, stage
from tests.scenarios.test_request_to_files import plan, row
from tests.unit.test_command_rules import STARTED, after, approval

ASKED = {"url": "https://a.test/form", "body": "one"}
GATE = Gate((Rule(verdict=Verdict.DENY, domain="evil.test", why="never there"),))


async def corrected(on: Stage, args: dict[str, str]) -> TaskState:
    """The task after Ada corrected the call, as soon as it ended or asks again."""
    task = await on.ask("Send it")
    await on.press_start(task)
    state = await on.until(task, lambda s: s.approvals)
    (name,) = state.approvals
    edit = Decision(verb="edit", args={**args})
    await on.desk.submit(c.Decide(id="e", by=ADA, task=task, approval=name, decision=edit))
    return await on.until(task, lambda s: s.phase == "done" or len(s.approvals) > 1)


def a_model(calls: Sequence[dict[str, str]] = (ASKED,)) -> ScriptedModel:
    turns = [say(browser_send={**args}) for args in calls]
    return ScriptedModel({"plan": [plan(row("a", "browser"))], "a": [*turns, lambda p: say(p.messages[-1].text)]})


def a_sender(on: Stage) -> None:
    async def send(call: HostCall) -> str:
        return f"sent to {call.args['url']}"

    on.host.tool("browser_send", send, Effect.NETWORK_SEND, target="url")


def open_approval(state: TaskState) -> Approval:
    (found,) = [x.approval for x in state.approvals.values() if x.decision is None]
    return found


async def test_a_correction_within_what_was_shown_runs_at_once(tmp_path: Path) -> None:
    async with stage(tmp_path, a_model(), gate=GATE) as on:
        a_sender(on)
        state = await corrected(on, {"url": "https://a.test/other", "body": "two"})
        assert (state.phase, len(state.approvals)) == ("done", 1)
        assert [call.args["body"] for call in on.host.calls if call.tool == "browser_send"] == ["two"]


async def test_a_correction_to_another_place_is_asked_about_again_with_its_own_facts(tmp_path: Path) -> None:
    async with stage(tmp_path, a_model(), gate=GATE) as on:
        a_sender(on)
        state = await corrected(on, {**ASKED, "url": "https://b.test/form"})
        again = open_approval(state)
        assert (again.target, again.args["url"]) == ("b.test", "https://b.test/form")
        assert not [call for call in on.host.calls if call.tool == "browser_send"]
        point = next(p for p in checkpoints(state) if p.id == again.id)
        assert "b.test" in str(point.facts) and "a.test" not in str(point.facts)

        yes = c.Decide(id="y", by=BOB, task=state.id, approval=again.id, decision=Decision(verb="approve"))
        await on.desk.submit(yes)
        state = await on.until(state.id, lambda s: s.phase == "done")
        (sent,) = [call for call in on.host.calls if call.tool == "browser_send"]
        assert (sent.args["url"], "a.test" in sent.domains) == ("https://b.test/form", False)


async def test_a_second_correction_that_takes_the_first_back_ends_the_asking(tmp_path: Path) -> None:
    async with stage(tmp_path, a_model(), gate=GATE) as on:
        a_sender(on)
        state = await corrected(on, {**ASKED, "url": "https://b.test/form"})
        back = Decision(verb="edit", args={**ASKED})
        await on.desk.submit(c.Decide(id="b", by=BOB, task=state.id, approval=open_approval(state).id, decision=back))
        await on.until(state.id, lambda s: s.phase == "done")
        assert [call.args["url"] for call in on.host.calls if call.tool == "browser_send"] == [ASKED["url"]]


async def test_a_correction_to_what_a_rule_denies_does_not_run(tmp_path: Path) -> None:
    async with stage(tmp_path, a_model(), gate=GATE) as on:
        a_sender(on)
        state = await corrected(on, {**ASKED, "url": "https://evil.test/form"})
        assert not [call for call in on.host.calls if call.tool == "browser_send"]
        assert "never there" in next(iter(state.subtasks.values())).summary


async def test_for_this_task_means_the_exact_call_where_nothing_else_is_shown(tmp_path: Path) -> None:
    """A rule asks about a tool without a target: other arguments are asked about again."""
    asking = Gate((Rule(verdict=Verdict.ASK, tool="run_shell"),))
    calls = [{"command": "ls"}, {"command": "ls"}, {"command": "rm -rf ."}]
    turns = [say(run_shell={**args}) for args in calls]
    model = ScriptedModel({"plan": [plan(row("a", "developer"))], "a": [*turns, say("Done.")]})
    async with stage(tmp_path, model, gate=asking) as on:

        async def run(call: HostCall) -> str:
            return str(call.args["command"])

        on.host.tool("run_shell", run, Effect.EXECUTE)
        task = await on.ask("Run it")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.approvals)
        (point,) = checkpoints(state)
        assert "this exact call" in next(b.label for b in point.buttons if b.verb == "approve-for-task")
        every = Decision(verb="approve-for-task")
        await on.desk.submit(c.Decide(id="d", by=ADA, task=task, approval=open_approval(state).id, decision=every))
        state = await on.until(task, lambda s: len(s.approvals) > 1)
        assert [call.args["command"] for call in on.host.calls] == ["ls", "ls"]
        assert open_approval(state).args == {"command": "rm -rf ."}


@pytest.mark.parametrize("target", ["a.test", "a.test, b.test"])
def test_for_this_task_opens_each_domain_that_was_shown(target: str) -> None:
    asked = approval(Effect.NETWORK_READ)
    asked = asked.model_copy(update={"approval": asked.approval.model_copy(update={"target": target})})
    every = Decision(verb="approve-for-task")
    state = after(*STARTED, asked, e.ApprovalDecided(approval=asked.approval.id, decision=every, by=ADA))
    assert state.domains == frozenset(target.split(", "))
