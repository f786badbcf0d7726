"""Finds a connector's tool by a description, for agents that have too many to list."""

import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Annotated

from agents.tool import Tool, tool
from agents.tool_source import CALL_TOOL
from orchestrator.domain.connector_tool_names import parts
from orchestrator.errors import ToolFailed

MOST_LISTED = 30
"""Tools that an agent gets as a list."""
MOST_CHARACTERS = 16_000
"""Characters of their schemas and descriptions."""
MOST_AT_ONCE = 2_000
"""Characters of them that every prompt shows; more than that opens by connector."""
MOST_FOUND = 5
_WORD = re.compile(r"[^\W_]+")
_NAMES = 12


def too_many(tools: Mapping[str, Tool]) -> bool:
    """Returns whether the agent gets a search tool instead of the list."""
    return len(tools) > MOST_LISTED or _size(tools) > MOST_CHARACTERS


def families_of(tools: Mapping[str, Tool]) -> Mapping[str, Sequence[str]]:
    """Returns the tools' names by connector, for the agent to open; none if its prompts have room for all of them."""
    if _size(tools) <= MOST_AT_ONCE:
        return {}
    found = [(row.connector, name) for name in tools if (row := parts(name))]
    return {connector: [name for one, name in found if one == connector] for connector, _ in found}


def _size(tools: Mapping[str, Tool]) -> int:
    return sum(len(json.dumps(t.spec.parameters)) + len(t.spec.description) for t in tools.values())


def ranked(words: str, tools: Mapping[str, Tool]) -> list[Tool]:
    """Returns the tools that fit best, best first; none if no word fits."""
    asked = set(_terms(words))
    rows = {name: Counter(_terms(f"{name} {name} {one.spec.description}")) for name, one in tools.items()}
    known = Counter(term for row in rows.values() for term in row)

    def score(name: str) -> float:
        row = rows[name]
        return sum(math.log(1 + len(rows) / known[t]) * row[t] / (row[t] + 1.2) for t in asked if row[t])

    best = sorted((name for name in rows if score(name) > 0), key=lambda name: (-score(name), name))
    return [tools[name] for name in best[:MOST_FOUND]]


def _terms(text: str) -> list[str]:
    words = [w.lower() for part in _WORD.findall(text) for w in re.split(r"(?<=[a-z])(?=[A-Z])", part)]
    return [*words, *(w.removesuffix("s") for w in words if len(w) > 3 and w.endswith("s"))]


def search_tools(tools: Mapping[str, Tool]) -> tuple[Tool, Tool]:
    """Returns `find_tool` and `call_tool` for these."""

    @tool(effects=(), place="hub", parallel=True)
    async def find_tool(
        _: object, words: Annotated[str, "what the tool should do, and the service, e.g. 'github create issue'"]
    ) -> str:
        """Find tools of connected services. Returns their names and arguments; then use call_tool."""
        found = ranked(words, tools)
        if not found:
            return f"No tool matches {words[:200]!r}. Connected services: {_services(tools)}. Try other words."
        return "\n\n".join(_shown(one) for one in found)

    @tool(effects=(), place="hub")
    async def call_tool(
        _: object,
        tool: Annotated[str, "a name from find_tool"],
        arguments: Annotated[dict[str, object] | None, "that tool's arguments"] = None,
    ) -> str:
        """Call a tool that find_tool has found."""
        near = ", ".join(one.spec.name for one in ranked(tool, tools)) or "none"
        raise ToolFailed(f"There's no tool {tool[:100]!r}. Call find_tool; the nearest are: {near}.")

    described = find_tool.spec.description + f" Connected services: {_services(tools)}."
    spec = find_tool.spec.model_copy(update={"description": described})
    assert call_tool.spec.name == CALL_TOOL
    return Tool(spec, find_tool.arguments, find_tool.function), call_tool


def _services(tools: Mapping[str, Tool]) -> str:
    count = Counter(found.connector for name in tools if (found := parts(name)))
    rows: Sequence[str] = [f"{name} ({many})" for name, many in count.items()]
    more = f" and {len(rows) - _NAMES} more" if len(rows) > _NAMES else ""
    return ", ".join(rows[:_NAMES]) + more


def _shown(found: Tool) -> str:
    spec = found.spec
    return f"{spec.name}\n{spec.description}\nArguments: {json.dumps(spec.parameters, ensure_ascii=False)}"
