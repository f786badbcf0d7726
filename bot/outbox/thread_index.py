"""Finds the task of a platform's thread: the newest threads in memory, all of them in the ledger."""

from bot.outbox.lru_dict import RecentDict
from orchestrator.desk import Desk
from orchestrator.domain import events as e
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Place

MOST = 2000
"""Threads in memory."""


class Threads:
    """Each thread has a small room, whose facts are its tasks in the order they came."""

    def __init__(self, desk: Desk, platform: str) -> None:
        self._desk = desk
        self._platform = platform
        self._recent: RecentDict[tuple[str, str], TaskId] = RecentDict(MOST)

    def recent(self, place: Place) -> TaskId | None:
        """Returns the newest task of that thread, if it is in memory, as it is right after it was opened."""
        return self._recent.get((place.channel, place.thread))

    async def task_at(self, place: Place) -> TaskId | None:
        """Returns the newest task of that thread. Raises LedgerFailed."""
        if not place.thread or self.recent(place):
            return self.recent(place)
        records = await self._desk.room(self._room(place))
        tasks = [r.event.task for r in records if isinstance(r.event, e.TaskPlaced)]
        if tasks and self.recent(place) is None:  # or a task was opened there in the meantime
            self.opened(tasks[-1], place)
        return self.recent(place)

    def opened(self, task: TaskId, place: Place) -> None:
        """A task has started there: known at once, stored by `keep`."""
        self._recent.put((place.channel, place.thread), task)

    async def keep(self, task: TaskId, place: Place) -> None:
        """Records that the task lives there; changes nothing if that is already recorded."""
        if place.thread:
            await self._desk.note(self._room(place), task, e.TaskPlaced(task=task))

    def _room(self, place: Place) -> str:
        return f"{self._platform}/threads/{place.channel}/{place.thread}"
