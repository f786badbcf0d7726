"""Running code that nobody trusts: what a sandbox takes and gives back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

from pydantic import Field

from orchestrator.domain.value import Value

INSIDE = "/workspace"
"""Where the task's folder is inside."""


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


@dataclass(frozen=True)
class Job:
    """One command. `code`: files that appear read-only below /code, by bare name; `seconds` never exceeds the limit."""

    command: tuple[str, ...]
    folder: Path
    seconds: float
    code: Mapping[str, bytes] = field(default_factory=dict[str, bytes])


@dataclass(frozen=True)
class Ended:
    """How it ended. `why`: by itself, or which limit killed it. `output`: both streams, the middle cut if long."""

    code: int
    output: str
    why: Literal["exit", "seconds", "disk"] = "exit"


class Sandbox(Protocol):
    """No network, no sight of the machine but programs, one writable folder; all inside dies with the command."""

    @property
    def refused(self) -> str:
        """Why nothing can be run here, as a sentence; empty when commands can be run."""
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
