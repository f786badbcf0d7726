"""The fold: facts in, state out. Pure; the same facts give the same state on every machine.

Three small folds handle the task, one of its subtasks, and checkpoints.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Literal, assert_never

from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Decision
from orchestrator.domain.broken_tasks import set_aside
from orchestrator.domain.deliverables import Deliverable
from orchestrator.domain.fold_skills import with_saving, with_skill
from orchestrator.domain.fold_takeover import at_page, with_takeover
from orchestrator.domain.fold_turn_cost import of_step, spent
from orchestrator.domain.ids import ApprovalId, SubtaskId, TaskId
from orchestrator.domain.next_phase import next_phase, reopens, replans
from orchestrator.domain.people import Person
from orchestrator.domain.task import Answered, Decided, Reviewed, Shared, Status, TaskState, ThreadLine

UNKNOWN = "{!r} was interrupted, so it's unclear whether it took effect. The agent will check before repeating it."
"""Shown to people, who should know about an unknown outcome."""


def replay(task: TaskId, records: Iterable[e.Record], state: TaskState | None = None) -> TaskState:
    """Returns the state after `records`, from nothing or from an earlier state of the same task."""
    current = state or TaskState(task)
    for record in records:
        current = apply(current, record)
    return current


def apply(state: TaskState, record: e.Record) -> TaskState:
    """Returns the state after one more fact. Never raises: one that doesn't fit sets its task aside, and no other."""
    if state.set_aside:
        return replace(state, seq=record.seq)
    phase, started = next_phase(state.phase, state.started, record.event)
    try:
        return replace(_apply(spent(state, record), record), seq=record.seq, phase=phase, started=started)
    except Exception as error:  # noqa: BLE001  (whatever is wrong with it, every other task goes on)
        return set_aside(state, record, error)


def _apply(state: TaskState, record: e.Record) -> TaskState:
    event = record.event
    match event:
        case (
            e.TaskOpened()
            | e.PlanDrafted()
            | e.PlanStarted()
            | e.PlanningFailed()
            | e.PlanningRetried()
            | e.Replied()
            | e.PersonSaid()
            | e.PersonRemarked()
            | e.TaskPaused()
            | e.TaskResumed()
            | e.TaskStopped()
            | e.TaskClosed()
            | e.Noted()
        ):
            return _of_task(state, record, event)
        case (
            e.SubtaskStarted() | e.TurnTaken() | e.ConversationCompacted() | e.ToolReturned() | e.SubtaskParked()
            | e.SkillUsed() | e.AgentUsed() | e.SubtaskFinished() | e.SubtaskFailed() | e.SubtaskRetried()
            | e.SubtaskSkipped()
        ):  # fmt: skip
            return _of_subtask(state, record, event)
        case e.CallSent() | e.SkillsListed() | e.InSkillRoom() | e.ClientTokenAdded() | e.ClientTokenRemoved():
            return state
        case e.FindingShared(finding=finding):
            return replace(state, board=(*state.board, Shared(record.seq, record.at, finding)))
        case (
            e.ApprovalRequested()
            | e.ApprovalDecided()
            | e.QuestionAsked()
            | e.QuestionAnswered()
            | e.DeliverableOffered()
            | e.DeliverableDecided()
        ):
            return _of_checkpoint(state, record, event)
        case e.TakeoverStarted() | e.TakeoverEnded() | e.DomainAllowed():
            return at_page(state, record, event)
        case e.OfSavedSkill():
            return with_saving(state, record, event)
        case e.PersonInvited() | e.PersonRemoved() | e.LinkUsed() | e.SessionOpened() | e.SessionEnded():
            return state
        case e.PrivateTaskSeen() | e.ChannelOpened() | e.MessagePosted() | e.InboxSummed() | e.Told() | e.PlaceLost():
            return state
        case e.Heard() | e.Acted() | e.TaskPlaced() | e.ItemPosting() | e.ItemPosted() | e.ItemShown() | e.ItemLost():
            return state
        case e.Unreadable(problem=problem):
            raise ValueError(problem)
        case _:
            assert_never(event)


OfTask = (
    e.TaskOpened | e.PlanDrafted | e.PlanStarted | e.PlanningFailed | e.PlanningRetried | e.Replied | e.PersonSaid
    | e.PersonRemarked | e.TaskPaused | e.TaskResumed | e.TaskStopped | e.TaskClosed | e.Noted
)  # fmt: skip
OfSubtask = (
    e.SubtaskStarted | e.TurnTaken | e.ConversationCompacted | e.ToolReturned | e.SubtaskParked | e.SubtaskFinished
    | e.SubtaskFailed | e.SubtaskRetried | e.SubtaskSkipped | e.SkillUsed | e.AgentUsed
)  # fmt: skip
_MOVES = (e.SubtaskStarted, e.SubtaskParked, e.SubtaskFinished, e.SubtaskFailed)
OfCheckpoint = (
    e.ApprovalRequested | e.ApprovalDecided | e.QuestionAsked | e.QuestionAnswered | e.DeliverableOffered
    | e.DeliverableDecided
)  # fmt: skip


