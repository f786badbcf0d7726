"""Defines how untrusted code is run: what a sandbox takes and returns."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from agents.sandbox.process_io import ProcessIO

INSIDE = "/workspace"
"""Path of the task's folder inside."""
FOLDERS = "/folders"
"""Path of granted folders inside, by name, read-only."""


@dataclass(frozen=True)
class Job:
    """One command. `code`: files that appear read-only below /code, by bare name; `seconds` never exceeds the limit.

    `known`: files that appear read-only at that full path, such as lists that the host has computed once.
    `folders`, `skills`: by their name inside. `egress`: the socket of the proxy that is its only network. `talk`: for a
    background command whose output is read and input written while it runs; it has the longer timeout.
    """

    command: tuple[str, ...]
    folder: Path
    seconds: float
    code: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    known: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    folders: Mapping[str, Path] = field(default_factory=dict[str, Path])
    skills: Mapping[str, Path] = field(default_factory=dict[str, Path])
    egress: Path | None = None
    talk: ProcessIO | None = None


@dataclass(frozen=True)
class Ended:
    """How it ended. `why`: on its own, or which limit killed it; `seconds`: its timeout.

    `output`: both streams, the middle cut if long.
    """

    code: int
    output: str
    why: Literal["exit", "seconds", "disk"] = "exit"
    seconds: float = 0

    @property
    def killed(self) -> bool:
        """Returns whether it was killed from outside, as the system does when memory runs out."""
        return self.why == "exit" and self.code in (-9, 137)


class Sandbox(Protocol):
    """Runs commands that see only programs and one writable folder, with no network but a proxy; everything ends with
    them."""

    @property
    def refused(self) -> str:
        """Returns why nothing can be run here, as a sentence; empty if commands can be run."""
        ...

    @property
    def withstood(self) -> int:
        """Returns how many escape attempts failed when it was tried on this machine."""
        ...

    @property
    def python(self) -> str:
        """Returns the interpreter to name in a command."""
        ...

    async def run(self, job: Job, on_line: Callable[[str], None]) -> Ended:
        """Runs it to its end; `on_line` gets every line of output as it arrives.

        Canceling kills it. Raises ToolFailed if it can't be started, or nothing may be run here.
        """
        ...
