"""Shows a call of an earlier turn again, after notes have replaced the turn in the conversation."""

import json
from collections.abc import Sequence
from typing import Annotated

from agents.hub_tools.coordination import HubCallContext
from agents.tool import Tool, tool
from orchestrator.errors import ToolFailed

PAGE = 12_000
"""Characters shown at once, so that a small window has room for them."""


@tool(effects=(), place="hub", parallel=True)
async def recall(
    side: HubCallContext,
    call: Annotated[str, "its number in your notes, e.g. '12.0'"],
    start: Annotated[int, "character to start at"] = 0,
) -> str:
    """Show one of your earlier calls again, with its full arguments and result, after notes have replaced it."""
    found = side.transcript.earlier(call.strip())
    if found is None or found.result is None:
        raise ToolFailed(f"There's no earlier call {call!r}. Your notes list the calls by number.")
    args = json.dumps(found.call.args, ensure_ascii=False)
    failed = "" if found.result.ok else "It failed: "
    text = f"{found.call.tool}({args})\n\n{failed}{found.result.text}"
    at = max(0, start)
    end = at + PAGE
    rest = f"\n[characters {at} to {end} of {len(text)}; start={end} shows more]" if len(text) > end else ""
    return text[at:end] + rest


TOOLS: Sequence[Tool] = (recall,)
