"""Start and resume as ratios to the imports of hub and host side by side, and a start with few and many ended tasks."""

import asyncio
import subprocess
import sys
import time
from pathlib import Path

from orchestrator.domain import events as e
from orchestrator.domain.ids import Key, PersonId, Stream
from orchestrator.domain.people import Person, Place, Request
from orchestrator.ledger.open_ledger import open_ledger
from tests.bench.graphs import spread

HUB = "import bot.cli, bot.terminal.up, orchestrator.engine.dbos_calls"
START_HOST = "import agents.host.host_main, agents.host.host_tools"
HOST = START_HOST + "; from agents.tools import browser, charts, data, git, office, pdf, reading, shell, slides, vision"
"""With the tools' libraries, which the host loads when a tool is first called."""
STARTS = 5
MANY = 10_000


def imports(host: str = HOST) -> float:
    """Seconds that the imports of both processes take side by side."""
    began = time.perf_counter()
    both = [subprocess.Popen([sys.executable, "-c", words]) for words in (HUB, host)]
    for process in both:
        process.wait()
    return time.perf_counter() - began


def started(home: Path) -> float:
    """Seconds from exec to the printed link."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "bot", "--home", str(home), "up", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "link works once" in line:
                break
        else:
            sys.exit("The hub ended before it was ready.")
        seconds = time.perf_counter() - began
        process.terminate()
        process.stdout.read()
    return seconds


async def _ended(home: Path, count: int) -> None:
    ledger = await open_ledger(f"sqlite://{home}/threadwork.db")
    place = Place(platform="web", channel="bench", thread="t")
    by = Person(id=PersonId("web:ada"), name="Ada")
    opened = e.TaskOpened(request=Request(text="Compare", by=by, place=place))
    closed = e.TaskClosed(outcome="done", words="Done.")
    for at in range(0, count, 200):
        names = [Stream(f"old{number}") for number in range(at, min(at + 200, count))]
        await asyncio.gather(*(ledger.record(name, Key("opened"), opened) for name in names))
        await asyncio.gather(*(ledger.record(name, Key("closed:1"), closed) for name in names))
    await ledger.mark("conductor", await ledger.position())
    await ledger.close()


def report(home: Path) -> None:
    """Prints the figures; both homes take turns, so that a busy machine slows both."""
    homes = {10: home / "few", MANY: home / "many"}
    for count, folder in homes.items():
        folder.mkdir(parents=True)
        asyncio.run(_ended(folder, count))
        started(folder)  # warm: what a first start makes is there
    base: list[float] = []
    least: list[float] = []
    seconds: dict[int, list[float]] = {count: [] for count in homes}
    for _ in range(STARTS):
        base.append(imports())
        least.append(imports(START_HOST))
        for count, folder in homes.items():
            seconds[count].append(started(folder))
    for count in homes:
        ratio = [s / b for s, b in zip(seconds[count], base, strict=True)]
        print(f"start with {count} ended tasks ÷ imports: {spread(ratio)} ({spread(seconds[count])} s)")
        ratio = [s / b for s, b in zip(seconds[count], least, strict=True)]
        print(f"the same ÷ imports without the tools' libraries: {spread(ratio)}")
    growth = [many / few for many, few in zip(seconds[MANY], seconds[10], strict=True)]
    print(f"start with {MANY} ended tasks ÷ with 10: {spread(growth)}")
