"""Runs something beside the hub, and ends it with the hub."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from bot.bootstrap import gc_tuning


@asynccontextmanager
async def background(work: Awaitable[None]) -> AsyncGenerator[None]:
    """Runs beside the hub and ends with it."""
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def settle(warm: Callable[[], Awaitable[None]] | None, ready: asyncio.Event, *, urgent: bool) -> None:
    """Loads the model library after the start, or during it if a task is waiting for it."""
    if not urgent:
        await ready.wait()
    if warm is not None:
        await warm()
    await ready.wait()
    gc_tuning.settle()
