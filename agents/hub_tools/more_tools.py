"""Lets an agent open a family of its tools. Their schemas are in its prompts from the next turn on."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Annotated

from agents.conversation.transcript import OPENS_TOOLS
from agents.tool import Tool, tool
from orchestrator.domain.tool_calls import CallResult, ToolSpec
from orchestrator.errors import ToolFailed

_MOST_WORDS = 70
"""Characters of a tool's description in the list of families."""
_MOST_DESCRIBED = 6
"""Tools of a family that are described there; the names of more than that say enough."""

Families = Mapping[str, Sequence[ToolSpec]]


def more_tools(families: Families) -> Tool:
    """Returns the tool with the list of these families in its description."""

    async def opening(_: object, family: str) -> str | CallResult:
        return await _open.function(families, family=family)

    lines = [f"- {name}: {_told(specs)}" for name, specs in families.items()]
    words = "\n".join(["Open one of these families of tools for the rest of your step.", *lines])
    return replace(
        _open, spec=_open.spec.model_copy(update={"name": OPENS_TOOLS, "description": words}), function=opening
    )


@tool(effects=(), place="hub", parallel=True)
async def _open(families: Families, family: Annotated[str, "name of the family"]) -> str:
    name = homes(families).get(family.strip().lower())
    if name is None:
        raise ToolFailed(f"There's no family {family!r}. The families are: {', '.join(families)}.")
    return f"{name!r} is open. From your next turn on you can call {_listed(families[name])}."


def homes(families: Families) -> Mapping[str, str]:
    """Returns which family is meant by its own name or by the name of one of its tools, in small letters."""
    tools = {spec.name.lower(): name for name, specs in families.items() for spec in specs}
    return {**tools, **{name.lower(): name for name in families}}


def _told(specs: Sequence[ToolSpec]) -> str:
    if len(specs) > _MOST_DESCRIBED:
        return ", ".join(spec.name for spec in specs)
    return ", ".join(map(_described, specs))


def _described(spec: ToolSpec) -> str:
    first = re.split(r"(?<=[.:;])\s", " ".join(spec.description.split()), maxsplit=1)[0].rstrip(".:;")
    words = first if len(first) <= _MOST_WORDS else first[:_MOST_WORDS].rpartition(" ")[0] + " …"
    return f"{spec.name} ({words})" if words else spec.name


def _listed(specs: Sequence[ToolSpec]) -> str:
    *names, last = [spec.name for spec in specs]
    return f"{', '.join(names)} and {last}" if names else last
