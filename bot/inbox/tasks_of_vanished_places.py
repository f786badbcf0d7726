"""Finds the unfinished tasks of a channel or thread that no longer exists, or that the bot was removed from."""

from collections.abc import Awaitable, Callable

from bot.chat_platform import Vanished
from bot.outbox.thread_index import Threads
from orchestrator.desk import Desk
from orchestrator.domain.ids import TaskId
from orchestrator.domain.task_list import TaskQuery

Gone = Callable[[TaskId, Vanished], Awaitable[None]]
"""Hears what happened to the place of an unfinished task."""


async def unnoticed(task: TaskId, what: Vanished) -> None:
    """A `Gone` that does nothing."""


class VanishedPlaces:
    """Tells `gone` of each task. Nothing is stored: what is missed shows when something is due there."""

    def __init__(self, desk: Desk, threads: Threads, gone: Gone) -> None:
        self._desk, self._threads, self._gone = desk, threads, gone

    async def hear(self, what: Vanished) -> None:
        place = what.place
        there = TaskQuery(platform=place.platform, channel=place.channel, unfinished=True, most=None)
        only = await self._threads.task_at(place)
        for entry in await self._desk.entries(there):
            if not place.thread or entry.task == only:
                await self._gone(entry.task, what)
