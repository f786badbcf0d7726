"""`./run test`: every check that the project has."""

import os
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from house.installer import around
from house.words import CHECKOUT, say


def check(env: Path, words: Sequence[str]) -> int:
    """Runs every check, also after one has failed; 0 when all hold. `words` go to pytest."""
    python = str(env / "bin/python")
    checks = {
        "lint": [python, "-m", "ruff", "check", "."],
        "format": [python, "-m", "ruff", "format", "--check", "."],
        "types": [python, "-m", "basedpyright", "--level", "error", "--pythonpath", python],
        "arrows": [str(env / "bin/lint-imports")],
        "tests": [python, "-m", "pytest", *(words or _side_by_side())],
    }
    told: list[str] = []
    failed = False
    for name, command in checks.items():
        say(f"--- {name}")
        began = time.monotonic()
        code = subprocess.run(command, cwd=CHECKOUT, env=around(env), check=False).returncode
        failed = failed or code != 0
        told.append(f"{name} {'failed' if code else 'ok'} ({time.monotonic() - began:.0f} s)")
    say("--- " + " · ".join(told))
    return int(failed)


def _side_by_side() -> list[str]:
    """The whole suite runs on two cores at least: its tests wait more than they compute. The long files come first."""
    return ["-n", str(min(4, max(2, os.cpu_count() or 1))), "--dist", "loadfile", "--no-loadscope-reorder"]
