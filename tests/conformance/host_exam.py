"""Tools for the exam of host links; the host under test loads them as a toolset."""
# ruff: noqa: ASYNC110, ASYNC240 - a test looks at facts outside of the loop

import asyncio
import os
from collections.abc import Awaitable, Callable, Collection, Sequence
from pathlib import Path

from agents.host.tool_call_worker import Toolset
from agents.tool import CallContext, Tool, tool
from orchestrator.domain.ids import SubtaskId, TaskId
from orchestrator.domain.takeover import PageView, Touch
from orchestrator.domain.tool_calls import CallResult, Effect
from orchestrator.errors import ToolFailed


async def until(fact: Callable[[], bool], *, within: float = 60) -> None:
    """Waits for a fact to come true."""
    async with asyncio.timeout(within):
        while not fact():
            await asyncio.sleep(0.01)


async def until_true(fact: Callable[[], Awaitable[bool]], *, within: float = 60) -> None:
    async with asyncio.timeout(within):
        while not await fact():
            await asyncio.sleep(0.01)


def _append(room: CallContext, name: str) -> None:
    with (room.workspace.root / name).open("a") as stream:
        stream.write("x")


@tool(effects=[Effect.WRITE_WORKSPACE], repeat=False)
async def count(room: CallContext, name: str = "count") -> str:
    """Adds an x to a file."""
    _append(room, name)
    return (room.workspace.root / name).read_text()


async def _wait(room: CallContext, name: str) -> str:
    _append(room, f"{name}.started")
    try:
        await until(lambda: (room.workspace.root / f"{name}.go").exists(), within=60)
    except asyncio.CancelledError:
        _append(room, f"{name}.cancelled")
        raise
    return "it went"


@tool(effects=[Effect.READ], parallel=True)
async def wait(room: CallContext, name: str) -> str:
    """Waits for a file; may be done again."""
    return await _wait(room, name)


@tool(effects=[Effect.WRITE_OUTSIDE], repeat=False)
async def wait_once(room: CallContext, name: str) -> str:
    """Waits for a file; must not be done again."""
    return await _wait(room, name)


@tool(effects=[Effect.READ])
async def fall_over(room: CallContext) -> str:
    """Breaks."""
    raise RuntimeError("something private")


@tool(effects=[Effect.READ])
async def leave_early(room: CallContext, how: str) -> str:
    """Ends in ways that are no failure of a tool."""
    if how == "exit":
        raise SystemExit(2)
    if how == "cancelled":
        raise asyncio.CancelledError
    if how == "surrogate":
        room.progress("half \ud800")
        return "half \ud800 and \0"
    raise ToolFailed("failed on \ud800")


@tool(effects=[Effect.WRITE_WORKSPACE])
async def name_badly(room: CallContext) -> str:
    """Makes a file whose name is no UTF-8."""
    Path(os.fsdecode(os.fsencode(room.workspace.root) + b"/bad-\xff\n.txt")).write_text("needle")
    return "made"


@tool(effects=[Effect.READ])
async def paint(room: CallContext) -> CallResult:
    """Returns a file and a picture."""
    room.progress("painting")
    return CallResult(ok=True, text="painted", files=(room.keep(b"a,b", "t.csv"),), picture=room.keep(b"jpg", "p.jpg"))


@tool(effects=[Effect.READ])
async def identify(room: CallContext) -> str:
    """The host's process id and user."""
    return f"{os.getpid()} {os.geteuid()}"


@tool(effects=[Effect.NETWORK_READ])
async def surf(room: CallContext) -> str:
    """Claims to use the network."""
    return "surfed"


@tool(effects=[Effect.READ])
async def plant(room: CallContext, target: str) -> str:
    """Plants a link in the workspace."""
    Path(room.workspace.root / "link").symlink_to(target)
    return "planted"


TOOLS: list[Tool] = [count, wait, wait_once, fall_over, paint, identify, surf, plant, leave_early, name_badly]


class Slate:
    """A page of nothing but what was typed: its title. Its picture is the title as bytes, its number their count."""

    def __init__(self) -> None:
        self._typed: dict[str, str] = {}
        self._domains: dict[str, str] = {}
        self._changed = asyncio.Condition()

    async def take_over(self, task: TaskId, subtask: SubtaskId, domains: Collection[str]) -> None:
        if subtask == "none":
            raise ToolFailed("This agent has no slate.")
        self._typed.setdefault(subtask, "")
        self._domains[subtask] = " ".join(sorted(domains))

    async def see(self, task: TaskId, subtask: SubtaskId, after: int) -> tuple[PageView, bytes]:
        async with self._changed:
            await self._changed.wait_for(lambda: len(self._of(subtask)) > after)
        typed = self._of(subtask)
        return PageView(number=len(typed), title=typed[-300:], url=self._domains[subtask]), typed.encode()

    async def do(self, task: TaskId, subtask: SubtaskId, touches: Sequence[Touch]) -> None:
        async with self._changed:
            self._typed[subtask] = self._of(subtask) + "".join(touch.text for touch in touches)
            self._changed.notify_all()

    async def let_go(self, task: TaskId, subtask: SubtaskId) -> None:
        async with self._changed:
            self._typed.pop(subtask, None)
            self._changed.notify_all()

    def _of(self, subtask: SubtaskId) -> str:
        if subtask not in self._typed:
            raise ToolFailed("Nobody holds this slate.")
        return self._typed[subtask]


PAGES = Toolset((), pages=Slate())
