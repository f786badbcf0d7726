"""The list of tasks: one short entry per task, which the ledger keeps beside the facts. Pure.

The ledger updates an entry in the transaction that writes the fact, so the list is never behind. It answers which
tasks are unfinished, whose they are and where, without reading the facts of tasks that ended long ago.
"""

from datetime import datetime
from typing import Literal

from pydantic import TypeAdapter

from orchestrator.domain import events as e
from orchestrator.domain.ids import PersonId, SubtaskId, TaskId
from orchestrator.domain.people import Place
from orchestrator.domain.phases import FINAL, Phase, next_phase
from orchestrator.domain.value import Value

LISTED = (
    e.TaskOpened, e.PlanDrafted, e.PlanStarted, e.PlanningFailed, e.PlanningRetried, e.Replied, e.PersonSaid,
    e.TaskPaused, e.TaskResumed, e.TaskStopped, e.TaskClosed, e.TurnTaken, e.ApprovalRequested, e.ApprovalDecided,
    e.QuestionAsked, e.QuestionAnswered, e.DeliverableOffered, e.DeliverableDecided,
)  # fmt: skip
"""Facts that may change an entry."""
LAST = 2**63 - 1
"""A position past every record."""


class ListedAsk(Value):
    """Something people decide about: an approval, a question or a file. `name`: of the file.

    `open`: no person has decided, or a person asked for changes. Only files stay listed once they are decided.
    """

    kind: Literal["approval", "question", "file"]
    id: str
    subtask: SubtaskId | None = None
    name: str = ""
    open: bool = True


class TaskEntry(Value):
    """A task in the list. `position` and `changed`: the ledger's positions at which it was opened and last changed.

    `cost` in US dollars, of every model turn. `asks` also holds what the agents of ended attempts asked.
    """

    task: TaskId
    position: int
    changed: int
    opened: datetime
    by: PersonId
    place: Place
    phase: Phase = "planning"
    started: bool = False
    asks: tuple[ListedAsk, ...] = ()
    cost: float = 0.0

    @property
    def unfinished(self) -> bool:
        return self.phase not in FINAL

    @property
    def undecided(self) -> tuple[ListedAsk, ...]:
        """What no person has decided about."""
        return tuple(ask for ask in self.asks if ask.open)


class Tally(Value):
    """How many tasks there are, how many of them are unfinished, and what they cost in US dollars."""

    tasks: int = 0
    unfinished: int = 0
    cost: float = 0.0


ENTRY: TypeAdapter[TaskEntry] = TypeAdapter(TaskEntry)


class TaskQuery(Value):
    """Which entries: each field that is set narrows the list. Newest first, at most `most` (None: all).

    `before`: opened before that position, for the next page. `undecided`: with something undecided.
    """

    unfinished: bool = False
    undecided: bool = False
    by: PersonId | None = None
    platform: str | None = None
    channel: str | None = None
    before: int = LAST
    most: int | None = 200

    def takes(self, entry: TaskEntry) -> bool:
        """Whether the entry is asked for; `most` aside."""
        return (
            (entry.unfinished or not self.unfinished)
            and (bool(entry.undecided) or not self.undecided)
            and self.by in (None, entry.by)
            and self.platform in (None, entry.place.platform)
            and self.channel in (None, entry.place.channel)
            and entry.position < self.before
        )


def next_entry(entry: TaskEntry | None, position: int, record: e.Record) -> TaskEntry | None:
    """Returns the entry after one more fact. Never raises; None as long as the task was not opened."""
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
            "cost": entry.cost + _cost(event),
        }
    )
    return entry if new == entry else new.model_copy(update={"changed": position})


def _cost(event: e.Event) -> float:
    return event.cost if isinstance(event, (e.TurnTaken, e.PlanDrafted, e.Replied)) else 0.0


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
