"""A host that can be held in the middle of a call; loaded by the host under test as a toolset without tools.

While `<home>/hold` holds a number, the host stops at that rename of a file it has written under a temporary name:
everything is on the disk, nothing is in its place. While it holds `reading` or `writing`, every call stops where it
first looks into a workspace, or at each such rename. A call that stops adds an x to `<home>/held`, and waits to be
killed.
"""

import asyncio
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path

from agents.host.task_workspace import HALF_WRITTEN
from agents.tool import Tool

TOOLS: list[Tool] = []
_renames = count(1)


def _at(event: str, values: tuple[object, ...]) -> None:
    if event == "os.rename" and str(values[0]).startswith(HALF_WRITTEN):
        _stop("writing")
    elif event == "open" and Path(str(values[0])).parent.name == "workspaces":
        _stop("reading")


def _stop(where: str) -> None:
    with suppress(FileNotFoundError):
        wanted = (Path.home() / "hold").read_text()
        if wanted == where:
            pass
        elif where == "writing" and wanted.isdigit() and next(_renames) == int(wanted):
            (Path.home() / "hold").unlink()
        else:
            return
        with (Path.home() / "held").open("a") as held:
            held.write("x")
        threading.Event().wait()


asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(64))  # many calls are held at once, each in a thread
sys.addaudithook(_at)
