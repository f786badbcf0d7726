"""A small hub process for tests that kill it: `python -m tests.small_hub URL FOLDER KEY…`.

Its flow writes `begin KEY PID` to FOLDER/log, waits for the file FOLDER/go, and writes `end KEY PID`.
"""

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from orchestrator.engine.dbos_engine import DbosEngine


class Line(NamedTuple):
    word: str
    key: str
    process: int


class Hub:
    """A hub process of ours."""

    def __init__(self, url: str, folder: Path, *keys: str) -> None:
        command = [sys.executable, "-m", "tests.small_hub", url, str(folder), *keys]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL)
        self.pid = self.process.pid

    def kill(self) -> None:
        """As the power button does."""
        self.process.kill()
        self.process.wait()


def lines(folder: Path, word: str) -> list[Line]:
    """What the hubs wrote."""
    log = folder / "log"
    rows = [row.split() for row in log.read_text().splitlines()] if log.exists() else []
    return [Line(row[0], row[1], int(row[2])) for row in rows if row[0] == word]


async def until(fact: Callable[[], bool], *, within: float = 60) -> float:
    """Waits for a fact; the seconds it took."""
    began = time.monotonic()
    async with asyncio.timeout(within):
        while not fact():  # noqa: ASYNC110  (facts of other processes ring no bell)
            await asyncio.sleep(0.02)
    return time.monotonic() - began


def write(folder: Path, word: str, key: str) -> None:
    with (folder / "log").open("a") as log:
        log.write(f"{word} {key} {os.getpid()}\n")


async def main(url: str, folder: Path, keys: list[str]) -> None:
    async def wait_for_go(name: str) -> None:
        await asyncio.to_thread(write, folder, "begin", name)
        await until((folder / "go").exists, within=60)
        await asyncio.to_thread(write, folder, "end", name)

    engine = DbosEngine(url)
    engine.register("wait", wait_for_go)
    await engine.launch()
    await asyncio.to_thread(write, folder, "ready", "-")
    await asyncio.gather(*(engine.start("wait", f"wait/{key}", name=key) for key in keys))
    await until((folder / "leave").exists, within=100)
    await engine.close()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:]))
