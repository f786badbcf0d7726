"""Runs a program that must not outlive us."""

import asyncio
import os
import sys
from pathlib import Path

from agents.process_group import kill_group, started
from agents.tools.office.libreoffice.wait_for_descendants import wait_until_gone, watched

_END_WITH_PARENT = Path(__file__).with_name("end_with_parent.py")


async def run(*command: str, limit: float) -> int | None:
    """Returns the exit code of a program; None if it was killed at the time limit.

    It has its own process group, which is killed then, or when we are canceled; no process of it is left.

    If this process is killed, the program and its children end too.
    """
    waiting, inherited = watched()
    try:
        process = await started(
            asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", str(_END_WITH_PARENT), *command),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                start_new_session=True,
                pass_fds=(inherited,),
            )
        )
    except BaseException:
        os.close(inherited)
        await asyncio.shield(asyncio.to_thread(wait_until_gone, waiting))
        raise
    os.close(inherited)
    try:
        async with asyncio.timeout(limit):
            return await process.wait()
    except TimeoutError:
        return None
    finally:
        kill_group(process)
        if process.stdin is not None:
            process.stdin.close()  # else the transport is open when the loop closes
        await asyncio.shield(process.wait())
        await asyncio.shield(asyncio.to_thread(wait_until_gone, waiting))
