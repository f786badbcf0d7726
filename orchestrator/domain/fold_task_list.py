"""Applies facts to a task's entry in the list of tasks. Pure."""

from orchestrator.domain import events as e
from orchestrator.domain.ids import TaskId
from orchestrator.domain.next_phase import next_phase
from orchestrator.domain.task_list import ListedAsk, TaskEntry

LISTED = (
    e.TaskOpened, e.PlanDrafted, e.PlanStarted, e.PlanningFailed, e.PlanningRetried, e.Replied, e.PersonSaid,
    e.TaskPaused, e.TaskResumed, e.TaskStopped, e.TaskClosed, e.TurnTaken, e.ConversationCompacted,
    e.SubtaskFailed, e.ApprovalRequested, e.ApprovalDecided, e.QuestionAsked, e.QuestionAnswered, e.DeliverableOffered,
    e.DeliverableDecided, e.SkillDrafted, e.SkillSavingFailed,
)  # fmt: skip
"""Facts that may change an entry."""


def next_entry(entry: TaskEntry | None, position: int, record: e.Record) -> TaskEntry | None:
    """Returns the entry after one more fact. Never raises; None until the task was opened."""
    event = record.event
    if isinstance(event, e.TaskOpened):
        request = event.request
        return TaskEntry(
            task=TaskId(record.stream), position=position, changed=position, opened=record.at, by=request.by.id,
            place=request.place,
        )  # fmt: skip
    if entry is None or not isinstance(event, LISTED):
        return entry
    phase, started = next_phase(entry.phase, entry.started, event)
    new = entry.model_copy(
        update={
            "phase": phase,
            "started": started,
            "asks": _asks(entry.asks, event),
            **_spent(entry, event),
        }
    )
    return entry if new == entry else new.model_copy(update={"changed": position})


def _spent(entry: TaskEntry, event: e.Event) -> dict[str, float | int]:
    if not isinstance(event, e.Spends):
        return {}
    return {"cost": entry.cost + event.cost, "unpriced": entry.unpriced + event.usage.unpriced}


def _asks(rows: tuple[ListedAsk, ...], event: e.Event) -> tuple[ListedAsk, ...]:
    match event:
        case e.ApprovalRequested(approval=a):
            return (*_but(rows, "approval", a.id), ListedAsk(kind="approval", id=a.id, subtask=a.subtask))
        case e.QuestionAsked(question=q):
            return (*_but(rows, "question", q.id), ListedAsk(kind="question", id=q.id, subtask=q.subtask))
        case e.DeliverableOffered(deliverable=d):
            new = ListedAsk(kind="file", id=d.id, subtask=d.subtask, name=d.file.name)
            return (*(r for r in _but(rows, "file", d.id) if not _superseded(r, new)), new)
        case e.ApprovalDecided(approval=name):
            return _but(rows, "approval", name)
        case e.QuestionAnswered(question=name):
            return _but(rows, "question", name)
        case e.DeliverableDecided(deliverable=name, verdict=verdict):
            opened = verdict == "changes"
            return tuple(r.model_copy(update={"open": opened}) if (r.kind, r.id) == ("file", name) else r for r in rows)
        case _:
            return rows


def _but(rows: tuple[ListedAsk, ...], kind: str, name: str) -> tuple[ListedAsk, ...]:
    return tuple(r for r in rows if (r.kind, r.id) != (kind, name))


def _superseded(row: ListedAsk, new: ListedAsk) -> bool:
    return row.kind == "file" and row.open and (row.subtask, row.name) == (new.subtask, new.name)
