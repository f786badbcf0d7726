"""`threadwork log`: the stations that a task's presses passed, from the log files of the hub and its agent host."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

from rich.console import Console

from bot.bootstrap.open_desk import ledger_desk
from bot.config.settings import Settings
from bot.terminal.local_person import own_desk_of
from bot.terminal.run_command import log_file
from orchestrator.domain.ids import TaskId
from orchestrator.press_log import journey

HOST_LOG = Path("host", "logs", "host.log")
"""Below home."""


async def log(settings: Settings, task: str) -> int:
    """Prints the stations of every press and call of the task, in order. Exits with 1 if the logs have none."""
    async with ledger_desk(settings) as desk:
        await own_desk_of(desk).state(TaskId(task))
    files = (log_file(settings.home), settings.home / HOST_LOG)
    passed = await asyncio.to_thread(lambda: journey(_lines(*files), task))
    console = Console(highlight=False)
    for it in passed:
        console.print(f"{it.at}  {it.station:<9}  {it.call}  {it.more}".rstrip(), markup=False, soft_wrap=True)
    if not passed:
        console.print(f"The log files, which keep about 20 MB, contain nothing about {task!r}.", markup=False)
    return int(not passed)


def _lines(*files: Path) -> Iterator[str]:
    """Yields the lines of log files and of their older parts."""
    for file in files:
        for part in sorted(file.parent.glob(f"{file.name}*")):
            with part.open(encoding="utf-8", errors="replace") as text:
                yield from text
