"""Memory over weeks: 5,000 tasks that are opened in a chat, planned and stopped, on SQLite, in this process."""

import asyncio
import gc
import os
from pathlib import Path

from tests.bench.idle import megabytes
from tests.soaking import soak

TASKS, STEP = 5_000, 1_000


def report(home: Path) -> None:
    """Prints the resident memory after each thousand tasks."""
    home.mkdir()
    asyncio.run(_measure(home))


async def _measure(home: Path) -> None:
    async with soak(home, f"sqlite:///{home}/ledger.db") as it:
        print(f"memory before the first task: {megabytes(os.getpid()):.0f} MB")
        for number in range(1, TASKS + 1):
            await it.live(number)
            if number % STEP == 0:
                await it.calm()
                gc.collect()
                print(f"memory after {number} tasks: {megabytes(os.getpid()):.0f} MB", flush=True)
