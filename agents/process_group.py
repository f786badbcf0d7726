"""Starts a program that leads a process group, and leaves nothing of it behind if the start is canceled."""

import asyncio
import os
import signal
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any


async def started(starting: Coroutine[Any, Any, asyncio.subprocess.Process]) -> asyncio.subprocess.Process:
    """Returns the process that `asyncio.create_subprocess_exec(…, start_new_session=True)` starts.

    If canceled meanwhile, kills its whole group; asyncio would kill only the program, not what it has started by then.
    """
    task = asyncio.ensure_future(starting)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if not task.cancelled() and task.exception() is None:
            kill_group(task.result())
            await task.result().wait()
        raise


def kill_group(process: asyncio.subprocess.Process) -> None:
    """Kills the program and everything in its process group, if any of it still runs."""
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
