"""Defines the tool that makes a patch of the changes in a repository."""

from typing import Annotated

from agents.sandbox.call_grants import SandboxAccess
from agents.tool import CallContext, Tool, tool
from agents.tools.git import scripts
from agents.tools.git.unquote_file_names import unquoted
from orchestrator.domain.escape_file_names import real
from orchestrator.domain.tool_calls import Effect
from orchestrator.errors import ToolFailed


def tools(workshop: SandboxAccess) -> list[Tool]:
    """What run_shell doesn't do on its own."""

    @tool(effects=[Effect.READ, Effect.WRITE_WORKSPACE])
    async def make_patch(
        room: CallContext,
        save_as: Annotated[str, "the .patch file to write"],
        folder: Annotated[str, "the repository's folder in the workspace"] = ".",
        base: Annotated[str, "commit or branch to compare with; default: its upstream, else HEAD"] = "",
    ) -> str:
        """Make a patch with all changes in a git repository, committed or not, and check that it applies cleanly."""
        save_as, folder = _inside(save_as), _inside(folder)
        if not save_as.endswith(".patch"):
            raise ToolFailed(f"{save_as!r} doesn't end in '.patch'. Use a name that does.")
        if base.startswith("-"):
            raise ToolFailed(f"{base!r} isn't a commit or branch. Use one like 'main'.")
        ended = await scripts.run(workshop, room, "make.sh", real(folder), base, real(save_as))
        words = unquoted(ended.output.strip())
        if ended.code == scripts.REFUSED:
            raise ToolFailed(words)
        if ended.killed:
            raise ToolFailed("The system killed Git, so nothing was written. Make the patch again.")
        if ended.code or ended.why != "exit":
            last = words.splitlines()[-1][:300] if words else ended.why
            raise ToolFailed(f"The patch couldn't be made ({last}). Try git with run_shell.")
        return f"{save_as}: {words}"

    return [make_patch]


def _inside(path: str) -> str:
    path = path.removeprefix("/workspace").removeprefix("/") if path.startswith("/workspace") else path
    if path.startswith("/") or ".." in path.split("/"):
        raise ToolFailed(f"{path!r} is outside the workspace. Use its path inside the workspace.")
    return path or "."