def _of_task(state: TaskState, record: e.Record, event: OfTask) -> TaskState:
    at = record.at
    match event:
        case e.TaskOpened(request=request, rehearsal=rehearsal, trial=trial):
            return replace(state, request=request, rehearsal=rehearsal, trial=trial, opened=at)
        case e.PlanDrafted(plan=plan, version=version, by=by):
            kept = {s.id: state.of(s.id) for s in plan.subtasks}
            made = replace(state, plan=plan, version=version, subtasks=kept)
            return replace(made, planned_by=by, planned_at=at)
        case e.PlanningFailed(problem=problem):
            return _line(state, record, None, problem, level="error")
        case e.PlanningRetried(round=number, by=by):
            return replace(state, rounds=number, moved_by=by)
        case e.Replied(text=text):
            return _line(state, record, None, text)
        case e.PersonSaid(by=by, text=text, files=files, subtask=subtask, background=background):
            heard = replace(_next_round(state), moved_by=by) if replans(state.phase, event) else state
            line = ThreadLine(record.seq, at, by, text, "said", files, subtask, background)
            passed_on = [one for one in heard.remarks if not (one.by and one.by.id == by.id and one.text == text)]
            return replace(heard, lines=(*heard.lines, line), remarks=tuple(passed_on))
        case e.PersonRemarked(by=by, text=text, files=files):
            return replace(state, remarks=(*state.remarks, ThreadLine(record.seq, at, by, text, files=files)))
        case e.PlanStarted(by=by) | e.TaskPaused(by=by) | e.TaskResumed(by=by):
            return replace(state, moved_by=by)
        case e.TaskStopped(by=by):
            idle = {name: replace(s, doing=(), takeover_by=None) for name, s in state.subtasks.items()}
            return replace(state, closed=at, subtasks=idle, words="Stopped.", moved_by=by)
        case e.TaskClosed(outcome=outcome, words=words):
            # An answer to a question after the end goes to the thread; what was made stays the headline.
            result = words if outcome == "done" else state.result
            return replace(state, words=result or words, result=result, closed=state.closed or at)
        case e.Noted(text=text, level=level, subtask=subtask):
            return _line(state, record, None, text, level=level, subtask=subtask)
        case _:
            assert_never(event)


def _of_subtask(state: TaskState, record: e.Record, event: OfSubtask) -> TaskState:
    old, at = state.of(event.subtask), record.at
    if state.plan is not None and state.plan.subtask(event.subtask) is None:
        return state  # it was removed from the plan while its last words were on their way
    if not isinstance(event, e.SubtaskSkipped) and event.attempt < old.attempt:
        return state  # an earlier attempt's last words
    if old.status == "skipped" and isinstance(event, _MOVES):
        return state  # it was skipped while its agent started or ended: people's decision stands
    match event:
        case e.SubtaskStarted(attempt=attempt, leg=leg, host=host):
            new = replace(
                old, status="running", attempt=attempt, leg=leg, host=host, waits=None, problem="",
                started=old.started or at, ended=None, ended_at=None,
            )  # fmt: skip
        case e.TurnTaken(turn=turn, saw=saw, reply=reply, model=model):
            said = reply.text or old.said
            new = replace(of_step(old, event), saw=saw, turns=turn, doing=reply.calls, said=said, model=model)
        case e.ConversationCompacted():
            new = of_step(old, event)
        case e.ToolReturned(call=call, tool=tool, result=result):
            if result.unknown:
                state = _line(state, record, None, UNKNOWN.format(tool), level="warning", subtask=event.subtask)
            new = replace(
                old,
                doing=tuple(one for one in old.doing if one.id != call),
                picture=result.picture or old.picture,
                labels=old.labels | result.labels,
            )
        case e.SkillUsed(skill=skill):
            new = with_skill(old, skill)
        case e.AgentUsed(agent=agent, policy=policy):
            new = replace(old, agent=agent, policy=policy)
        case e.SubtaskParked(waits=waits):
            new = replace(old, status="parked", waits=waits, ended=at)
        case e.SubtaskFinished(summary=summary):
            state = _unheeded(state, event.subtask, old.saw)
            status = _after_work(state, event.subtask)
            new = replace(old, status=status, summary=summary, doing=(), ended=at, ended_at=record.seq)
        case e.SubtaskFailed(problem=problem):
            new = replace(of_step(old, event), status="failed", problem=problem, doing=(), waits=None, ended=at)
        case e.SubtaskRetried(attempt=attempt, model=model, by=by):
            new = replace(old, status="retrying", attempt=attempt, leg=0, turns=0, waits=None, doing=(), ended=None,
                          ended_at=None, skills=(), agent=None, policy=(), override=model or old.override,
                          moved_by=by)  # fmt: skip
        case e.SubtaskSkipped(by=by):
            new = replace(old, status="skipped", doing=(), waits=None, ended=at, ended_at=record.seq, moved_by=by)
        case _:
            assert_never(event)
    if new.takeover_by is not None and new.status not in ("running", "parked"):
        new = replace(new, takeover_by=None)
    return replace(state, subtasks={**state.subtasks, event.subtask: new})


