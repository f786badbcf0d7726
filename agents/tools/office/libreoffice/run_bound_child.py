"""Runs a program that must not outlive us."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

from agents.tools.office.libreoffice.wait_for_descendants import wait_until_gone, watched

_END_WITH_PARENT = Path(__file__).with_name("end_with_parent.py")


async def run(*command: str, limit: float) -> int | None:
    """Returns the exit code of a program; None if it was killed at the time limit.

    It has its own process group, which is killed then, or when we are cancelled; no process of it is left.

    If this process is killed, the program and its children end too.
    """
    waiting, inherited = watched()
    starting = asyncio.ensure_future(
        asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-S", str(_END_WITH_PARENT), *command),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=(inherited,),
        )
    )
    canceled = False
    try:
        try:
            process = await asyncio.shield(starting)
        except asyncio.CancelledError:
            canceled = True  # asyncio would end the program alone, and leave what it has started meanwhile
            process = await starting
    except BaseException:
        os.close(waiting)
        raise
    finally:
        os.close(inherited)
    try:
        if canceled:
            raise asyncio.CancelledError
        async with asyncio.timeout(limit):
            return await process.wait()
    except TimeoutError:
        return None
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        await asyncio.shield(process.wait())
        await asyncio.shield(asyncio.to_thread(wait_until_gone, waiting))
