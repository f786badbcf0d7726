"""Commands become one fact, or a refusal in words; the fold survives what a race can bring."""

from collections.abc import Sequence

import pytest
from pydantic import JsonValue

from orchestrator.command_rules import fact_of
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Approval, Decision
from orchestrator.domain.fold import replay
from orchestrator.domain.ids import ApprovalId, CallId, Key, Stream, SubtaskId, TaskId
from orchestrator.domain.model_messages import Reply
from orchestrator.domain.next_moves import Begin, ready
from orchestrator.domain.people import Person, Place, Request
from orchestrator.domain.plan import Plan, Subtask
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import Effect
from orchestrator.errors import BadPlan, NotAllowed, Refused, Stale
from tests.memory_hub import ADA, BOB, NOON

TASK = TaskId("t")
A, B = SubtaskId("a"), SubtaskId("b")
PLAN = Plan(
    title="P",
    subtasks=(
        Subtask(id=A, title="A", instructions="a", agent="browser"),
        Subtask(id=B, title="B", instructions="b", agent="document", fed_by=(A,)),
    ),
)
OPENED = e.TaskOpened(request=Request(text="x", by=ADA, place=Place(platform="web", channel="c", thread="1")))
STARTED = (OPENED, e.PlanDrafted(plan=PLAN, version=1), e.PlanStarted(version=1, by=ADA))


def after(*events: e.Event) -> TaskState:
    rows: Sequence[e.Record] = [
        e.Record(Stream(TASK), i, Key(str(i)), NOON, event) for i, event in enumerate(events, 1)
    ]
    return replay(TASK, rows)


def approval(*effects: Effect) -> e.ApprovalRequested:
    return e.ApprovalRequested(
        approval=Approval(
            id=ApprovalId("p"),
            subtask=A,
            call=CallId("a.1.1.0"),
            tool="t",
            args={},
            fingerprint="f",
            effects=frozenset(effects),
        )
    )


def test_feeders_and_the_fed_start_together() -> None:
    assert ready(after(*STARTED), NOON) == [Begin(A, 1, 1), Begin(B, 1, 1)]


def test_a_second_start_of_the_same_plan_is_stale() -> None:
    with pytest.raises(Stale):
        fact_of(c.StartPlan(id="1", by=BOB, task=TASK, base=1), after(*STARTED), NOON, ["browser"])


def test_an_edit_may_not_touch_what_has_begun() -> None:
    state = after(*STARTED, e.SubtaskStarted(subtask=A, attempt=1, leg=1, host="h"))
    without = Plan(title="P", subtasks=(PLAN.subtasks[1].model_copy(update={"fed_by": ()}),))
    with pytest.raises(BadPlan, match="'A' has started"):
        fact_of(c.EditPlan(id="1", by=ADA, task=TASK, plan=without, base=1), state, NOON, ["browser", "document"])


def test_a_guest_and_a_bot_decide_nothing() -> None:
    state = after(*STARTED, approval(Effect.NETWORK_READ))
    guest = Person(id=BOB.id, name="G", kind="guest")
    press = c.Decide(id="1", by=guest, task=TASK, approval=ApprovalId("p"), decision=Decision(verb="approve"))
    with pytest.raises(NotAllowed):
        fact_of(press, state, NOON, [])


def test_what_goes_out_is_never_approved_for_the_whole_task() -> None:
    state = after(*STARTED, approval(Effect.NETWORK_SEND))
    every = Decision(verb="approve-for-task")
    with pytest.raises(NotAllowed):
        fact_of(c.Decide(id="1", by=ADA, task=TASK, approval=ApprovalId("p"), decision=every), state, NOON, [])


def test_a_rejection_needs_a_reason() -> None:
    state = after(*STARTED, approval(Effect.NETWORK_SEND))
    no = Decision(verb="reject", reason=" ")
    with pytest.raises(Refused, match="why"):
        fact_of(c.Decide(id="1", by=ADA, task=TASK, approval=ApprovalId("p"), decision=no), state, NOON, [])


def test_an_edited_call_that_the_tool_cannot_take_is_refused_and_decides_nothing() -> None:
    asked = approval(Effect.NETWORK_READ)
    schema: dict[str, JsonValue] = {
        "type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"], "additionalProperties": False,
    }  # fmt: skip
    asked = asked.model_copy(update={"approval": asked.approval.model_copy(update={"parameters": schema})})
    state = after(*STARTED, asked)

    def press(args: dict[str, JsonValue]) -> c.Decide:
        edit = Decision(verb="edit", args=args)
        return c.Decide(id="1", by=ADA, task=TASK, approval=ApprovalId("p"), decision=edit)

    with pytest.raises(Refused, match="doesn't fit 't'"):
        fact_of(press({"nope": 1}), state, NOON, [])
    with pytest.raises(Refused, match="url: 1 is not of type"):
        fact_of(press({"url": 1}), state, NOON, [])
    assert fact_of(press({"url": "http://a.test"}), state, NOON, []).event


def test_two_pauses_at_once_leave_a_task_that_resumes() -> None:
    state = after(*STARTED, e.TaskPaused(by=ADA), e.TaskPaused(by=BOB), e.TaskResumed(by=ADA))
    assert state.phase == "running"


def test_the_last_words_of_an_earlier_attempt_change_nothing() -> None:
    turn = e.TurnTaken(subtask=A, attempt=1, turn=9, saw=0, reply=Reply(text="late"), model="m")
    begun = e.SubtaskStarted(subtask=A, attempt=1, leg=1, host="h")
    state = after(*STARTED, begun, e.SubtaskRetried(subtask=A, attempt=2, by=ADA), turn)
    assert (state.of(A).status, state.of(A).attempt, state.of(A).said) == ("retrying", 2, "")
