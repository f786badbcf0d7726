"""Adds a timeout to a host's calls: cancels a slow call and answers it with a sentence."""

import asyncio
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import asynccontextmanager

from orchestrator.domain.ids import SubtaskId, TaskId
from orchestrator.domain.people import FileRef
from orchestrator.domain.plural import in_seconds
from orchestrator.domain.skill_content import SkillFile
from orchestrator.domain.tool_calls import CallResult, HostCall, ToolSpec
from orchestrator.ports import HostLink, Takeover

_Place = tuple[TaskId, SubtaskId]


class TimedHost:
    """The same HostLink with a timeout for each call. Waiting for people doesn't count: it happens before a call or
    during a takeover."""

    def __init__(self, inner: HostLink, seconds: float) -> None:
        self._inner, self._seconds = inner, seconds
        self._taken_over: set[_Place] = set()
        self._limits: dict[_Place, set[asyncio.Timeout]] = {}

    @property
    def name(self) -> str:
        return self._inner.name

    @property
    def notices(self) -> Sequence[str]:
        return self._inner.notices

    async def tools(self) -> Sequence[ToolSpec]:
        return await self._inner.tools()

    async def call(self, call: HostCall) -> CallResult:
        place = (call.task, call.subtask)
        limit = asyncio.timeout(None if place in self._taken_over else self._seconds)
        self._limits.setdefault(place, set()).add(limit)
        try:
            async with limit:
                return await self._inner.call(call)
        except TimeoutError:
            if not limit.expired():
                raise
        finally:
            self._limits[place].discard(limit)
            if not self._limits[place]:
                del self._limits[place]
        words = f"{call.tool} took longer than {in_seconds(self._seconds)} and was canceled. Do less in one call."
        spec = next((s for s in await self._inner.tools() if s.name == call.tool), None)
        unknown = spec is not None and not spec.repeat
        return CallResult(
            ok=False, text=f"{words} Check what it did before you try again." if unknown else words, unknown=unknown
        )

    async def give(self, task: TaskId, file: FileRef, path: str) -> None:
        await self._inner.give(task, file, path)

    async def take(self, task: TaskId, path: str) -> FileRef:
        return await self._inner.take(task, path)

    async def lend(self, digest: str, files: Sequence[SkillFile]) -> None:
        await self._inner.lend(digest, files)

    async def leave(self, task: TaskId, subtask: str | None = None) -> None:
        await self._inner.leave(task, subtask)

    @asynccontextmanager
    async def take_over(self, task: TaskId, subtask: SubtaskId, domains: Collection[str]) -> AsyncGenerator[Takeover]:
        place = (task, subtask)
        self._taken_over.add(place)
        self._allow(place, None)
        try:
            async with self._inner.take_over(task, subtask, domains) as takeover:
                yield takeover
        finally:
            self._taken_over.discard(place)
            self._allow(place, asyncio.get_running_loop().time() + self._seconds)

    def _allow(self, place: _Place, until: float | None) -> None:
        for limit in self._limits.get(place, ()):
            if not limit.expired():
                limit.reschedule(until)
