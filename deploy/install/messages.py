"""What the two commands say, and where this checkout is."""

import os
import shutil
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGES = ("bot", "orchestrator", "agents")
ROOT = os.geteuid() == 0
_CLEAR = "\r\x1b[K"


class StopInstall(Exception):
    """A sentence for the person, after which nothing more can be done."""


def say(words: str) -> None:
    """Prints a line that stays."""
    _write((_CLEAR if _moving() else "") + words + "\n")


def show(now: str, new: str | None) -> None:
    """Prints progress: on a terminal, `now` replaces the previous line; elsewhere `new` gets its own line, if there is
    any."""
    if _moving():
        _write(_CLEAR + now[: shutil.get_terminal_size().columns - 1])
    elif new:
        _write(new + "\n")


def _moving() -> bool:
    return sys.stderr.isatty() and os.environ.get("TERM", "dumb") != "dumb"


def _write(words: str) -> None:
    sys.stderr.write(words)
    sys.stderr.flush()
