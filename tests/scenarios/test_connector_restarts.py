"""Connectors when the hub ends in the middle of a call, and when a step is stopped while a person is asked."""

from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from agents.connectors import call_with_questions
from agents.connectors.personal_account_call import CHOICE, SHOW
from agents.connectors.server_questions import ACTION, SEND
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Decision
from orchestrator.domain.ids import Stream
from tests.connector_stand import connectors, hostile
from tests.memory_hub import ADA, ScriptedModel, stage
from tests.scenarios.connector_story import DELETE, FIND, LOOK, last, told, use
from tests.small_hub import until


async def test_a_write_in_flight_when_the_hub_ended_is_unknown_and_never_repeated(tmp_path: Path) -> None:
    url, log = f"sqlite:///{tmp_path}/t.db", tmp_path / "log"

    def did() -> list[str]:
        return [line for line in log.read_text().splitlines() if line != "listed"] if log.exists() else []

    async with AsyncExitStack() as stack:
        story = await told(stack, "hangs", tmp_path, use(DELETE, text="all"), url=url)
        task = await story.begun()
        await story.decide(task, "approve")
        await until(lambda: "hangs" in did())
    assert did()[:2] == ["called delete", "hangs"]

    model = ScriptedModel({"find": [last]})
    async with AsyncExitStack() as stack:
        servers = {"hostile": lambda: hostile("works", log)}
        found = await stack.enter_async_context(connectors(tmp_path / "home", story.shelf, servers))
        on = await stack.enter_async_context(stage(tmp_path, model, url=url, limits={"source": found}))
        state = await on.until(task, lambda s: s.phase == "done")
        records = await on.ledger.read(Stream(task))
    assert "threadwork was restarted), so it's unknown whether it took effect" in state.of(FIND).summary
    assert did().count("called delete") == 1
    assert sum(isinstance(r.event, e.CallSent) for r in records) == 1
    (result,) = [r.event.result for r in records if isinstance(r.event, e.ToolReturned)]
    assert result.unknown


async def test_a_step_that_is_stopped_while_a_person_is_asked_cancels_the_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(call_with_questions, "LOOK_SECONDS", 0.05)
    async with AsyncExitStack() as stack:
        story = await told(stack, "asks", tmp_path, use(LOOK), last)
        task = await story.begun()
        await story.on.until(task, lambda s: s.questions and s.of(FIND).status == "parked")
        await story.on.desk.submit(c.Stop(id="s", by=ADA, task=task))
        await until(lambda: story.did() == ['answered {"action": "cancel"}'])


class Parked(NamedTuple):
    """Where a write waits when the hub ends. `presses`: approvals before; `sent`: the server has it by then."""

    behaviour: str
    settings: dict[str, Any]
    presses: int
    sent: bool
    known: bool


PARKED = {
    "an approval": Parked("works", {}, 0, sent=False, known=True),
    "a form of its server": Parked("asks", {}, 1, sent=True, known=False),
    "its owner's look at the answer": Parked(
        "works", {"account": "personal", "owner": ADA.id}, 1, sent=True, known=True
    ),
}


@pytest.mark.parametrize("where", PARKED)
async def test_a_parked_write_is_made_once_or_told_as_unknown_after_a_restart(tmp_path: Path, where: str) -> None:
    it, url, log = PARKED[where], f"sqlite:///{tmp_path}/t.db", tmp_path / "log"
    async with AsyncExitStack() as stack:
        story = await told(stack, it.behaviour, tmp_path, use(DELETE, text="all"), url=url, **it.settings)
        task = await story.begun()
        for _ in range(it.presses):
            await story.decide(task, "approve")
        waits = "questions" if it.presses else "approvals"
        await story.on.until(task, lambda s: s.of(FIND).status == "parked" and bool(getattr(s, waits)))
        assert ("called delete" in story.did()) == it.sent

    async with AsyncExitStack() as stack:
        servers = {"hostile": lambda: hostile("works", log)}
        found = await stack.enter_async_context(
            connectors(tmp_path / "home", story.shelf, servers, hostile=it.settings)
        )
        model = ScriptedModel({"find": [last]})
        on = await stack.enter_async_context(stage(tmp_path, model, url=url, limits={"source": found}))
        state = await on.desk.state(task)
        for name, row in state.approvals.items():
            if row.decision is None:
                yes = Decision(verb="approve")
                await on.desk.submit(c.Decide(id="d", by=ADA, task=task, approval=name, decision=yes))
        for name, asked in state.questions.items():
            answers = {CHOICE: SHOW} if asked.question.kept else {"city": "Ulm", ACTION: SEND}
            await on.desk.submit(c.AnswerQuestion(id="a", by=ADA, task=task, question=name, answers=answers))
        await on.until(task, lambda s: s.phase == "done")
        records = await on.ledger.read(Stream(task))
    assert log.read_text().splitlines().count("called delete") == 1
    (result,) = [r.event.result for r in records if isinstance(r.event, e.ToolReturned)]
    assert (result.ok, result.unknown) == (it.known, not it.known)
