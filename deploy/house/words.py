"""What the two commands say, and where this checkout is."""

import os
import sys
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
PACKAGES = ("bot", "orchestrator", "agents")
ROOT = os.geteuid() == 0


class Stop(Exception):
    """A sentence for the person; nothing more can be done."""


def say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)
