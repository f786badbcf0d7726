"""Start-up time, and what a hub costs while nothing happens: alone, and with 1,000 tasks that wait for people."""

import asyncio
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

from bot.bootstrap.open_desk import ledger_of, shelf_of
from bot.platforms import load
from orchestrator.clock import SystemClock
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.ids import Key, Stream
from orchestrator.domain.people import Place, Request
from orchestrator.ledger_desk import LedgerDesk
from orchestrator.task_event_logs import Logs
from tests.bench.graphs import REPORT, plan_of
from tests.bench.ours import ADA

TASKS = 1000
WATCHED = 10.0
"""Seconds over which idle CPU is measured."""


class Rest(NamedTuple):
    ready: float
    megabytes: float
    cpu_percent: float


def report(home: Path) -> None:
    """Prints the figures."""
    program = [sys.executable, "-m", "bot"]
    began = time.perf_counter()
    subprocess.run([*program, "--help"], stdout=subprocess.DEVNULL, check=True)
    print(f"threadwork --help: {time.perf_counter() - began:.2f} s")
    asyncio.run(fill(home / "full", TASKS))
    empty, full = rest(home / "empty"), rest(home / "full")
    print(f"threadwork up to ready: {empty.ready:.2f} s; with {TASKS} waiting tasks {full.ready:.2f} s")
    print(f"idle hub: {empty.megabytes:.0f} MB, {empty.cpu_percent:.1f} % of a core")
    print(f"with {TASKS} tasks waiting: {full.megabytes - empty.megabytes:+.0f} MB, {full.cpu_percent:.1f} % of a core")


async def fill(home: Path, tasks: int) -> None:
    """A home with that many tasks whose plans wait for *Start*."""
    settings, clock = load(home=home, environment={}), SystemClock()
    ledger = await ledger_of(settings, clock)
    desk = LedgerDesk(Logs(ledger), shelf_of(settings), clock)
    for number in range(tasks):
        place = Place(platform="web", channel="bench", thread=str(number))
        request = Request(text=f"Task {number}", by=ADA, place=place)
        task = (await desk.submit(c.OpenTask(id=str(number), by=ADA, request=request))).task
        await ledger.record(Stream(task), Key("plan:1"), e.PlanDrafted(plan=plan_of(REPORT), version=1))
    await desk.close()


def rest(home: Path) -> Rest:
    """Starts a hub on that home, and looks at it while it does nothing."""
    home.mkdir(exist_ok=True)
    began = time.perf_counter()
    hub = subprocess.Popen(
        [sys.executable, "-m", "bot", "--home", str(home), "up", "--port", "0"], stdout=subprocess.PIPE, text=True
    )
    try:
        assert hub.stdout is not None
        while "http://" not in (line := hub.stdout.readline()):
            assert line or hub.poll() is None, "the hub ended"
        ready = time.perf_counter() - began
        time.sleep(8)  # the looks at waiting tasks after a start are over
        before = cpu_seconds(hub.pid)
        time.sleep(WATCHED)
        return Rest(ready, megabytes(hub.pid), (cpu_seconds(hub.pid) - before) / WATCHED * 100)
    finally:
        hub.terminate()
        hub.wait()


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(pid: int) -> float:
    line = next(x for x in Path(f"/proc/{pid}/status").read_text().splitlines() if x.startswith("VmRSS"))
    return int(line.split()[1]) / 1024
