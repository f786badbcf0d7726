"""Defines a web search: a query in, hits out. Every service looks the same to an agent."""

import html
import re
import unicodedata
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import JsonValue

from orchestrator.domain.base_value import Value
from orchestrator.domain.tool_calls import domain_of

Age = Literal["day", "week", "month", "year"]
MOST_TITLE, MOST_SNIPPET, MOST_URL, MOST_WORDS = 200, 700, 2000, 12_000
_TAG = re.compile(r"</?(?:strong|b|em|i|mark|span|br|p)\b[^<>]{0,200}>", re.IGNORECASE)


class Query(Value):
    """`site`: a host name that limits the search to it and its subdomains. `fresh`: maximum age."""

    words: str
    count: int = 8
    site: str = ""
    fresh: Age | None = None

    @property
    def sited(self) -> str:
        """Returns the query for services that take the site as part of it."""
        return f"site:{self.site} {self.words}" if self.site else self.words


class SearchHit(Value):
    """One found page. `published` is in the service's format."""

    title: str
    url: str
    snippet: str
    published: str = ""


@dataclass(frozen=True)
class Found:
    """The hits, best first. `words`: the service's message instead of, or with, hits."""

    hits: tuple[SearchHit, ...]
    words: str = ""


class SearchService(Protocol):
    """A service that finds pages."""

    @property
    def at(self) -> str:
        """Returns where a query goes, as people and the gate name it: a domain, or `mcp:program`."""
        ...

    async def find(self, query: Query) -> Found:
        """Searches. Raises ToolFailed with one sentence that says what to do next; never with a key in it."""
        ...


def hit(title: object, url: object, snippet: object, published: object = "") -> SearchHit | None:
    """Returns a hit from a service's data; None without an address that can be opened."""
    address = url.strip() if isinstance(url, str) else ""
    if len(address) > MOST_URL or any(c.isspace() or not c.isprintable() for c in address) or not domain_of(address):
        return None
    return SearchHit(
        title=tidy(title, MOST_TITLE) or address,
        url=address,
        snippet=tidy(snippet, MOST_SNIPPET),
        published=tidy(published, 40),
    )


def rows(value: JsonValue, *path: str) -> list[dict[str, JsonValue]]:
    """Returns the objects of the list at `path`; empty if the service sent something else."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def tidy(text: object, most: int) -> str:
    """Returns untrusted text on one line: no markup, no invisible characters, at most `most` characters."""
    if not isinstance(text, str):
        return ""
    plain = html.unescape(_TAG.sub("", text[: most * 8]))
    seen = "".join(" " if c.isspace() else c for c in plain if c.isspace() or unicodedata.category(c)[0] != "C")
    line = " ".join(seen.split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
