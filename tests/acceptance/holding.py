"""A host that can be held in the middle of writing a file; loaded by the host under test as a toolset without tools.

While `<home>/hold` names a number, the host stops at that rename of a file it has written under a temporary name:
everything is on the disk, nothing is in its place. It says so by making `<home>/held`, and waits to be killed.
"""

import sys
import threading
from contextlib import suppress
from itertools import count
from pathlib import Path

from agents.host.workspace import HALF_WRITTEN
from agents.tool import Tool

TOOLS: list[Tool] = []
_renames = count(1)


def _at(event: str, values: tuple[object, ...]) -> None:
    if event != "os.rename" or not str(values[0]).startswith(HALF_WRITTEN):
        return
    with suppress(FileNotFoundError):
        wanted = int((Path.home() / "hold").read_text())
        if next(_renames) == wanted:
            (Path.home() / "hold").unlink()
            (Path.home() / "held").touch()
            threading.Event().wait()


sys.addaudithook(_at)