def _of_checkpoint(state: TaskState, record: e.Record, event: OfCheckpoint) -> TaskState:
    match event:
        case e.ApprovalRequested(approval=approval):
            return replace(state, approvals={**state.approvals, approval.id: Decided(approval, since=record.at)})
        case e.ApprovalDecided(approval=name, decision=decision, by=by):
            return _decide(state, record, name, decision, by)
        case e.QuestionAsked(question=question):
            return replace(state, questions={**state.questions, question.id: Answered(question, since=record.at)})
        case e.QuestionAnswered(question=name, answers=answers, by=by):
            row = replace(state.questions[name], answers=answers, by=by, at=record.at)
            state = replace(state, questions={**state.questions, name: row})
            if row.question.page and row.question.subtask:
                state = with_takeover(state, row.question.subtask, None)
            return replace(state, rounds=state.rounds + 1) if row.question.subtask is None else state
        case e.DeliverableOffered(deliverable=deliverable):
            rows = {n: _superseded(r, deliverable) for n, r in state.deliverables.items()}
            new = Reviewed(deliverable, seq=record.seq, since=record.at)
            return replace(state, deliverables={**rows, deliverable.id: new})
        case e.DeliverableDecided():
            return _review(state, record, event)
        case _:
            assert_never(event)


def _decide(state: TaskState, record: e.Record, name: ApprovalId, decision: Decision, by: Person) -> TaskState:
    approval = state.approvals[name].approval
    row = replace(state.approvals[name], decision=decision, by=by, at=record.at)
    state = replace(state, approvals={**state.approvals, name: row})
    if decision.verb != "approve-for-task":
        return state
    if approval.login:
        return replace(state, logins=state.logins | approval.uses)
    if approval.target:
        return replace(state, domains=state.domains.union(approval.target.split(", ")))
    return replace(state, allowed=state.allowed | {approval.scope or approval.fingerprint})


def _review(state: TaskState, record: e.Record, event: e.DeliverableDecided) -> TaskState:
    row = state.deliverables[event.deliverable]
    new = replace(
        row,
        verdict=event.verdict,
        seq=record.seq,
        by=event.by,
        text=event.text,
        at=record.at,
        replacement=event.file,
    )
    state = replace(state, deliverables={**state.deliverables, event.deliverable: new})
    subtask = row.deliverable.subtask
    if reopens(state.phase, event):
        state = _next_round(state)
    old = state.of(subtask)
    if old.status not in ("review", "done", "revising"):
        return state  # still running: the agent hears about it before its next turn
    return replace(state, subtasks={**state.subtasks, subtask: replace(old, status=_after_work(state, subtask))})


def _next_round(state: TaskState) -> TaskState:
    """Another round of planning or work starts: a task that had ended continues."""
    return replace(state, rounds=state.rounds + 1, closed=None, words="")


def _after_work(state: TaskState, subtask: SubtaskId) -> Status:
    """Returns a subtask's status once its agent has ended: people may still want to review, or want changes."""
    verdicts = {r.verdict for r in state.deliverables.values() if r.deliverable.subtask == subtask}
    return "revising" if "changes" in verdicts else "review" if "waiting" in verdicts else "done"


def _unheeded(state: TaskState, subtask: SubtaskId, saw: int) -> TaskState:
    """Returns change requests that the agent has heard and not answered with a new file to the person."""
    rows = {
        name: replace(row, verdict="waiting")
        if row.deliverable.subtask == subtask and row.verdict == "changes" and row.seq <= saw
        else row
        for name, row in state.deliverables.items()
    }
    return replace(state, deliverables=rows)


def _superseded(row: Reviewed, newer: Deliverable) -> Reviewed:
    same = row.deliverable.file.name == newer.file.name and row.deliverable.subtask == newer.subtask
    return replace(row, verdict="superseded") if same and row.verdict in ("waiting", "changes") else row


def _line(
    state: TaskState,
    record: e.Record,
    by: Person | None,
    text: str,
    *,
    level: Literal["said", "info", "warning", "error"] = "said",
    subtask: SubtaskId | None = None,
) -> TaskState:
    line = ThreadLine(record.seq, record.at, by, text, level, subtask=subtask)
    return replace(state, lines=(*state.lines, line))
