"""Describes a package and its lock, and runs the registries' own clients."""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, NamedTuple

from orchestrator.domain.base_value import Value
from orchestrator.errors import Refused

_SECONDS = 600
_IDLE = ("code ", "A complete log", "WARNING:", "[notice]")


class Package(Value):
    """A package of PyPI or npm. `sha`: of its lock, which names every file that is installed by its hash."""

    kind: Literal["pypi", "npm"]
    name: str
    version: str
    sha: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}@{self.version} sha256:{self.sha}"


class PackageLock(NamedTuple):
    """A package at the version found, and the names and hashes of all its files."""

    name: str
    version: str
    content: bytes


def run(name: str, command: Sequence[str], place: Path) -> str:
    """Returns what the command prints. Raises Refused with its last words. Blocks."""
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False, cwd=place, umask=0o022,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Refused(f"The package {name!r} couldn't be installed: {error}.") from error
    if done.returncode:
        raise Refused(f"The package {name!r} couldn't be installed: {_reason(done.stderr or done.stdout)}")
    return done.stdout


def _reason(said: str) -> str:
    """Returns the first line that says why; the last ones say where the log is."""
    lines = [re.sub(r"^(npm error|npm ERR!|ERROR:)\s*", "", line).strip() for line in said.splitlines()]
    known = [
        line for line in lines if line and not line.startswith(("code ", "A complete log", "WARNING:", "[notice]"))
    ]
    return known[0][:300] if known else "no reason given"
