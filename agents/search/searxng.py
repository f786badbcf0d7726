"""SearXNG: a self-hosted metasearch."""

from urllib.parse import unquote, urlsplit

from agents.search.http_client import HttpClient
from agents.search.search_interface import Found, Query, hit, rows, tidy
from orchestrator.domain.tool_calls import domain_of

JSON_OFF = (
    "`search.formats` in the settings.yml of this SearXNG server must include json (the setting is search.searxng_url)"
)


class Searxng:
    """`url`: its address in a browser; a name and password in it are sent as a login."""

    def __init__(self, url: str, web: HttpClient | None = None) -> None:
        parts = urlsplit(url)
        self.at = domain_of(url) or url
        self._url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/") + "/search"
        self._login = (unquote(parts.username), unquote(parts.password or "")) if parts.username else None
        says = {200: JSON_OFF, 401: "it rejected the login in search.searxng_url", 403: JSON_OFF}
        self._web = web or HttpClient(f"The search at {self.at}", says, secret=parts.password or "")

    async def find(self, query: Query) -> Found:
        wishes = {"q": query.sited, "format": "json"} | ({"time_range": query.fresh} if query.fresh else {})
        headers = {"Accept": "application/json"}
        value = await self._web.json("GET", self._url, headers=headers, params=wishes, login=self._login)
        found = [
            hit(r.get("title"), r.get("url"), r.get("content"), r.get("publishedDate")) for r in rows(value, "results")
        ]
        silent = value.get("unresponsive_engines") if isinstance(value, dict) else None
        words = (
            "; ".join(tidy(" ".join(map(str, e)), 80) for e in silent if isinstance(e, list))
            if isinstance(silent, list)
            else ""
        )
        told = f"Engines that didn't respond: {words}." if words else ""
        return Found(tuple(h for h in found if h is not None), told)
