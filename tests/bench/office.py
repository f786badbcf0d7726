"""How long the check of a deliverable takes with a kept LibreOffice, and with a new process for each conversion."""

import asyncio
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

from agents.tools.office.libreoffice import convert, office_process
from tests.office_workspace import Desk

ROUNDS = 3


async def checked(desk: Desk) -> float:
    """Seconds for one hand-in."""
    began = time.perf_counter()
    await desk.call("inspect_deliverable", path="a.xlsx")
    return time.perf_counter() - began


async def measured(folder: Path) -> tuple[float, float]:
    """Medians: with the kept listener, and without."""
    desk = Desk(folder)
    rows: list[list[Any]] = [["Item", "Price", "Twice"], *[[f"Item {n}", n, f"=B{n + 1}*2"] for n in range(1, 100)]]
    await desk.call("sheet_write", path="a.xlsx", sheet="Data", cell="A1", rows=rows)
    await checked(desk)
    kept = [await checked(desk) for _ in range(ROUNDS)]
    await convert.close()
    office_process.python_of = without  # this Python has no bridge
    await checked(desk)
    alone = [await checked(desk) for _ in range(ROUNDS)]
    await convert.close()
    return median(kept), median(alone)


def without(program: str) -> str:
    return sys.executable


def report() -> None:
    if convert.soffice() is None:
        return
    with tempfile.TemporaryDirectory(dir="/var/tmp") as folder:
        kept, alone = asyncio.run(measured(Path(folder)))
    print(f"check of a workbook, s: kept LibreOffice {kept:.2f}, one each {alone:.2f}, ratio {alone / kept:.1f}")


if __name__ == "__main__":
    report()
