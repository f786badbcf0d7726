"""A strict local search service over real HTTP, in three dialects: SearXNG, Brave and Tavily.

It finds pages by their words, refuses what the real ones refuse (and parameters nobody knows), breaks on purpose when
asked to, and remembers every query. In a test: `async with searching(PAGES) as server: Brave(KEY, url=server.brave)`.
"""

import asyncio
import json
import re
from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from aiohttp import BasicAuth, web

from tests.loopback_app import on_loopback

KEY = "BSA-sesame-open-0123456789"
AGES = ("day", "week", "month", "year")
SEARXNG = frozenset({"q", "categories", "engines", "language", "pageno", "time_range", "format", "safesearch"})
BRAVE = frozenset({"q", "country", "search_lang", "ui_lang", "count", "offset", "safesearch", "freshness",
                   "text_decorations", "spellcheck", "result_filter", "extra_snippets"})  # fmt: skip
TAVILY: Mapping[str, type] = {
    "query": str, "topic": str, "search_depth": str, "max_results": int, "time_range": str, "include_domains": list,
    "exclude_domains": list, "include_answer": bool, "include_raw_content": bool, "include_images": bool,
}  # fmt: skip


class Page(NamedTuple):
    title: str
    url: str
    text: str
    date: str = ""


class Fault(NamedTuple):
    """An answer instead of the real one; `hang`: none at all."""

    status: int = 200
    body: str = ""
    headers: Mapping[str, str] = {}
    media: str = "application/json"
    hang: bool = False


@dataclass
class Server:
    """What the tests look at. `queries`: the words of every answered search; `refused`: every reason for a no."""

    pages: tuple[Page, ...]
    faults: list[Fault] = field(default_factory=list[Fault])
    formats: frozenset[str] = frozenset({"html", "json"})
    login: str = ""
    silent: list[list[str]] = field(default_factory=list[list[str]])
    queries: list[str] = field(default_factory=list[str])
    ages: list[str] = field(default_factory=list[str])
    refused: list[str] = field(default_factory=list[str])
    asked: int = 0
    url: str = ""
    released: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def searxng(self) -> str:
        return f"{self.url}/searxng"

    @property
    def brave(self) -> str:
        return f"{self.url}/res/v1/web/search"

    @property
    def tavily(self) -> str:
        return f"{self.url}/search"

    @property
    def domain(self) -> str:
        return urlsplit(self.url).netloc

    def found(self, words: str, age: str = "", sites: Iterable[str] = ()) -> list[Page]:
        self.queries.append(words)
        self.ages.append(age)
        named = {*sites, *re.findall(r"\bsite:(\S+)", words)}
        wanted = set(re.findall(r"\w+", re.sub(r"\bsite:\S+", "", words).lower()))
        hits = [p for p in self.pages if wanted & set(re.findall(r"\w+", f"{p.title} {p.text}".lower()))]
        return [p for p in hits if not named or any(_on(p.url, site) for site in named)]

    async def ask_searxng(self, request: web.Request) -> web.StreamResponse:
        if self.login and request.headers.get("Authorization") != BasicAuth.decode(self.login).encode():
            return self._no(web.Response(status=401, text="<html>Login</html>", content_type="text/html"))
        asked = dict(request.query)
        if request.method != "GET" or asked.keys() - SEARXNG or not asked.get("q"):
            return self._no(web.Response(status=400, text="<html>Bad request</html>", content_type="text/html"))
        if asked.get("time_range", "day") not in AGES:
            return self._no(web.Response(status=400, text="<html>time_range</html>", content_type="text/html"))
        if asked.get("format", "html") not in self.formats:
            return self._no(web.Response(status=403, text="<html>403 Forbidden</html>", content_type="text/html"))
        if asked.get("format") != "json":
            return web.Response(text="<html>Results</html>", content_type="text/html")
        rows = [
            {"url": p.url, "title": p.title, "content": p.text, "publishedDate": p.date or None, "engine": "local",
             "engines": ["local"], "score": 1.0, "category": "general"}
            for p in self.found(asked["q"], asked.get("time_range", ""))
        ]  # fmt: skip
        return web.json_response({
            "query": asked["q"], "number_of_results": 0, "results": rows, "answers": [], "corrections": [],
            "infoboxes": [], "suggestions": [], "unresponsive_engines": self.silent,
        })  # fmt: skip

    async def ask_brave(self, request: web.Request) -> web.StreamResponse:
        asked = dict(request.query)
        if request.headers.get("X-Subscription-Token") != KEY:
            return self._no(_brave_error("SUBSCRIPTION_TOKEN_INVALID", "The provided subscription token is invalid."))
        wrong = asked.keys() - BRAVE or not 0 < len(asked.get("q", "")) <= 400 or len(asked["q"].split()) > 50
        wrong = wrong or not 1 <= int(asked.get("count", "20")) <= 20
        wrong = wrong or not re.fullmatch(r"p[dwmy]|\d{4}-\d\d-\d\dto\d{4}-\d\d-\d\d", asked.get("freshness", "pd"))
        wrong = wrong or asked.get("text_decorations", "true") not in ("true", "false", "1", "0")
        if wrong or request.method != "GET" or "application/json" not in request.headers.get("Accept", ""):
            return self._no(_brave_error("VALIDATION", "Unable to validate request parameter(s)"))
        rows = [
            {"type": "search_result", "title": p.title, "url": p.url, "description": p.text, "language": "en",
             "family_friendly": True} | ({"page_age": p.date} if p.date else {})
            for p in self.found(asked["q"], asked.get("freshness", ""))
        ]  # fmt: skip
        web_part = {"web": {"type": "search", "results": rows[: int(asked.get("count", "20"))]}} if rows else {}
        return web.json_response({"type": "search", "query": {"original": asked["q"]}, **web_part})

    async def ask_tavily(self, request: web.Request) -> web.StreamResponse:
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            return self._no(_tavily_error(401, "Unauthorized: missing or invalid API key."))
        if request.method != "POST" or request.content_type != "application/json":
            return self._no(_tavily_error(405, "Method Not Allowed"))
        asked: dict[str, Any] = await request.json()
        wrong = [n for n, v in asked.items() if n not in TAVILY or not isinstance(v, TAVILY[n])]
        if wrong or not 0 < len(asked.get("query", "")) <= 400 or not 0 <= asked.get("max_results", 5) <= 20:
            return self._no(_tavily_error(400, f"Invalid: {wrong or 'query or max_results'}"))
        if asked.get("time_range", "day") not in AGES or asked.get("search_depth", "basic") not in (
            "basic",
            "advanced",
        ):
            return self._no(_tavily_error(400, "Invalid time range or depth"))
        hits = self.found(asked["query"], asked.get("time_range", ""), asked.get("include_domains", ()))
        rows = [
            {"title": p.title, "url": p.url, "content": p.text, "score": 0.9, "raw_content": None}
            | ({"published_date": p.date} if p.date else {})
            for p in hits[: asked.get("max_results", 5)]
        ]
        return web.json_response({"query": asked["query"], "answer": None, "images": [], "results": rows,
                                  "response_time": 0.1})  # fmt: skip

    def _no(self, answer: web.Response) -> web.Response:
        self.refused.append(str(answer.text))
        return answer


