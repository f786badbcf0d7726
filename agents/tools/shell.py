"""Commands and Python in the sandbox: no network, one writable folder, nothing survives the command."""

import time
from collections.abc import Callable
from typing import Annotated

from agents.sandbox.port import Ended, Job, Sandbox
from agents.tool import Room, Tool, tool
from orchestrator.domain.calls import CallResult, Effect
from orchestrator.errors import ToolFailed

MOST_SECONDS = 600
_BETWEEN_LINES = 0.5
_EFFECTS = (Effect.EXECUTE, Effect.WRITE_WORKSPACE)
Seconds = Annotated[int, f"when to give up, at most {MOST_SECONDS}"]


def tools(sandbox: Sandbox) -> list[Tool]:
    """`run_shell` and `run_python` in that sandbox."""

    @tool(effects=_EFFECTS, repeat=False)
    async def run_shell(
        room: Room, command: Annotated[str, "what bash runs, in the workspace folder"], seconds: Seconds = 120
    ) -> CallResult:
        """Run a bash command in the task's workspace. There is no network and no other folder."""
        job = Job(("/bin/bash", "/code/command"), room.workspace.root, _checked(seconds), {"command": command.encode()})
        return _told(await sandbox.run(job, _now_and_then(room.progress)), seconds)

    @tool(effects=_EFFECTS, repeat=False)
    async def run_python(
        room: Room, code: Annotated[str, "a whole Python program; print what you want to see"], seconds: Seconds = 120
    ) -> CallResult:
        """Run Python with pandas, numpy, openpyxl, python-docx, pypdf, pillow and matplotlib in the task's workspace.

        There is no network. Files are read and written by their paths in the workspace.
        """
        job = Job((sandbox.python, "/code/main.py"), room.workspace.root, _checked(seconds), {"main.py": code.encode()})
        return _told(await sandbox.run(job, _now_and_then(room.progress)), seconds)

    return [run_shell, run_python]


def _checked(seconds: int) -> int:
    if not 1 <= seconds <= MOST_SECONDS:
        raise ToolFailed(f"'seconds' is {seconds}; choose 1 to {MOST_SECONDS}, and split longer work into parts.")
    return seconds


def _told(ended: Ended, seconds: int) -> CallResult:
    match ended.why:
        case "seconds":
            how = f"It was stopped after {seconds} seconds, unfinished."
        case "disk":
            how = "It was stopped because the workspace or the disk was full; delete files or write less."
        case "exit" if ended.code == 0:
            how = "It ended with exit code 0."
        case "exit":
            how = f"It failed with exit code {ended.code}."
    output = ended.output.rstrip()
    return CallResult(ok=ended.why == "exit" and ended.code == 0, text=f"{output}\n\n{how}" if output else how)


def _now_and_then(show: Callable[[str], None]) -> Callable[[str], None]:
    """At most a few lines a second reach people."""
    last = 0.0

    def line(words: str) -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= _BETWEEN_LINES:
            last = now
            show(words)

    return line
