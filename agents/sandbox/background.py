"""Commands that go on between calls, until their subtask ends. They live in this process alone: a restart ends them."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from agents.sandbox.call_grants import Wanted
from agents.sandbox.port import Ended
from agents.sandbox.process_io import Talk
from orchestrator.domain.calls import HostCall
from orchestrator.domain.ids import TaskId
from orchestrator.errors import ToolFailed

MOST = 4
"""Commands in the background of one task."""


@dataclass(frozen=True)
class Process:
    """A command in the background: who started it, how to talk with it, how it ended."""

    call: HostCall
    wanted: Wanted
    talk: Talk
    ending: asyncio.Task[Ended]

    async def news(self, seconds: float) -> str:
        """What it said since the last look; waits so long for something to be said, or for the end."""
        listening = asyncio.create_task(self.talk.listen())
        await asyncio.wait({listening, self.ending}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        return self.talk.take()

    async def stop(self) -> None:
        """It and all that it started are gone when this returns."""
        self.ending.cancel()
        await asyncio.wait({self.ending})


class Background:
    """The commands of all tasks, by handle."""

    def __init__(self) -> None:
        self._running: dict[str, Process] = {}

    def start(self, call: HostCall, wanted: Wanted, run: Callable[[Talk], Awaitable[Ended]]) -> str:
        """Begins it and returns its handle. Raises ToolFailed when the task has enough of them."""
        mine = [p for p in self._running.values() if p.call.task == call.task and not p.ending.done()]
        if len(mine) >= MOST:
            raise ToolFailed(f"{MOST} commands run in the background already; stop one with shell_stop first.")
        talk = Talk()
        handle = f"bg-{secrets.token_hex(3)}"
        self._running[handle] = Process(call, wanted, talk, asyncio.ensure_future(run(talk)))
        return handle

    def find(self, task: TaskId, handle: str) -> Process:
        """Raises ToolFailed when this host has no such command of the task."""
        found = self._running.get(handle)
        if found is None or found.call.task != task:
            words = "it ended with the work that started it, or the host was restarted. Start it again if you need it."
            raise ToolFailed(f"There is no command {handle!r} in the background: {words}")
        return found

    async def leave(self, task: TaskId, subtask: str | None) -> None:
        """Ends what that subtask started, or the whole task."""
        gone = [h for h, p in self._running.items() if p.call.task == task and subtask in (None, p.call.subtask)]
        await self._end(gone)

    async def close(self) -> None:
        await self._end(list(self._running))

    async def _end(self, handles: list[str]) -> None:
        await asyncio.gather(*(self._running.pop(handle).stop() for handle in handles))
