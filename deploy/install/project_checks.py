"""Runs every check of the project for `./run test`."""

import os
import subprocess
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from install.installer import around
from install.messages import CHECKOUT, say

ROOMY = {"NODE_OPTIONS": "--max-semi-space-size=128"}
"""Megabytes for new objects: the type checker, a program of Node, then collects garbage less often."""
SLOWEST = ("--durations=10", "--durations-min=1")


class _Checked(NamedTuple):
    """How a check ended, and what it printed while it ran beside the tests."""

    name: str
    code: int
    seconds: float
    output: str = ""


def check(env: Path, words: Sequence[str]) -> int:
    """Runs every check, even after one has failed. Returns 0 if all pass. `words` go to pytest.

    Types and import contracts are checked while the tests run, which wait more than they compute.
    """
    python = str(env / "bin/python")
    with ThreadPoolExecutor(2) as beside:
        done = [
            _run(env, "lint", [python, "-m", "ruff", "check", "."]),
            _run(env, "format", [python, "-m", "ruff", "format", "--check", "."]),
        ]
        types = [python, "-m", "basedpyright", "--level", "error", "--pythonpath", python]
        later = [
            beside.submit(_run_silently, env, "types", types),
            beside.submit(_run_silently, env, "arrows", [str(env / "bin/lint-imports")]),
        ]
        done.append(_run(env, "tests", [python, "-m", "pytest", *arguments(words, os.cpu_count() or 1, _memory())]))
        done += [one.result() for one in later]
    for one in done:
        if one.code and one.output:
            say(f"--- {one.name}\n{one.output}")
    say("--- " + " · ".join(f"{c.name} {'failed' if c.code else 'ok'} ({c.seconds:.0f} s)" for c in done))
    return int(any(one.code for one in done))


def arguments(words: Sequence[str], cores: int, memory: int) -> list[str]:
    """Returns pytest's arguments. Without words from the caller (`--all` doesn't count) the whole suite runs in
    parallel.

    It uses three workers for each core, because tests wait more than they compute, if there are 2 GB of memory for
    each. The long files come first. `memory`: in bytes.
    """
    if any(word != "--all" for word in words):
        return [*SLOWEST, *words]
    workers = max(2, min(8, 3 * cores, memory // 2_000_000_000))
    return [*SLOWEST, "-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder", *words]


def _memory() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")


def _run(env: Path, name: str, command: Sequence[str]) -> _Checked:
    say(f"--- {name}")
    began = time.monotonic()
    code = subprocess.run(command, cwd=CHECKOUT, env=around(env), check=False).returncode
    return _Checked(name, code, time.monotonic() - began)


def _run_silently(env: Path, name: str, command: Sequence[str]) -> _Checked:
    began = time.monotonic()
    done = subprocess.run(
        command,
        cwd=CHECKOUT,
        env={**ROOMY, **around(env)},
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return _Checked(name, done.returncode, time.monotonic() - began, done.stdout)
