"""Running code that nobody trusts: what a sandbox takes and gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from pydantic import Field

from agents.sandbox.process_io import Talk
from orchestrator.domain.value import Value

INSIDE = "/workspace"
"""Where the task's folder is inside."""
FOLDERS = "/folders"
"""Where granted folders are inside, by name, read-only."""


class Limits(Value):
    """What one command may use. Bytes, seconds, counts; memory is per process."""

    seconds: float = Field(default=600, gt=0)
    memory: int = Field(default=3 << 30, gt=0)
    processes: int = Field(default=200, gt=0)
    file_size: int = Field(default=1 << 30, gt=0)
    open_files: int = Field(default=512, gt=0)
    workspace: int = Field(default=4 << 30, gt=0)
    """Bytes on disk of the whole workspace; a command that goes over is killed."""
    free: int = Field(default=256 << 20, ge=0)
    """Free bytes the disk must keep."""
    scratch: int = Field(default=256 << 20, gt=0)
    """Bytes of the private /tmp, which is memory."""
    upload: int = Field(default=20 << 20, ge=0)
    """Bytes that one command may send where it has a network."""
    background: float = Field(default=4 * 3600, gt=0)
    """Seconds that a command may run in the background."""


@dataclass(frozen=True)
class Job:
    """One command. `code`: files that appear read-only below /code, by bare name; `seconds` never exceeds the limit.

    `known`: files that appear read-only at that whole path, what the host found out so that nobody has to again.
    `folders`: by the name they have inside. `egress`: the socket of the proxy that is its only network. `talk`: for a
    command that goes on while others read its output and write to it; it has the longer limit of time.
    """

    command: tuple[str, ...]
    folder: Path
    seconds: float
    code: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    known: Mapping[str, bytes] = field(default_factory=dict[str, bytes])
    folders: Mapping[str, Path] = field(default_factory=dict[str, Path])
    egress: Path | None = None
    talk: Talk | None = None


@dataclass(frozen=True)
class Ended:
    """How it ended. `why`: by itself, or which limit killed it; `seconds`: the time it had.

    `output`: both streams, the middle cut if long.
    """

    code: int
    output: str
    why: Literal["exit", "seconds", "disk"] = "exit"
    seconds: float = 0

    @property
    def killed(self) -> bool:
        """Whether somebody else ended it, as the system does when memory runs out."""
        return self.why == "exit" and self.code in (-9, 137)


class Sandbox(Protocol):
    """No sight of the machine but programs, one writable folder, no network but a proxy; all dies with the command."""

    @property
    def refused(self) -> str:
        """Why nothing can be run here, as a sentence; empty when commands can be run."""
        ...

    @property
    def withstood(self) -> int:
        """How many attempts to get out failed when it was tried on this machine."""
        ...

    @property
    def python(self) -> str:
        """The interpreter to name in a command."""
        ...

    async def run(self, job: Job, on_line: Callable[[str], None]) -> Ended:
        """Runs it to its end; `on_line` gets every line of output as it comes.

        Cancelling kills it. Raises ToolFailed when it cannot be started, or nothing may be run here.
        """
        ...
