"""The web search's settings, and which service they mean. Pure."""

import json
import shlex
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr

from bot.config.read_settings_sources import table, words
from orchestrator.domain.base_value import Value
from orchestrator.domain.tool_calls import domain_of

Kind = Literal["searxng", "brave", "tavily", "mcp"]


def _command(value: object) -> object:
    """A program with its arguments, as one line or as a list (JSON in the environment)."""
    if not isinstance(value, str):
        return value
    return json.loads(value) if value.startswith("[") else tuple(shlex.split(value))


def _address(value: str | None) -> str | None:
    if value and (not domain_of(value) or any(c.isspace() for c in value.strip())):
        raise ValueError("this must start with http:// or https:// and name a host, e.g. https://search.example")
    return value.strip() if value else None


def _plain_address(value: str | None) -> str | None:
    if value and ("?" in value or "#" in value):
        raise ValueError("this must end with the path, without ? or #")
    return _address(value)


def _key(value: SecretStr | None) -> SecretStr | None:
    """A key that is valid in a header."""
    text = value.get_secret_value().strip() if value else ""
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("this isn't a key: it contains spaces or characters that keys never have")
    return SecretStr(text) if text else None


Key = Annotated[SecretStr | None, AfterValidator(_key)]
Address = Annotated[str | None, AfterValidator(_address)]


class McpServerSettings(Value):
    """A server that speaks MCP: a program to start, or an address."""

    command: Annotated[tuple[str, ...], BeforeValidator(_command)] = Field(
        default=(),
        description="MCP search server to start in the sandbox for each search, e.g. "
        "`npx -y @brave/brave-search-mcp-server`, which is installed once.",
    )
    env: Annotated[dict[str, SecretStr], BeforeValidator(table)] = Field(
        default={},
        description="Environment variables for that program, e.g. its key; it inherits none of threadwork's.",
    )
    egress: Annotated[tuple[str, ...], BeforeValidator(words)] = Field(
        default=(), description="Hosts that the program may reach, e.g. `api.search.brave.com`."
    )
    url: Address = Field(default=None, description="Address of an MCP search server (streamable HTTP).")
    api_key: Key = Field(default=None, description="Bearer key for `search.mcp.url`.")
    tool: str = Field(
        default="", description="The server's search tool; default: the one whose name looks most like a web search."
    )
    argument: str = Field(default="", description="The tool's argument for the query; default: detected automatically.")


class SearchSettings(Value):
    kind: Kind | None = Field(
        default=None,
        description="Search service: `searxng`, `brave`, `tavily`, or `mcp`; default: the only one that's set up.",
    )
    searxng_url: Annotated[str | None, AfterValidator(_plain_address)] = Field(
        default=None, description="Address of a SearXNG server whose `search.formats` includes json."
    )
    brave_api_key: Key = Field(default=None, description="Key for Brave Search.")
    tavily_api_key: Key = Field(default=None, description="Key for Tavily.")
    mcp: McpServerSettings = McpServerSettings()

    @property
    def there(self) -> tuple[Kind, ...]:
        """The services that have what they need."""
        given: tuple[tuple[Kind, object], ...] = (
            ("searxng", self.searxng_url),
            ("brave", self.brave_api_key),
            ("tavily", self.tavily_api_key),
            ("mcp", self.mcp.url or self.mcp.command),
        )
        return tuple(kind for kind, what in given if what)

    @property
    def chosen(self) -> Kind | None:
        """Returns the service in use; None if there is no search."""
        if self.kind is not None:
            return self.kind if self.kind in self.there else None
        return self.there[0] if len(self.there) == 1 else None

    @property
    def problem(self) -> str:
        """Says why there is no search although something is set; otherwise empty."""
        if self.chosen is not None:
            return ""
        if self.kind is not None:
            return f"`search.kind` is {self.kind}, but {_NEEDED[self.kind]} isn't set."
        if self.there:
            return f"Several search services are set up ({', '.join(self.there)}); set `search.kind` to the one to use."
        return ""


_NEEDED: dict[Kind, str] = {
    "searxng": "`search.searxng_url` (SEARXNG_URL)",
    "brave": "`search.brave_api_key` (BRAVE_API_KEY)",
    "tavily": "`search.tavily_api_key` (TAVILY_API_KEY)",
    "mcp": "`search.mcp.url` or `search.mcp.command`",
}
