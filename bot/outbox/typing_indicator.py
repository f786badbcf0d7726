"""Shows the typing indicator in a task's thread while a plan or an answer is being made. It's a courtesy: it never gets
in the way of anything, and a refusal is ignored."""

import asyncio
import logging

from bot.cards.card_projection import project, waiting
from bot.chat_platform import ChatPlatform
from bot.outbox.monotonic_clock import LoopTicks, Ticks
from orchestrator.desk import Desk
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Place
from orchestrator.domain.task import TaskState
from orchestrator.errors import LedgerFailed, NotFound, PlatformFailed

log = logging.getLogger(__name__)
APART = 1.0
"""Seconds until it is shown, and between two updates of one account."""


class TypingIndicator:
    """One per account. `every`: seconds for which the platform shows it."""

    def __init__(self, desk: Desk, platform: ChatPlatform, *, every: float, ticks: Ticks | None = None) -> None:
        self._desk, self._platform, self._every = desk, platform, every
        self._ticks = ticks or LoopTicks()
        self._changed: set[TaskId] = set()
        self._shown: dict[TaskId, tuple[Place, float]] = {}
        """Where it is shown, and when it has to be shown again."""
        self._woken = asyncio.Event()

    async def run(self) -> None:
        """Runs until canceled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._speak())

    async def _listen(self) -> None:
        async for _, task in self._desk.changes(after=await self._desk.position()):
            self._changed.add(task)
            self._woken.set()

    async def _speak(self) -> None:
        while True:
            if not self._changed and not self._shown:
                self._woken.clear()
                await self._woken.wait()
            await self._ticks.sleep(APART)
            now = self._ticks.now()
            again = {task for task, (_, at) in self._shown.items() if at <= now}
            due, self._changed = self._changed | again, set()
            for task in sorted(due):
                if await self._look(task):
                    await self._ticks.sleep(APART)

    async def _look(self, task: TaskId) -> bool:
        """Returns whether the platform was called."""
        try:
            at = _thinks(await self._desk.state(task))
        except (LedgerFailed, NotFound):
            at = None
        shown, now = self._shown.get(task), self._ticks.now()
        if at is not None and self._platform.serves(at):
            if shown and shown[1] > now:
                return False
            self._shown[task] = (at, now + self._every)
            await self._say(at, on=True)
            return True
        self._shown.pop(task, None)
        if shown:
            await self._say(shown[0], on=False)
        return shown is not None

    async def _say(self, at: Place, *, on: bool) -> None:
        try:
            await self._platform.thinking(at, on=on)
        except PlatformFailed as error:
            log.debug("the typing indicator couldn't be shown: %s", error)


def _thinks(state: TaskState) -> Place | None:
    """Where it should be shown, while nothing waits for a person."""
    if state.phase != "planning" or state.request is None or waiting(project(state).checkpoints):
        return None
    return state.request.place
