"""Refuses all commands on a host without a working sandbox and gives the reason."""

from collections.abc import Callable
from dataclasses import dataclass

from agents.sandbox.sandbox_interface import Ended, Job
from orchestrator.errors import ToolFailed


@dataclass(frozen=True)
class NoSandbox:
    """A Sandbox that runs nothing."""

    refused: str
    python: str = "python3"
    withstood: int = 0

    async def run(self, job: Job, on_line: Callable[[str], None]) -> Ended:
        raise ToolFailed(self.refused)
