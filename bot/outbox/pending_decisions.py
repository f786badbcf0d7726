"""What waits for the person who asked, since when, and when to remind them of it. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from bot.cards.checkpoints import checkpoints
from orchestrator.domain.ids import ApprovalId, DeliverableId, QuestionId
from orchestrator.domain.task import TaskState

_SATURDAY = 5


class Wait(NamedTuple):
    """Something a person has to decide. `until`: when that happened; None while it waits."""

    id: str
    title: str
    since: datetime
    until: datetime | None


def open_waits(state: TaskState) -> tuple[Wait, ...]:
    """Returns everything that waits now, in the order in which it began."""
    rows = [wait for wait in _checkpoints(state) if wait.until is None] if state.phase != "stopped" else []
    if state.phase == "review" and state.plan and state.planned_at:
        rows.append(Wait(f"plan/{state.version}", f"Start the plan “{state.plan.title}”", state.planned_at, None))
    errors = [line for line in state.lines if line.level == "error" and line.subtask is None]
    if state.phase == "stuck" and errors:
        rows.append(Wait(f"stuck/{state.rounds}", "Planning failed: try again", errors[-1].at, None))
    for name, now in state.subtasks.items():
        if state.phase == "running" and now.status == "failed" and now.ended:
            rows.append(Wait(f"failed/{name}/{now.attempt}", f"{state.title_of(name)} failed", now.ended, None))
    return tuple(sorted(rows, key=lambda wait: wait.since))


def first_of_each(state: TaskState) -> frozenset[str]:
    """Returns the checkpoints that began to wait while nothing else did. What comes later doesn't change them."""
    rows = list(_checkpoints(state))
    found: set[str] = set()
    for at, wait in enumerate(rows):
        others = (other for n, other in enumerate(rows) if (other.since, n) < (wait.since, at))
        if all(other.until is not None and other.until <= wait.since for other in others):
            found.add(wait.id)
    return frozenset(found)


def reminder_at(since: datetime) -> datetime:
    """Returns when it has waited for a working day: the same time on the next weekday (UTC)."""
    return _weekday(_weekday(since) + timedelta(days=1))


def _weekday(at: datetime) -> datetime:
    while at.weekday() >= _SATURDAY:
        at += timedelta(days=1)
    return at


def _checkpoints(state: TaskState) -> Iterator[Wait]:
    for point in checkpoints(state):
        row = (
            state.approvals.get(ApprovalId(point.id))
            or state.questions.get(QuestionId(point.id))
            or state.deliverables.get(DeliverableId(point.id))
        )
        if row is not None and row.since is not None:
            yield Wait(point.id, point.title, row.since, row.at if point.decided else None)
