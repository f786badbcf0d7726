"""Talks to background commands and describes how a command ended."""

from dataclasses import replace
from typing import Annotated

from agents.sandbox.background_processes import Background, Process
from agents.sandbox.call_grants import GrantRequest
from agents.sandbox.sandbox_interface import Ended
from agents.tool import CallContext, Tool, tool
from agents.tools.shell.failure_advice import advice, plain
from orchestrator.domain.plural import in_seconds
from orchestrator.domain.tool_calls import CallResult, Effect
from orchestrator.errors import ToolFailed

MOST_WAIT = 60
_EFFECTS = (Effect.EXECUTE, Effect.WRITE_WORKSPACE)
Handle = Annotated[str, "the handle that run_shell returned"]


def conversing(commands: Background) -> list[Tool]:
    """Returns the tools that read, write to and stop background commands of `run_shell`."""

    @tool(effects={Effect.READ}, parallel=True)
    async def shell_output(
        room: CallContext, handle: Handle, wait: Annotated[int, f"seconds to wait for output, at most {MOST_WAIT}"] = 0
    ) -> CallResult:
        """Read a background command's new output and see whether it's still running."""
        process = commands.find(room.call.task, handle)
        said = await process.news(min(max(wait, 0), MOST_WAIT))
        return _heard(said, process)

    @tool(effects=_EFFECTS, repeat=False)
    async def shell_input(
        room: CallContext,
        handle: Handle,
        text: Annotated[str, "written to standard input as is; end a line with a newline"],
        last: Annotated[bool, "close its input afterward"] = False,
    ) -> str:
        """Write to a background command."""
        process = commands.find(room.call.task, handle)
        if process.ending.done() or not await process.talk.tell(text, last=last):
            raise ToolFailed(f"{handle!r} no longer accepts input. Check it with shell_output.")
        return "Written."

    @tool(effects=_EFFECTS)
    async def shell_stop(room: CallContext, handle: Handle) -> CallResult:
        """Stop a background command and everything it started."""
        process = commands.find(room.call.task, handle)
        await process.stop()
        return _heard(process.talk.take(), process)

    return [shell_output, shell_input, shell_stop]


def told(ended: Ended, wanted: GrantRequest) -> CallResult:
    """Returns the output, then how it ended."""
    match ended.why:
        case "seconds":
            how = f"It timed out after {in_seconds(ended.seconds)}. Raise 'seconds', or use background=true."
        case "disk":
            how = "It was stopped because the workspace or disk was full. Delete files or write less."
        case "exit" if ended.killed:
            how = (
                "The system killed the command, perhaps because memory ran out. Check what it left behind before you "
                "run it again."
            )
        case "exit" if ended.code == 0:
            how = "It ended with exit code 0."
        case "exit":
            how = f"It failed with exit code {ended.code}."
    output = plain(ended.output).rstrip()
    if more := advice(output, failed=ended.why == "exit" and ended.code != 0, online=bool(wanted.domains)):
        how = f"{how} {more}"
    text = f"{output}\n\n{how}" if output else how
    return CallResult(ok=ended.why == "exit" and ended.code == 0, text=text, labels=wanted.labels)


def _heard(said: str, process: Process) -> CallResult:
    if not process.ending.done() or process.ending.cancelled():
        how = "It was stopped." if process.ending.done() else "It's still running."
        return CallResult(ok=True, text=f"{plain(said).rstrip()}\n\n{how}".lstrip(), labels=process.wanted.labels)
    if error := process.ending.exception():
        raise ToolFailed(f"The background command failed: {error}") from error
    ended = process.ending.result()
    return told(replace(ended, output=said + ended.output), process.wanted)
