"""Searches through an MCP server: finds its search tool, builds the arguments, and reads the answer."""

import asyncio
from collections.abc import Mapping, Sequence
from pkgutil import resolve_name
from typing import TYPE_CHECKING

from pydantic import JsonValue

from agents.search.http_client import NEXT
from agents.search.mcp_types import McpAnswer, McpServer, McpTool
from agents.search.search_interface import MOST_WORDS, Found, Query, SearchHit, hit, tidy
from orchestrator.domain import clean_outside_text
from orchestrator.domain.plural import in_seconds
from orchestrator.errors import ToolFailed

if TYPE_CHECKING:
    from types import ModuleType

WORDS = ("query", "q", "search_query", "searchQuery", "search", "keywords", "text", "input")
COUNTS = ("count", "max_results", "maxResults", "num_results", "numResults", "limit", "top_k")
AGES = ("time_range", "timeRange", "freshness", "fresh")
TITLES, SNIPPETS = ("title", "name"), ("snippet", "description", "content", "summary", "text", "body")
DATES = ("published", "published_date", "publishedDate", "page_age", "age", "date")
MOST_ROWS = 200


class McpSearch:
    """Opens a new connection for each search, so that a server that dies or hangs costs only one search."""

    def __init__(self, server: McpServer, *, seconds: float = 60) -> None:
        """`seconds`: timeout of one search, including the start of the server."""
        self.at = server.at
        self._server, self._seconds = server, seconds

    async def find(self, query: Query) -> Found:
        # Here, and in a thread: importing the library takes a second, and most have no such server.
        line = await asyncio.to_thread(_line)
        try:
            server = await line.prepared(self._server)
            async with asyncio.timeout(self._seconds), line.connected(server) as talk:
                offer = chosen(await talk.offers(), self._server)
                told, left = arguments(offer, query, self._server.argument)
                said: McpAnswer = await talk.call(offer.name, told)
        except TimeoutError:
            words = f"The search server {self.at!r} timed out after {in_seconds(self._seconds)}. {NEXT}"
            raise ToolFailed(words) from None
        except line.ConnectionFailed as error:
            words = f"The search server {self.at!r} can't be used ({self._quoted(str(error))}). {NEXT}"
            raise ToolFailed(words) from None
        if said.failed:
            words = self._quoted(" ".join(said.texts)) or "no reason given"
            raise ToolFailed(f"The search server {self.at!r} reported an error ({words}). {NEXT}")
        found = await asyncio.to_thread(understood, said)  # some servers send whole pages
        return Found(found.hits, " ".join(part for part in (found.words, left) if part))

    def _quoted(self, text: str) -> str:
        for secret in self._server.secrets:
            text = text.replace(secret, "…")
        return tidy(text, 300)


def chosen(offers: Sequence[McpTool], server: McpServer) -> McpTool:
    """Returns the search tool: the configured one, the only one, or the one whose name fits best."""
    named = ", ".join(o.name for o in offers) or "none"
    if server.tool:
        found = next((o for o in offers if o.name == server.tool), None)
        if found is None:
            raise ToolFailed(
                f"The search server {server.at!r} has no tool {server.tool!r}; its tools are {named}. "
                f"Correct search.mcp.tool. {NEXT}"
            )
        return found
    fitting = [o for o in offers if server.argument in o.fields or _words_in(o)]
    best = max(fitting, key=_likeness, default=None)
    if best is None or (len(fitting) > 1 and not _likeness(best)):
        raise ToolFailed(
            f"It's unclear which tool on {server.at!r} to search with: {named}. Set search.mcp.tool. {NEXT}"
        )
    return best


def _likeness(offer: McpTool) -> int:
    name = offer.name.lower()
    return 2 * ("search" in name) + ("web" in name) - ("local" in name or "image" in name or "news" in name)


def _words_in(offer: McpTool) -> str:
    """Returns the argument that takes the query; empty if none does."""
    usual = next((n for n in WORDS if n in offer.fields), "")
    texts = [n for n in offer.required if offer.fields.get(n, {}).get("type") == "string"]
    return usual or (texts[0] if len(texts) == 1 else "")


def arguments(offer: McpTool, query: Query, argument: str = "") -> tuple[dict[str, JsonValue], str]:
    """Returns the tool's arguments, and a sentence about wishes that it doesn't support."""
    takes = argument or _words_in(offer)
    if not takes or (offer.fields and takes not in offer.fields):
        raise ToolFailed(f"The search tool {offer.name!r} has no argument {takes or 'for the words'!r}; it has"
                         f" {', '.join(offer.fields) or 'none'}. Set search.mcp.argument. {NEXT}")  # fmt: skip
    told: dict[str, JsonValue] = {takes: query.sited}
    if count := next((n for n in COUNTS if offer.fields.get(n, {}).get("type") in ("integer", "number")), None):
        most = offer.fields[count].get("maximum")
        told[count] = min(query.count, int(most)) if isinstance(most, int | float) else query.count
    if not query.fresh:
        return told, ""
    age = next((n for n in AGES if query.fresh in _choices(offer.fields.get(n, {}))), None)
    return (told | {age: query.fresh}, "") if age else (told, "This search can't filter by age; check the dates.")


def _choices(field: Mapping[str, JsonValue]) -> list[JsonValue]:
    """Returns the values that a field accepts, also if it is optional."""
    found = [field, *([f for f in ways if isinstance(f, dict)] if isinstance(ways := field.get("anyOf"), list) else [])]
    return [one for f in found if isinstance(listed := f.get("enum"), list) for one in listed]


def understood(said: McpAnswer) -> Found:
    """Returns the hits from structured content or JSON in the text; else the text as is."""
    # the text says the structured content once more
    hits = _hits(said.structured) or [h for text in said.texts for h in _hits(_json(text))]
    if hits:
        return Found(tuple(hits))
    lines = (tidy(line, 1000) for text in said.texts for line in text[: MOST_WORDS * 2].splitlines())
    return Found((), "\n".join(line for line in lines if line)[:MOST_WORDS])


def _json(text: str) -> JsonValue:
    try:
        return clean_outside_text.parsed(text)
    except clean_outside_text.Unfit:
        return None


def _hits(value: JsonValue, depth: int = 0) -> list[SearchHit]:
    """Yields every object that has an address, in order."""
    if depth > 6:
        return []
    if isinstance(value, list):
        return [h for one in value[:MOST_ROWS] for h in _hits(one, depth + 1)]
    if not isinstance(value, dict):
        return _hits(_json(value), depth + 1) if isinstance(value, str) and value[:1] in "[{" else []
    address = _first(value, ("url", "link", "href"))
    if address and (one := hit(*(_first(value, n) for n in (TITLES, ("url", "link", "href"), SNIPPETS, DATES)))):
        return [one]
    return [h for inner in value.values() for h in _hits(inner, depth + 1)]


def _first(row: Mapping[str, JsonValue], names: Sequence[str]) -> str:
    return next((v for n in names if isinstance(v := row.get(n), str) and v), "")


def _line() -> "ModuleType":
    return resolve_name("agents.search.mcp_connection")
