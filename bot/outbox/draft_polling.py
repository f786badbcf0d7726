"""Reads along what models write, at a pace at which cards can be edited."""

from collections.abc import Callable

from bot.outbox.monotonic_clock import Ticks
from orchestrator.desk import Desk
from orchestrator.domain.ids import TaskId

EVERY, LEAST_APART = 1.0, 0.2
"""Seconds between two looks at a task, and at least between two tasks."""


async def poll_drafts(desk: Desk, look: Callable[[TaskId], None], ticks: Ticks) -> None:
    """Calls `look` for each task whose drafts have changed, about once a second; for many tasks in turn. Runs until
    canceled."""
    async for tasks in desk.draft_changes():
        for task in sorted(tasks):
            look(task)
            await ticks.sleep(max(LEAST_APART, EVERY / len(tasks)))
