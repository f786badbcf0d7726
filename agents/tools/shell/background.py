"""Talking with commands that run in the background, and the words about how a command ended."""

from dataclasses import replace
from typing import Annotated

from agents.sandbox.background import Background, Process
from agents.sandbox.call_grants import Wanted
from agents.sandbox.port import Ended
from agents.tool import Room, Tool, tool
from agents.tools.shell.advice import advice, plain
from orchestrator.domain.calls import CallResult, Effect
from orchestrator.errors import ToolFailed

MOST_WAIT = 60
_EFFECTS = (Effect.EXECUTE, Effect.WRITE_WORKSPACE)
Handle = Annotated[str, "what run_shell gave for a command in the background"]


def conversing(commands: Background) -> list[Tool]:
    """The tools that read, write to and stop what `run_shell` left running."""

    @tool(effects={Effect.READ}, parallel=True)
    async def shell_output(
        room: Room, handle: Handle, wait: Annotated[int, f"seconds to wait for news, at most {MOST_WAIT}"] = 0
    ) -> CallResult:
        """Read what a command in the background has said since the last look, and whether it still runs."""
        process = commands.find(room.call.task, handle)
        said = await process.news(min(max(wait, 0), MOST_WAIT))
        return _heard(said, process)

    @tool(effects=_EFFECTS, repeat=False)
    async def shell_input(
        room: Room,
        handle: Handle,
        text: Annotated[str, "written to its standard input as it is; end a line with a newline"],
        last: Annotated[bool, "close its input afterwards"] = False,
    ) -> str:
        """Write to a command in the background."""
        process = commands.find(room.call.task, handle)
        if process.ending.done() or not await process.talk.tell(text, last=last):
            raise ToolFailed(f"{handle!r} does not read its input any more; look at it with shell_output.")
        return "Written."

    @tool(effects=_EFFECTS)
    async def shell_stop(room: Room, handle: Handle) -> CallResult:
        """Stop a command in the background, and all that it started."""
        process = commands.find(room.call.task, handle)
        await process.stop()
        return _heard(process.talk.take(), process)

    return [shell_output, shell_input, shell_stop]


def told(ended: Ended, wanted: Wanted) -> CallResult:
    """Output first, then how it ended."""
    match ended.why:
        case "seconds":
            how = (
                f"It was stopped after {ended.seconds:g} seconds, unfinished; give it more seconds or background=true."
            )
        case "disk":
            how = "It was stopped because the workspace or the disk was full; delete files or write less."
        case "exit" if ended.killed:
            how = "It was killed from outside, perhaps for lack of memory; look what it left before you run it again."
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
        how = "It was stopped." if process.ending.done() else "It still runs."
        return CallResult(ok=True, text=f"{plain(said).rstrip()}\n\n{how}".lstrip(), labels=process.wanted.labels)
    if error := process.ending.exception():
        raise ToolFailed(f"The command in the background broke: {error}") from error
    ended = process.ending.result()
    return told(replace(ended, output=said + ended.output), process.wanted)
