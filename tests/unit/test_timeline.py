"""The timeline tells each thing once, and nothing empty."""

from datetime import datetime

from bot.cards.card_projection import project
from bot.cards.timeline import moments, told
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Waits
from orchestrator.domain.ids import ApprovalId, CallId, Key, Stream
from orchestrator.domain.model_messages import Reply
from orchestrator.domain.tool_calls import CallResult
from tests.unit.task_facts import READ, RUNNING, START, TASK, called, replayed

PARKED = e.SubtaskParked(subtask=READ, attempt=1, leg=1, waits=Waits(approvals=(ApprovalId("A"),)))


def texts(*events: e.Event) -> list[str]:
    found = moments(e.Record(Stream(TASK), n, Key(f"k{n}"), START, event) for n, event in enumerate(events, 1))
    return [m.text for m in told(found)]


def returned(*, ok: bool) -> e.ToolReturned:
    result = CallResult(ok=ok, text="It is gone.")
    return e.ToolReturned(subtask=READ, attempt=1, call=CallId("c1"), tool="browser_open", result=result)


def said(text: str) -> e.TurnTaken:
    return e.TurnTaken(subtask=READ, attempt=1, turn=2, saw=3, reply=Reply(text=text), model="m", cost=0)


def test_a_call_is_told_once_and_again_only_when_it_failed() -> None:
    page = called("browser_open", url="http://northwind.example/pricing")
    assert texts(page, returned(ok=True)) == ["Reading northwind.example/pricing"]
    assert texts(page, returned(ok=False))[1:] == ["Reading: It is gone."]


def test_the_last_words_are_told_once() -> None:
    end = e.SubtaskFinished(subtask=READ, attempt=1, leg=1, summary="Price found.")
    assert texts(said("Price found."), end) == ["Finished: Price found."]
    assert texts(said("Nearly there."), end) == ["Nearly there.", "Finished: Price found."]
    assert texts(said("Price found.")) == ["Price found."]


def test_the_clock_of_a_step_stands_while_it_waits_and_runs_again_with_it() -> None:
    parked: datetime | None = project(replayed(*RUNNING, PARKED)).rows[0].ended
    assert parked is not None
    again = e.SubtaskStarted(subtask=READ, attempt=1, leg=2, host="laptop")
    assert project(replayed(*RUNNING, PARKED, again)).rows[0].ended is None