def _on(url: str, site: str) -> bool:
    host = urlsplit(url).hostname or ""
    return host == site or host.endswith(f".{site}")


def _brave_error(code: str, detail: str) -> web.Response:
    error = {"id": "1", "status": 422, "code": code, "detail": detail, "meta": {"component": "authentication"}}
    return web.json_response({"type": "ErrorResponse", "error": error, "time": 1}, status=422)


def _tavily_error(status: int, words: str) -> web.Response:
    return web.json_response({"detail": {"error": words}}, status=status)


@asynccontextmanager
async def searching(pages: Iterable[Page]) -> AsyncGenerator[Server]:
    """The server, on a free port of loopback."""
    server = Server(tuple(pages))

    @web.middleware
    async def faulty(request: web.Request, handler: Any) -> web.StreamResponse:
        server.asked += 1
        fault = server.faults.pop(0) if server.faults else None
        if fault is None:
            return await handler(request)
        if fault.hang:
            await server.released.wait()
        return web.Response(status=fault.status, text=fault.body, headers=fault.headers, content_type=fault.media)

    app = web.Application(middlewares=[faulty])
    app.router.add_route("*", "/searxng/search", server.ask_searxng)
    app.router.add_route("*", "/res/v1/web/search", server.ask_brave)
    app.router.add_route("*", "/search", server.ask_tavily)
    async with on_loopback(app) as server.url:
        try:
            yield server
        finally:
            server.released.set()


def pages_json(pages: Iterable[Page]) -> str:
    """For a program that serves the same pages."""
    return json.dumps([p._asdict() for p in pages])
