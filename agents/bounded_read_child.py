"""Runs one reading function in a process of its own, within limits; `bounded_read.py` starts it.

Its input is a line of JSON that names the function, then the file. It answers with one byte that says how it went, then
the result.
"""

import contextlib
import importlib
import json
import os
import signal
import sys
from typing import Any

from orchestrator.errors import ToolFailed

SHOWN, MADE, REFUSED, TOO_LARGE = b"s", b"m", b"r", b"t"
_GRACE = 5
"""Seconds after which we end even if nobody is left to stop us."""


def main() -> None:
    """Reads the job, runs it, and answers."""
    answer = os.dup(1)
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123
        os.dup2(nowhere.fileno(), 1)  # libraries may print
    job = json.loads(sys.stdin.buffer.readline())
    content = sys.stdin.buffer.read()
    signal.alarm(int(job["seconds"]) + _GRACE)
    _limit(job["memory"])
    with os.fdopen(answer, "wb") as out:
        out.write(_answer(job, content))


def _answer(job: Any, content: bytes) -> bytes:
    read = getattr(importlib.import_module(job["module"]), job["function"])
    try:
        made = read(content, job["path"], **job["more"])
    except ToolFailed as error:
        return REFUSED + str(error).encode()
    except MemoryError:
        return TOO_LARGE
    return SHOWN + made.encode("utf-8", "replace") if isinstance(made, str) else MADE + made


def _limit(memory: int) -> None:
    """Bounds what the process may fill, not the addresses that it may reserve. Other systems have no such limit."""
    with contextlib.suppress(ImportError, ValueError, OSError):
        import resource

        resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
