"""Provides the web search from the settings."""

from pydantic import SecretStr

from agents.search.brave import Brave
from agents.search.mcp import McpSearch
from agents.search.mcp_types import McpServer
from agents.search.search_interface import Query, SearchService
from agents.search.searxng import Searxng
from agents.search.tavily import Tavily
from bot.config.settings import Settings
from bot.config.web_search_settings import McpServerSettings
from orchestrator.private_files import passable_folder


def search_of(settings: Settings) -> SearchService | None:
    """Returns None if no search is set, or if it isn't clear which one is meant."""
    it = settings.search
    match it.chosen:
        case "searxng":
            return Searxng(it.searxng_url or "")
        case "brave":
            return Brave(_said(it.brave_api_key))
        case "tavily":
            return Tavily(_said(it.tavily_api_key))
        case "mcp":
            return McpSearch(_server(it.mcp, settings))
        case None:
            return None


async def try_search(settings: Settings) -> str:
    """Sends a query to the configured search and says what came back. Raises ToolFailed."""
    search = search_of(settings)
    if search is None:
        return "no web search is set up"
    found = await search.find(Query(words="weather", count=3))
    many = len(found.hits)
    return f"{search.at} returned {many} {'hit' if many == 1 else 'hits'}" if many else f"{search.at} answers"


def _server(it: McpServerSettings, settings: Settings) -> McpServer:
    env = {name: value.get_secret_value() for name, value in it.env.items()}
    home = settings.home / "servers"
    if it.command:
        passable_folder(settings.home)
        passable_folder(home)
    return McpServer(
        command=it.command, env=env, url=it.url or "", key=_said(it.api_key), tool=it.tool, argument=it.argument,
        home=str(home), egress=it.egress, near=settings.host.near,
    )  # fmt: skip


def _said(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""
