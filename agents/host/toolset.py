"""Sets of tools, loaded when the host starts or at the first call of one of them."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from agents.host.takeover_link import TakeoverPages
from agents.tool import Tool
from orchestrator.domain.calls import ToolSpec
from orchestrator.domain.ids import TaskId

Leave = Callable[[TaskId, str | None], Awaitable[None]]


@dataclass(frozen=True)
class Toolset:
    """Tools that belong together. `leave(task, subtask)` frees what they hold for it; `close` frees everything; people
    can take over `pages`."""

    tools: tuple[Tool, ...]
    leave: Leave | None = None
    close: Callable[[], Awaitable[None]] | None = None
    pages: TakeoverPages | None = None

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        return tuple(tool.spec for tool in self.tools)

    @property
    def has_pages(self) -> bool:
        return self.pages is not None

    @property
    def now(self) -> "Toolset | None":
        """Returns the set if it's loaded; this one always is."""
        return self

    async def get(self) -> "Toolset":
        return self


@dataclass
class LaterToolset:
    """A set whose specs are known; `load` imports its libraries in a thread when it's first needed."""

    specs: Sequence[ToolSpec]
    load: Callable[[], Toolset]
    has_pages: bool = False
    now: Toolset | None = None
    _loading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def get(self) -> Toolset:
        async with self._loading:
            if self.now is None:
                self.now = await _uninterrupted(self.load)
            return self.now


async def _uninterrupted(load: Callable[[], Toolset]) -> Toolset:
    """A cancelled call must not leave a half-imported library behind."""
    task = asyncio.ensure_future(asyncio.to_thread(load))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        raise


AnyToolset = Toolset | LaterToolset
