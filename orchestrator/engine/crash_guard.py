"""Flows that end with a fact, and work that goes on, also when they break in a way nobody foresaw."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from orchestrator.ports import Flow

logger = logging.getLogger(__name__)


def guarded(flow: Flow, crashed: Callable[..., Awaitable[None]]) -> Flow:
    """The same flow; an error it lets out is logged with its traceback and handed to `crashed(error, **arguments)`."""

    async def run(**arguments: str | int) -> None:
        try:
            await flow(**arguments)
        except Exception as error:
            logger.exception("a flow failed: %s", arguments)
            await crashed(error, **arguments)

    return run


async def kept_going(work: Callable[[], Awaitable[None]], *, pause: float = 1.0) -> None:
    """Runs `work` until cancelled; when it breaks, logs why and begins it again after `pause` seconds."""
    task = asyncio.current_task()
    assert task is not None
    # A task group whose child breaks while it is cancelled lets out the child's error alone: hence the count.
    while not task.cancelling():
        try:
            await work()
        except Exception:
            logger.exception("background work failed and is restarting")
        if not task.cancelling():
            await asyncio.sleep(pause)
    raise asyncio.CancelledError
