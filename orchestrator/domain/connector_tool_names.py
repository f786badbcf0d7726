"""Names a connector's tool for models and for people: `mcp__github__create_issue`. Pure."""

import re
from collections.abc import Iterable
from typing import NamedTuple

from orchestrator.domain.ids import digest

PREFIX = "mcp__"
LONGEST = 64
"""Characters of a tool's name that every model accepts."""
CONNECTOR = re.compile(r"[a-z][a-z0-9-]{0,23}")
"""The name of a connector."""
_REFUSED = re.compile(r"[^A-Za-z0-9_-]+")


class ConnectorToolName(NamedTuple):
    """The parts of a tool's name."""

    connector: str
    tool: str


def parts(name: str) -> ConnectorToolName | None:
    """Returns the parts of a connector tool's name; None for any other tool."""
    connector, between, tool = name.removeprefix(PREFIX).partition("__")
    return ConnectorToolName(connector, tool) if name.startswith(PREFIX) and between else None


def names(connector: str, tools: Iterable[str]) -> dict[str, str]:
    """Returns a unique name of at most 64 of the characters [A-Za-z0-9_-] for each tool of a connector.

    A name that had to be changed ends with a hash of the original, so it stays the same whatever else there is.
    """
    return {tool: _name(connector, tool) for tool in tools}


def _name(connector: str, tool: str) -> str:
    plain = _REFUSED.sub("_", tool)
    name = f"{PREFIX}{connector}__{plain}"
    if plain == tool and tool and len(name) <= LONGEST:
        return name
    mark = digest("connector tool", tool, length=8)
    return f"{name[: LONGEST - len(mark) - 1]}_{mark}"
