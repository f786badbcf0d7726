"""Checkpoints that wait: overnight, over a restart, for two people who press at the same moment."""

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from orchestrator.domain import commands as c
from orchestrator.domain.approvals_and_questions import Decision
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.tool_calls import Effect, HostCall
from orchestrator.errors import Refused, Stale
from tests.memory_hub import ADA, BOB, NOON, ScriptedModel, Stage, say, stage
from tests.scenarios.test_request_to_files import plan, row

POST = SubtaskId("post")


def opens(on: Stage) -> None:
    async def opened(call: HostCall) -> str:
        return f"opened {call.args['url']}"

    on.host.tool("browser_open", opened, Effect.NETWORK_READ, target="url")


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_an_approval_left_overnight_works_after_a_restart_and_two_presses_are_one_decision(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path}/t.db" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    ask = say(browser_open={"url": "http://far.test/x"})
    evening = ScriptedModel(
        {"plan": [plan(row("post", "browser"), row("other"))], "post": [ask], "other": [say("Other.")]}
    )
    async with stage(tmp_path, evening, url=url) as on:
        opens(on)
        task = await on.ask("Look there")
        await on.press_start(task)
        await on.until(task, lambda s: s.of(POST).status == "parked" and s.of(SubtaskId("other")).status == "done")
    morning = ScriptedModel({"post": [say("Seen.")]})
    async with stage(tmp_path, morning, url=url, now=NOON + timedelta(hours=14)) as on:
        opens(on)
        state = await on.desk.state(task)
        (name,) = state.approvals
        presses = [
            c.Decide(id="a", by=ADA, task=task, approval=name, decision=Decision(verb="approve")),
            c.Decide(id="b", by=BOB, task=task, approval=name, decision=Decision(verb="reject", reason="no")),
        ]
        results = await asyncio.gather(*(on.desk.submit(p) for p in presses), return_exceptions=True)
        (refused,) = [r for r in results if isinstance(r, Refused)]
        assert isinstance(refused, Stale)
        state = await on.until(task, lambda s: s.phase == "done")
        row_ = state.approvals[name]
        assert row_.decision is not None and row_.by is not None
        ran = [call.tool for call in on.host.calls]
        assert ran == (["browser_open"] if row_.decision.verb == "approve" else [])
        assert not evening.prompts[3:] and len(morning.prompts) == 1


async def test_fifty_people_who_press_at_once_make_one_decision(tmp_path: Path) -> None:
    model = ScriptedModel(
        {"plan": [plan(row("post", "browser"))], "post": [say(browser_open={"url": "http://far.test/"}), say("Seen.")]}
    )
    async with stage(tmp_path, model, url=f"sqlite:///{tmp_path}/t.db") as on:
        opens(on)
        task = await on.ask("Look there")
        await on.press_start(task)
        (name,) = (await on.until(task, lambda s: s.approvals)).approvals
        yes = Decision(verb="approve")
        presses = [c.Decide(id=str(i), by=(ADA, BOB)[i % 2], task=task, approval=name, decision=yes) for i in range(50)]
        results = await asyncio.gather(*(on.desk.submit(p) for p in presses), return_exceptions=True)
        # Presses of the same person with the same answer are the same fact; only those of the winner are taken.
        winner = (await on.desk.state(task)).approvals[name].by
        taken = [p.by for p, r in zip(presses, results, strict=True) if not isinstance(r, Exception)]
        assert taken and set(taken) == {winner}
        await on.until(task, lambda s: s.phase == "done")
        assert len(on.host.calls) == 1


async def test_a_rejection_reaches_the_agent_with_its_reason_and_nothing_is_done(tmp_path: Path) -> None:
    model = ScriptedModel(
        {
            "plan": [plan(row("post", "browser"))],
            "post": [say(browser_open={"url": "http://far.test/"}), lambda p: say(p.messages[-1].text)],
        }
    )
    async with stage(tmp_path, model) as on:
        opens(on)
        task = await on.ask("Look there")
        await on.press_start(task)
        (name,) = (await on.until(task, lambda s: s.approvals)).approvals
        no = Decision(verb="reject", reason="They are a customer.")
        await on.desk.submit(c.Decide(id="d", by=ADA, task=task, approval=name, decision=no))
        state = await on.until(task, lambda s: s.phase == "done")
        assert "Ada rejected this: They are a customer." in state.of(POST).summary
        assert not on.host.calls


async def test_a_paused_task_goes_on_where_it_was(tmp_path: Path) -> None:
    model = ScriptedModel(
        {
            "plan": [plan(row("a"), row("b", after=["a"]))],
            "a": [say(ask_person={"question": "Go?"}), say("A.")],
            "b": [say("B.")],
        }
    )
    async with stage(tmp_path, model) as on:
        task = await on.ask("Two things")
        await on.press_start(task)
        (question,) = (await on.until(task, lambda s: s.questions)).questions
        await on.desk.submit(c.Pause(id="p", by=ADA, task=task))
        await on.desk.submit(c.AnswerQuestion(id="q", by=ADA, task=task, question=question, answers={"answer": "yes"}))
        assert (await on.desk.state(task)).of(SubtaskId("a")).turns == 1
        await on.desk.submit(c.Resume(id="r", by=ADA, task=task))
        await on.until(task, lambda s: s.phase == "done")


async def test_a_skipped_subtask_lets_its_dependents_go_and_stop_cancels_a_running_call(tmp_path: Path) -> None:
    begun, cancelled = asyncio.Event(), asyncio.Event()

    async def forever(call: HostCall) -> str:
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()
        raise AssertionError

    model = ScriptedModel(
        {"plan": [plan(row("a"), row("b", after=["a"]))], "a": [say(read_file={"path": "x"})],
         "b": [say(share_finding={"kind": "b", "value": 1}), say("B.")]}
    )  # fmt: skip
    async with stage(tmp_path, model) as on:
        on.host.tool("read_file", forever, Effect.READ)
        task = await on.ask("Two things")
        await on.press_start(task)
        async with asyncio.timeout(60):
            await begun.wait()
        await on.desk.submit(c.SkipSubtask(id="s", by=ADA, task=task, subtask=SubtaskId("a")))
        async with asyncio.timeout(60):
            await cancelled.wait()
        state = await on.until(task, lambda s: s.phase == "done")
        assert state.words == "Done, no files. 1 subtask(s) were skipped."
