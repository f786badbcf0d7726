"""Runs commands and Python in the sandbox: one writable folder, and a network only if people granted it."""

import time
from collections.abc import Callable
from dataclasses import replace
from math import inf
from typing import Annotated

from agents.sandbox.background_processes import Background
from agents.sandbox.call_grants import GrantRequest, SandboxAccess
from agents.sandbox.process_io import ProcessIO
from agents.sandbox.sandbox_interface import Ended, Job
from agents.tool import CallContext, Tool, tool
from agents.tools.shell.background_commands import conversing, told
from orchestrator.domain.tool_calls import CallResult, Effect
from orchestrator.errors import ToolFailed

MOST_SECONDS = 600
_BETWEEN_LINES = 0.5
_EFFECTS = (Effect.EXECUTE, Effect.WRITE_WORKSPACE)
Seconds = Annotated[int, f"timeout in seconds, at most {MOST_SECONDS}"]
Domains = Annotated[
    list[str],
    "hosts the code may reach, e.g. 'pypi.org' or '*.example.com'; a person is asked first. If empty: no network",
]
Folders = Annotated[list[str], "granted folders to mount read-only at /folders/NAME"]


def tools(workshop: SandboxAccess, commands: Background) -> list[Tool]:
    """Returns all tools that execute code in that workshop's sandbox."""

    @tool(effects=_EFFECTS, repeat=False, reaches="domains")
    async def run_shell(
        room: CallContext,
        command: Annotated[str, "run by bash in the workspace folder"],
        seconds: Seconds = 120,
        domains: Domains = [],  # noqa: B006 - becomes the schema's default
        folders: Folders = [],  # noqa: B006
        background: Annotated[bool, "keep it running; returns a handle for shell_output"] = False,
    ) -> CallResult:
        """Run a bash command in the task's workspace, without network access unless you pass `domains`.

        Git is available, with hooks off. Background commands share files with other commands, but not ports.
        """
        code, wanted = {"command": command.encode()}, GrantRequest(domains, folders)
        job = Job(("/bin/bash", "/code/command"), room.workspace.root, _checked(seconds), code)
        return await (_begin if background else _run)(room, job, wanted)

    @tool(effects=_EFFECTS, repeat=False, reaches="domains")
    async def run_python(
        room: CallContext,
        code: Annotated[str, "a whole Python program; print what you want to see"],
        seconds: Seconds = 120,
        domains: Domains = [],  # noqa: B006
        folders: Folders = [],  # noqa: B006
    ) -> CallResult:
        """Run Python with pandas, numpy, duckdb, openpyxl, python-docx, python-pptx, pypdf, pillow, and matplotlib.

        It runs in the task's workspace, without network access unless you pass `domains`.
        """
        program = (workshop.sandbox.python, "/code/main.py")
        job = Job(program, room.workspace.root, _checked(seconds), {"main.py": code.encode()})
        return await _run(room, job, GrantRequest(domains, folders))

    async def _run(room: CallContext, job: Job, wanted: GrantRequest) -> CallResult:
        return told(await workshop.run(room.call, job, wanted, _now_and_then(room.progress)), wanted)

    async def _begin(room: CallContext, job: Job, wanted: GrantRequest) -> CallResult:
        workshop.check(room.call, wanted)

        async def going(talk: ProcessIO) -> Ended:
            return await workshop.run(room.call, replace(job, talk=talk, seconds=inf), wanted, lambda _: None)

        handle = commands.start(room.call, wanted, going)
        words = (
            f"Running in the background as {handle!r} until it or your work ends. Read its output with shell_output."
        )
        return CallResult(ok=True, text=words, labels=wanted.labels)

    return [_knowing(run_shell, workshop), _knowing(run_python, workshop), *conversing(commands)]


def _knowing(tool: Tool, workshop: SandboxAccess) -> Tool:
    """Returns the tool with the granted folders in its description."""
    if not workshop.folders:
        return tool
    words = f"{tool.spec.description}\nGranted folders: {', '.join(sorted(workshop.folders))}."
    return replace(tool, spec=tool.spec.model_copy(update={"description": words}))


def _checked(seconds: int) -> int:
    if not 1 <= seconds <= MOST_SECONDS:
        raise ToolFailed(f"'seconds' is {seconds}; choose 1 to {MOST_SECONDS}, and split longer work into parts.")
    return seconds


def _now_and_then(show: Callable[[str], None]) -> Callable[[str], None]:
    """Limits progress lines to a few per second."""
    last = 0.0

    def line(words: str) -> None:
        nonlocal last
        if (now := time.monotonic()) - last >= _BETWEEN_LINES:
            last = now
            show(words)

    return line
