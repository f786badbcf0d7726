"""Tools for the exam of host links; the host under test loads them as a toolset."""
# ruff: noqa: ASYNC110, ASYNC240 - a test looks at facts outside of the loop

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

from agents.tool import Room, Tool, tool
from orchestrator.domain.calls import CallResult, Effect


async def until(fact: Callable[[], bool], *, within: float = 15) -> None:
    """Waits for a fact to come true."""
    async with asyncio.timeout(within):
        while not fact():
            await asyncio.sleep(0.01)


async def until_true(fact: Callable[[], Awaitable[bool]], *, within: float = 15) -> None:
    async with asyncio.timeout(within):
        while not await fact():
            await asyncio.sleep(0.01)


def _append(room: Room, name: str) -> None:
    with (room.workspace.root / name).open("a") as stream:
        stream.write("x")


@tool(effects=[Effect.WRITE_WORKSPACE], repeat=False)
async def count(room: Room, name: str = "count") -> str:
    """Adds an x to a file."""
    _append(room, name)
    return (room.workspace.root / name).read_text()


async def _wait(room: Room, name: str) -> str:
    _append(room, f"{name}.started")
    try:
        await until(lambda: (room.workspace.root / f"{name}.go").exists(), within=60)
    except asyncio.CancelledError:
        _append(room, f"{name}.cancelled")
        raise
    return "it went"


@tool(effects=[Effect.READ], parallel=True)
async def wait(room: Room, name: str) -> str:
    """Waits for a file; may be done again."""
    return await _wait(room, name)


@tool(effects=[Effect.WRITE_OUTSIDE], repeat=False)
async def wait_once(room: Room, name: str) -> str:
    """Waits for a file; must not be done again."""
    return await _wait(room, name)


@tool(effects=[Effect.READ])
async def fall_over(room: Room) -> str:
    """Breaks."""
    raise RuntimeError("something private")


@tool(effects=[Effect.READ])
async def paint(room: Room) -> CallResult:
    """Returns a file and a picture."""
    room.progress("painting")
    return CallResult(ok=True, text="painted", files=(room.keep(b"a,b", "t.csv"),), picture=room.keep(b"jpg", "p.jpg"))


@tool(effects=[Effect.READ])
async def identify(room: Room) -> str:
    """The host's process id and user."""
    return f"{os.getpid()} {os.geteuid()}"


@tool(effects=[Effect.NETWORK_READ])
async def surf(room: Room) -> str:
    """Claims to use the network."""
    return "surfed"


@tool(effects=[Effect.READ])
async def plant(room: Room, target: str) -> str:
    """Plants a link in the workspace."""
    Path(room.workspace.root / "link").symlink_to(target)
    return "planted"


TOOLS: list[Tool] = [count, wait, wait_once, fall_over, paint, identify, surf, plant]
