"""Runs commands that continue between calls, until their subtask ends. A restart of this process ends them."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

from agents.sandbox.call_grants import GrantRequest
from agents.sandbox.process_io import ProcessIO
from agents.sandbox.sandbox_interface import Ended
from orchestrator.domain.ids import TaskId
from orchestrator.domain.tool_calls import HostCall
from orchestrator.errors import ToolFailed

MOST = 4
"""Background commands of one task."""


@dataclass(frozen=True)
class Process:
    """A background command: its owner, its input and output, how it ended."""

    call: HostCall
    wanted: GrantRequest
    talk: ProcessIO
    ending: asyncio.Task[Ended]

    async def news(self, seconds: float) -> str:
        """Returns its new output; waits up to that many seconds for output or its end."""
        listening = asyncio.create_task(self.talk.listen())
        await asyncio.wait({listening, self.ending}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        listening.cancel()
        with suppress(asyncio.CancelledError):
            await listening
        return self.talk.take()

    async def stop(self) -> None:
        """Stops it and all that it started; they are gone when this returns."""
        self.ending.cancel()
        await asyncio.wait({self.ending})


class Background:
    """Holds the commands of all tasks, by handle."""

    def __init__(self) -> None:
        self._running: dict[str, Process] = {}

    def start(self, call: HostCall, wanted: GrantRequest, run: Callable[[ProcessIO], Awaitable[Ended]]) -> str:
        """Starts it and returns its handle. Raises ToolFailed if the task has too many."""
        mine = [p for p in self._running.values() if p.call.task == call.task and not p.ending.done()]
        if len(mine) >= MOST:
            raise ToolFailed(f"{MOST} background commands are already running. Stop one with shell_stop first.")
        talk = ProcessIO()
        handle = f"bg-{secrets.token_hex(3)}"
        self._running[handle] = Process(call, wanted, talk, asyncio.ensure_future(run(talk)))
        return handle

    def find(self, task: TaskId, handle: str) -> Process:
        """Returns the command. Raises ToolFailed if this host has no such command of the task."""
        found = self._running.get(handle)
        if found is None or found.call.task != task:
            words = (
                "it ended when the work that started it did, or the host was restarted. Start it again if you need it."
            )
            raise ToolFailed(f"There's no background command {handle!r}: {words}")
        return found

    async def leave(self, task: TaskId, subtask: str | None) -> None:
        """Ends what that subtask, or the whole task, started."""
        gone = [h for h, p in self._running.items() if p.call.task == task and subtask in (None, p.call.subtask)]
        await self._end(gone)

    async def close(self) -> None:
        await self._end(list(self._running))

    async def _end(self, handles: list[str]) -> None:
        await asyncio.gather(*(self._running.pop(handle).stop() for handle in handles))
