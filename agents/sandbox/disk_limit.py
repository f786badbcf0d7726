"""Keeps a command from filling the disk: rlimits bound one file, this bounds the folder."""

import asyncio
import os
import time
from pathlib import Path

from agents.sandbox.limits import SandboxLimits

_EVERY = 0.25
_PATIENCE = 5  # a scan may take at most a fifth of the time, however many files there are


async def overflow(folder: Path, limits: SandboxLimits) -> None:
    """Returns when the folder exceeds its limit or the disk is nearly full; never otherwise.

    A folder that was too large from the start is tolerated, so that a command can clean it up.
    """
    most = max(limits.workspace, await asyncio.to_thread(used, folder))
    while True:
        began = time.monotonic()
        size, free = await asyncio.to_thread(lambda: (used(folder), _free(folder)))
        if size > most or free < limits.free:
            return
        await asyncio.sleep(max(_EVERY, _PATIENCE * (time.monotonic() - began)))


def used(folder: Path) -> int:
    """Returns the bytes on disk of the files below. Blocks; never follows a link."""
    total = 0
    for _, _, names, here in os.fwalk(folder, follow_symlinks=False):
        for name in names:
            try:
                total += os.stat(name, dir_fd=here, follow_symlinks=False).st_blocks * 512
            except FileNotFoundError:  # it went while we were looking
                continue
    return total


def _free(folder: Path) -> int:
    disk = os.statvfs(folder)
    return disk.f_bavail * disk.f_frsize
