"""Facts of a small task, by hand and made up by hypothesis."""

from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from bot.buttons.press import VERBS
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Approval, Ask, Decision, Question, Waits
from orchestrator.domain.deliverables import Check, Deliverable
from orchestrator.domain.findings import Finding, Source
from orchestrator.domain.fold import apply
from orchestrator.domain.ids import (
    ApprovalId,
    CallId,
    DeliverableId,
    FindingId,
    Key,
    PersonId,
    QuestionId,
    Sha,
    Stream,
    SubtaskId,
    TaskId,
)  # fmt: skip
from orchestrator.domain.model_messages import Reply
from orchestrator.domain.people import FileRef, Person, Place, Request
from orchestrator.domain.plan import Plan, Subtask
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import Call, CallResult

ADA = Person(id=PersonId("web:ada"), name="Ada")
TASK = TaskId("t1")
READ, SHEET, SUM = SubtaskId("read"), SubtaskId("sheet"), SubtaskId("sum")
START = datetime(2026, 1, 5, 9, tzinfo=UTC)


def a_file(name: str) -> FileRef:
    return FileRef(name=name, sha=Sha(name.encode().hex().ljust(64, "0")), size=10)


def a_plan() -> Plan:
    return Plan(
        title="Report",
        subtasks=(
            Subtask(id=READ, title="Read", agent="browser", instructions="read"),
            Subtask(id=SHEET, title="Sheet", agent="document", instructions="write", fed_by=(READ,)),
            Subtask(id=SUM, title="Summary", agent="document", instructions="sum up", after=(SHEET,)),
        ),
    )


def replayed(*events: e.Event) -> TaskState:
    state = TaskState(TASK)
    for number, event in enumerate(events, 1):
        record = e.Record(Stream(TASK), number, Key(f"k{number}"), START + timedelta(seconds=number), event)
        state = apply(state, record)
    return state


def opened() -> e.TaskOpened:
    place = Place(platform="web", channel="general", thread="t1")
    return e.TaskOpened(request=Request(text="Make a report", by=ADA, place=place, files=(a_file("in.csv"),)))


def called(tool: str, name: SubtaskId = READ, **args: str) -> e.TurnTaken:
    reply = Reply(calls=(Call(id=CallId("c1"), tool=tool, args=dict(args)),))
    return e.TurnTaken(subtask=name, attempt=1, turn=1, saw=3, reply=reply, model="m", cost=0.5)


def approval(name: str = "A") -> e.ApprovalRequested:
    return e.ApprovalRequested(
        approval=Approval(
            id=ApprovalId(name), subtask=READ, call=CallId("c1"), tool="browser_open", args={"url": "http://x.example"},
            fingerprint="f", effects=frozenset(), target="x.example",
        )
    )  # fmt: skip


def question(name: str = "Q", subtask: SubtaskId | None = READ) -> e.QuestionAsked:
    fields = (Ask(name="a", label="Which?"),)
    return e.QuestionAsked(question=Question(id=QuestionId(name), subtask=subtask, text="Which one?", fields=fields))


def offered(name: str = "D", version: int = 1, subtask: SubtaskId = SHEET) -> e.DeliverableOffered:
    return e.DeliverableOffered(
        deliverable=Deliverable(
            id=DeliverableId(name), subtask=subtask, file=a_file(f"report-{version}.xlsx"), version=version,
            checks=(Check(name="opens", ok=False, words="it does not open"),),
        )
    )  # fmt: skip


def finding(name: str = "F", supersedes: str | None = None) -> e.FindingShared:
    return e.FindingShared(
        finding=Finding(
            id=FindingId(name), by=READ, kind="price", value=49, source=Source(url="http://x.example", quote="$49"),
            supersedes=FindingId(supersedes) if supersedes else None,
        )
    )  # fmt: skip


def started(name: SubtaskId = READ) -> e.SubtaskStarted:
    return e.SubtaskStarted(subtask=name, attempt=1, leg=1, host="laptop")


