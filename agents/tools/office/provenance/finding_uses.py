"""Lists the places of the workspace's files that use findings, to revise them after a correction."""

import asyncio
from collections.abc import Collection
from typing import Annotated

from agents.tool import CallContext, Workspace, tool
from agents.tools.office import provenance_file
from orchestrator.domain.tool_calls import Effect

_MOST_SHOWN = 300


@tool(effects={Effect.READ}, parallel=True)
async def uses_of_findings(
    room: CallContext, findings: Annotated[list[str], "IDs of the findings to look up, e.g. ones that were corrected"]
) -> str:
    """List the files, cells, paragraphs, and tables that use these findings."""
    lines = await asyncio.to_thread(_uses, room.workspace, set(findings))
    if not lines:
        return "No file in the workspace uses these findings."
    shown = "\n".join(lines[:_MOST_SHOWN])
    more = f"\n… and {len(lines) - _MOST_SHOWN} more." if len(lines) > _MOST_SHOWN else ""
    return f"{shown}{more}\nFormulas that read these cells update automatically."


def _uses(workspace: Workspace, ids: Collection[str]) -> list[str]:
    lines: list[str] = []
    for sidecar in provenance_file.sidecars(workspace):
        for place in provenance_file.stale_places(sidecar, ids):
            named = ", ".join(i for i in place.findings if i in ids)
            lines.append(f"- {sidecar.file}, {place.place}: shows {place.shows!r}, uses {named}")
    return lines
