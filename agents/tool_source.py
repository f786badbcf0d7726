"""Defines where an agent's further tools come from, and how a call of a tool behind the search names it."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Protocol

from agents.tool import Tool
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import Call

CALL_TOOL = "call_tool"


class ToolOffer(NamedTuple):
    """Tools of one agent in one task. `hidden`: found with a search tool, and called by `call_tool`.

    `families`: those of `shown` that the agent's prompts show only once it opens their family, by the family's name.
    """

    shown: Mapping[str, Tool] = {}
    hidden: Mapping[str, Tool] = {}
    families: Mapping[str, Sequence[str]] = {}


NO_OFFER = ToolOffer()


class ToolSource(Protocol):
    """Offers an agent tools that differ by task."""

    async def offer(self, state: TaskState, agent: str, only: Collection[str] | None = None) -> ToolOffer:
        """`only`: names of the sources that this agent is limited to; None: no limit."""
        ...


def meant(call: Call, hidden: Mapping[str, object]) -> Call:
    """Returns the call that a `call_tool` stands for, so that people and rules see the tool itself."""
    name, args = call.args.get("tool"), call.args.get("arguments", {})
    if call.tool != CALL_TOOL or not isinstance(name, str) or name not in hidden:
        return call
    return call.model_copy(update={"tool": name, "args": args if isinstance(args, dict) else {}})
