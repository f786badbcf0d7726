"""Decides which of an agent's tools its prompts show: the core, and the families that it has opened."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from agents.conversation.transcript import OPENS_TOOLS
from agents.hub_tools import more_tools
from agents.tool import Tool
from agents.tool_source import NO_OFFER, ToolOffer
from orchestrator.domain.tool_calls import Call, ToolSpec


@dataclass(frozen=True)
class AgentTools:
    """All tools of an agent by name. `families`: those that are shown only once their family is open.

    A family is opened by `more_tools`, or by a call to one of its tools, which runs all the same. The open ones follow
    from the calls that an attempt has made, so a restart shows the same tools. A family comes after everything that was
    shown before it, so vendors can reuse what they read of the tools.
    """

    every: Mapping[str, ToolSpec]
    families: more_tools.Families
    in_hub: Mapping[str, Tool]
    """Those of this task alone that run in the hub, `more_tools` among them."""
    hidden: Mapping[str, Tool]
    """Behind a search; see `agents/tool_source.py`."""

    def opened(self, calls: Iterable[Call]) -> Sequence[str]:
        """Returns the families that these calls have opened, in this order."""
        named = (call.args.get("family") if call.tool == OPENS_TOOLS else call.tool for call in calls)
        found = (self._homes.get(str(name).strip().lower()) for name in named)
        return [*dict.fromkeys(name for name in found if name is not None)]

    @cached_property
    def _homes(self) -> Mapping[str, str]:
        return more_tools.homes(self.families)

    def shown(self, calls: Iterable[Call]) -> tuple[ToolSpec, ...]:
        """Returns the tools of the prompt after these calls, in order."""
        later = {spec.name for specs in self.families.values() for spec in specs}
        core = (spec for name, spec in self.every.items() if name not in later)
        return (*core, *(spec for name in self.opened(calls) for spec in self.families[name]))

    def unopened(self, calls: Iterable[Call]) -> tuple[ToolSpec, ...]:
        """Returns the tools of the families that these calls haven't opened."""
        opened = self.opened(calls)
        return tuple(spec for name, specs in self.families.items() if name not in opened for spec in specs)

    def not_shown(self, calls: Iterable[Call]) -> tuple[ToolSpec, ...]:
        """Returns the tools that may be called although the prompt after these calls doesn't show them."""
        return (*self.unopened(calls), *(tool.spec for tool in self.hidden.values()))


def agent_tools(
    specs: Mapping[str, ToolSpec], families: Mapping[str, Sequence[str]], offer: ToolOffer = NO_OFFER
) -> AgentTools:
    """Returns the tools of `specs` with the families of them that aren't empty, and `more_tools` if there are any."""
    hidden = {name: tool for name, tool in offer.hidden.items() if name in specs}
    every = {name: spec for name, spec in specs.items() if name not in hidden}
    rows = {name: (*families.get(name, ()), *offer.families.get(name, ())) for name in {**families, **offer.families}}
    offered = {name: tuple(every[tool] for tool in tools if tool in every) for name, tools in rows.items()}
    offered = {name: row for name, row in offered.items() if row}
    opener = [more_tools.more_tools(offered)] if offered else []
    in_hub = {**offer.shown, **{tool.spec.name: tool for tool in opener}}
    return AgentTools({**every, **{tool.spec.name: tool.spec for tool in opener}}, offered, in_hub, hidden)
