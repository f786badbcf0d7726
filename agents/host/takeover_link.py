"""Implements both ends of a takeover: the hub's requests, and how the host handles them."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Protocol

from agents.host import wire
from orchestrator.domain.ids import SubtaskId, TaskId
from orchestrator.domain.takeover import MOST_TOUCHES, PageView, Touch
from orchestrator.errors import ThreadworkError, ToolFailed

NO_PAGES = "This host doesn't have a browser, so there's no page to take over."
_LETTING_GO = 10.0

Ask = wire.TakeOver | wire.See | wire.Do | wire.LetGo
Number = Callable[[], int]


class TakeoverPages(Protocol):
    """The host's pages that people can take over. Each method raises ToolFailed with a sentence."""

    async def take_over(self, task: TaskId, subtask: SubtaskId, domains: Collection[str]) -> None: ...
    async def see(self, task: TaskId, subtask: SubtaskId, after: int) -> tuple[PageView, bytes]: ...
    async def do(self, task: TaskId, subtask: SubtaskId, touches: Sequence[Touch]) -> None: ...
    async def let_go(self, task: TaskId, subtask: SubtaskId) -> None: ...


@dataclass(frozen=True)
class TakeoverLink:
    """The hub's side of one takeover. `ask` sends a request and waits for its answer."""

    task: TaskId
    subtask: SubtaskId
    number: Number
    ask: Callable[[Ask], Awaitable[object]]

    async def see(self, after: int) -> tuple[PageView, bytes]:
        answer = await self.ask(wire.See(n=self.number(), task=self.task, subtask=self.subtask, after=after))
        assert isinstance(answer, tuple)
        view, picture = answer  # pyright: ignore[reportUnknownVariableType]
        assert isinstance(view, PageView) and isinstance(picture, bytes)
        return view, picture

    async def do(self, touches: Sequence[Touch]) -> None:
        for some in (touches[at : at + MOST_TOUCHES] for at in range(0, len(touches), MOST_TOUCHES)):
            await self.ask(wire.Do(n=self.number(), task=self.task, subtask=self.subtask, touches=tuple(some)))

    async def allow(self, domains: Collection[str]) -> None:
        allowed = tuple(sorted(domains))
        await self.ask(wire.TakeOver(n=self.number(), task=self.task, subtask=self.subtask, domains=allowed))

    async def let_go(self) -> None:
        await self.ask(wire.LetGo(n=self.number(), task=self.task, subtask=self.subtask))


@asynccontextmanager
async def held(link: TakeoverLink, domains: Collection[str]) -> AsyncGenerator[TakeoverLink]:
    """Gives the page to the person inside the context. Raises ToolFailed, HostLost."""
    try:
        await link.allow(domains)
        yield link
    finally:
        with suppress(ThreadworkError, TimeoutError):  # a host that is gone has let go
            async with asyncio.timeout(_LETTING_GO):
                await link.let_go()


async def answered(pages: TakeoverPages | None, ask: Ask) -> tuple[PageView, bytes] | None:
    """Returns the host's answer. Raises ToolFailed."""
    if pages is None:
        raise ToolFailed(NO_PAGES)
    match ask:
        case wire.TakeOver(task=task, subtask=subtask, domains=domains):
            await pages.take_over(task, subtask, domains)
        case wire.See(task=task, subtask=subtask, after=after):
            return await pages.see(task, subtask, after)
        case wire.Do(task=task, subtask=subtask, touches=touches):
            await pages.do(task, subtask, touches)
        case wire.LetGo(task=task, subtask=subtask):
            await pages.let_go(task, subtask)
    return None
