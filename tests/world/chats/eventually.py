"""Waits for facts."""

import asyncio
import inspect
from collections.abc import Callable
from typing import Any

PATIENCE = 60.0


async def eventually(fact: Callable[[], Any], known: Callable[[], Any] = lambda: None) -> Any:
    """What `fact` returns once it is true; it may be a coroutine function. `known`: what the failure shows."""
    try:
        async with asyncio.timeout(PATIENCE):
            while not (found := await it if inspect.isawaitable(it := fact()) else it):  # noqa: ASYNC110  (asked from outside)
                await asyncio.sleep(0.01)
    except TimeoutError:
        raise AssertionError(f"it never became true; known: {known()}") from None
    return found
