"""Keeps flows and background work from ending silently when they break."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from orchestrator.ports import Flow

log = logging.getLogger(__name__)


def guarded(flow: Flow, crashed: Callable[..., Awaitable[None]]) -> Flow:
    """Returns the same flow; an error it raises is logged with its traceback and passed to `crashed(error,
    **arguments)`."""

    async def run(**arguments: str | int) -> None:
        try:
            await flow(**arguments)
        except Exception as error:
            log.exception("a flow failed: %s", arguments)
            await crashed(error, **arguments)

    return run


async def kept_going(work: Callable[[], Awaitable[None]], *, pause: float = 1.0) -> None:
    """Runs `work` until cancelled; if it breaks, logs why and restarts it after `pause` seconds."""
    task = asyncio.current_task()
    assert task is not None
    # A task group whose child breaks while it is cancelled raises only the child's error, hence the count.
    while not task.cancelling():
        try:
            await work()
        except Exception:
            log.exception("background work failed and is restarting")
        if not task.cancelling():
            await asyncio.sleep(pause)
    raise asyncio.CancelledError
