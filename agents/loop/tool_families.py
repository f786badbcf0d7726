"""Decides which of an agent's tools its prompts show: the core, and the families that it has opened."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from agents.conversation.transcript import OPENS_TOOLS
from agents.hub_tools import more_tools
from agents.tool import Tool
from orchestrator.domain.calls import Call, ToolSpec


@dataclass(frozen=True)
class AgentTools:
    """All tools of an agent by name. `families`: those that are shown only once their family is open.

    A family is opened by `more_tools`, or by a call to one of its tools, which runs all the same. The open ones follow
    from the calls that an attempt has made, so a restart shows the same tools. A family comes after everything that was
    shown before it, so vendors can reuse what they read of the tools.
    """

    every: Mapping[str, ToolSpec]
    families: more_tools.Families
    opener: Tool | None = None
    """`more_tools` with the list of these families, if there are any."""

    def opened(self, calls: Iterable[Call]) -> Sequence[str]:
        """Returns the families that these calls have opened, in this order."""
        if not self.families:
            return ()
        named = (call.args.get("family") if call.tool == OPENS_TOOLS else call.tool for call in calls)
        found = (more_tools.family_named(name, self.families) for name in named)
        return [*dict.fromkeys(name for name in found if name is not None)]

    def shown(self, opened: Sequence[str]) -> tuple[ToolSpec, ...]:
        """Returns the tools of a prompt, in order."""
        hidden = {spec.name for specs in self.families.values() for spec in specs}
        core = (spec for name, spec in self.every.items() if name not in hidden)
        return (*core, *(spec for name in opened for spec in self.families[name]))

    def unopened(self, opened: Sequence[str]) -> tuple[ToolSpec, ...]:
        """Returns the tools that the agent may call although its prompt doesn't show them."""
        return tuple(spec for name, specs in self.families.items() if name not in opened for spec in specs)


def agent_tools(specs: Mapping[str, ToolSpec], families: Mapping[str, Sequence[str]]) -> AgentTools:
    """Returns the tools with the families of them that aren't empty, and with `more_tools` if there are any."""
    offered = {name: [specs[tool] for tool in tools if tool in specs] for name, tools in families.items()}
    offered = {name: tuple(rows) for name, rows in offered.items() if rows}
    if not offered:
        return AgentTools(specs, {})
    opener = more_tools.more_tools(offered)
    return AgentTools({**specs, OPENS_TOOLS: opener.spec}, offered, opener)