RUNNING = (opened(), e.PlanDrafted(plan=a_plan(), version=1), e.PlanStarted(version=1, by=ADA), started())

_subtasks = st.sampled_from([READ, SHEET, SUM, SubtaskId("gone")])
_words = st.text(max_size=30)
_waits = st.sampled_from([
    Waits(approvals=(ApprovalId("A"),)), Waits(questions=(QuestionId("Q"),)), Waits(findings_after=1),
    Waits(paused=True), Waits(),
])  # fmt: skip
EVENTS = st.one_of(
    st.just(opened()),
    st.builds(lambda v: e.PlanDrafted(plan=a_plan(), version=v), st.integers(1, 5)),
    st.just(e.PlanStarted(version=1)),
    st.builds(lambda p: e.PlanningFailed(problem=p, round=1), _words),
    st.just(e.PlanningRetried(by=ADA, round=2)),
    st.builds(lambda t: e.Replied(text=t), _words),
    st.builds(lambda t: e.PersonRemarked(by=ADA, text=t), _words),
    st.builds(lambda t, s: e.PersonSaid(by=ADA, text=t, subtask=s, files=(a_file("said.csv"),)), _words,
              st.none() | _subtasks),
    st.sampled_from([e.TaskPaused(by=ADA), e.TaskResumed(by=ADA), e.TaskStopped(by=ADA)]),
    st.builds(lambda w, o: e.TaskClosed(outcome=o, words=w), _words, st.sampled_from(["done", "answered"])),
    st.builds(lambda t, s, lv: e.Noted(text=t, subtask=s, level=lv), _words, st.none() | _subtasks,
              st.sampled_from(["info", "warning", "error"])),
    st.builds(lambda s: started(s), _subtasks),
    st.builds(lambda s, t, a: called(t, s, url=a, path=a, cell=a), _subtasks,
              st.sampled_from(["browser_open", "sheet_write", "unheard_of"]), _words),
    st.builds(lambda s, ok: e.ToolReturned(subtask=s, attempt=1, call=CallId("c1"), tool="browser_open",
                                           result=CallResult(ok=ok, text="x", picture=a_file("p.jpg"))),
              _subtasks, st.booleans()),
    st.builds(lambda s, w: e.SubtaskParked(subtask=s, attempt=1, leg=1, waits=w), _subtasks, _waits),
    st.builds(lambda s, w: e.SubtaskFinished(subtask=s, attempt=1, leg=1, summary=w), _subtasks, _words),
    st.builds(lambda s, w: e.SubtaskFailed(subtask=s, attempt=1, problem=w, again=False), _subtasks, _words),
    st.builds(lambda s: e.SubtaskRetried(subtask=s, attempt=2, by=ADA), _subtasks),
    st.builds(lambda s: e.SubtaskSkipped(subtask=s, by=ADA), _subtasks),
    st.sampled_from([finding("F1"), finding("F2", "F1")]),
    st.sampled_from([approval("A"), approval("B"), question("Q"), question("P", None)]),
    st.builds(lambda n, v: offered(n, v), st.sampled_from(["D", "E"]), st.integers(1, 3)),
    st.builds(lambda n, v: e.ApprovalDecided(approval=ApprovalId(n), by=ADA, decision=Decision(verb=v, reason="r")),
              st.sampled_from(["A", "B"]), st.sampled_from(sorted(VERBS))),
    st.builds(lambda n: e.QuestionAnswered(question=QuestionId(n), answers={"a": "x"}, by=ADA),
              st.sampled_from(["Q", "P"])),
    st.builds(lambda n, v: e.DeliverableDecided(deliverable=DeliverableId(n), verdict=v, by=ADA, text="t",
                                                file=a_file("own.xlsx") if v == "replaced" else None),
              st.sampled_from(["D", "E"]), st.sampled_from(["approved", "changes", "replaced"])),
)  # fmt: skip
