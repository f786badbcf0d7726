"""Describes an MCP server for the search: its location, its tools, its answers."""

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from urllib.parse import parse_qsl, urlsplit

from pydantic import JsonValue

from orchestrator.domain.base_value import Value
from orchestrator.domain.tool_calls import domain_of


class McpServer(Value):
    """A server's location: a program with its arguments and environment, or a URL with its bearer key.

    `tool` and `argument`: the search tool, and its argument for the query; empty: detected. `home`: the folder of all
    servers. `egress`, `near`: hosts that a program may reach, and private ones that the owner opened. `folders`: those
    that it sees.
    """

    command: tuple[str, ...] = ()
    env: Mapping[str, str] = {}
    url: str = ""
    key: str = ""
    tool: str = ""
    argument: str = ""
    home: str = ""
    egress: tuple[str, ...] = ()
    near: tuple[str, ...] = ()
    folders: Mapping[str, str] = {}

    @property
    def at(self) -> str:
        return (domain_of(self.url) or self.url) if self.url else f"mcp:{PurePath(self.command[0]).name}"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Returns secrets that no sentence may repeat."""
        asked = urlsplit(self.url).query
        found = (self.key, *self.env.values(), asked, *(value for _, value in parse_qsl(asked)))
        return tuple(one for one in found if len(one) > 3)


class McpTool(Value):
    """One tool of the server: its name and the JSON schema of its arguments."""

    name: str
    schema_: dict[str, JsonValue]

    @property
    def fields(self) -> Mapping[str, Mapping[str, JsonValue]]:
        found = self.schema_.get("properties")
        return {n: f for n, f in found.items() if isinstance(f, dict)} if isinstance(found, dict) else {}

    @property
    def required(self) -> Sequence[str]:
        found = self.schema_.get("required")
        return [str(one) for one in found] if isinstance(found, list) else []


class McpAnswer(Value):
    """A tool's answer: its text blocks, and its structured content if any."""

    texts: tuple[str, ...]
    structured: JsonValue = None
    failed: bool = False
