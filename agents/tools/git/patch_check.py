"""Checks whether a delivered patch applies. Wraps the inspection that every file gets."""

from dataclasses import replace
from pathlib import PurePosixPath

from agents.sandbox.call_grants import SandboxAccess
from agents.tool import CallContext, Tool
from agents.tools.git import scripts
from orchestrator.domain.deliverables import Check, Inspection
from orchestrator.domain.escape_file_names import real
from orchestrator.domain.tool_calls import CallResult

_KINDS = (".patch", ".diff")


def with_patches(tools: tuple[Tool, ...], workshop: SandboxAccess) -> tuple[Tool, ...]:
    """Returns the tools, with an inspection that also tries patches."""
    return tuple(checked(one, workshop) if one.spec.name == "inspect_deliverable" else one for one in tools)


def checked(inspect: Tool, workshop: SandboxAccess) -> Tool:
    """Returns the inspection; for a patch it also says whether it applies to its repository."""

    async def inspected(room: CallContext, path: str) -> CallResult:
        result = await inspect.function(room, path=path)
        if PurePosixPath(path).suffix.lower() not in _KINDS or not isinstance(result, CallResult) or not result.ok:
            return result if isinstance(result, CallResult) else CallResult(ok=True, text=result)
        patch = real(str(PurePosixPath(path)).removeprefix("/workspace/"))
        ended = await scripts.run(workshop, room, "check.sh", patch)
        words = ended.output.strip() or "git couldn't be started"
        check = Check(name="applies", ok=ended.code == 0 and ended.why == "exit", words=words)
        found = Inspection.model_validate_json(result.text)
        found = found.model_copy(update={"checks": (*found.checks, check)})
        return result.model_copy(update={"text": found.model_dump_json()})

    return replace(inspect, function=inspected)
