"""A host whose calls may take only so long: a call that takes longer is cancelled and answered with a sentence."""

import asyncio
from collections.abc import Sequence

from orchestrator.domain.calls import CallResult, HostCall, ToolSpec
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import FileRef
from orchestrator.ports import HostLink


class TimedHost:
    """The same HostLink with a limit on each call. Waiting for people happens before a call and does not count."""

    def __init__(self, inner: HostLink, seconds: float) -> None:
        self._inner, self._seconds = inner, seconds

    @property
    def name(self) -> str:
        return self._inner.name

    async def tools(self) -> Sequence[ToolSpec]:
        return await self._inner.tools()

    async def call(self, call: HostCall) -> CallResult:
        limit = asyncio.timeout(self._seconds)
        try:
            async with limit:
                return await self._inner.call(call)
        except TimeoutError:
            if not limit.expired():
                raise
        words = f"{call.tool} took longer than {self._seconds:g} seconds and was cancelled; do less in one call."
        spec = next((s for s in await self._inner.tools() if s.name == call.tool), None)
        unknown = spec is not None and not spec.repeat
        return CallResult(ok=False, text=f"{words} Look what it did before." if unknown else words, unknown=unknown)

    async def give(self, task: TaskId, file: FileRef, path: str) -> None:
        await self._inner.give(task, file, path)

    async def take(self, task: TaskId, path: str) -> FileRef:
        return await self._inner.take(task, path)

    async def leave(self, task: TaskId, subtask: str | None = None) -> None:
        await self._inner.leave(task, subtask)
