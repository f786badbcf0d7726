"""Tavily: a search service for agents."""

from agents.search.http_client import HttpClient
from agents.search.search_interface import Found, Query, hit, rows
from orchestrator.domain.tool_calls import domain_of

URL = "https://api.tavily.com/search"
KEY = "the key in search.tavily_api_key (TAVILY_API_KEY) is wrong or lacks permission"
USED = "the quota for the key in search.tavily_api_key is used up"


class Tavily:
    """`key`: the API key. `url`: another server with the same API."""

    def __init__(self, key: str, *, url: str = URL, web: HttpClient | None = None) -> None:
        self.at = domain_of(url) or url
        self._key, self._url = key, url
        self._web = web or HttpClient("Tavily", {401: KEY, 403: KEY, 432: USED, 433: USED}, secret=key)

    async def find(self, query: Query) -> Found:
        wishes: dict[str, object] = {"query": query.words, "max_results": query.count, "search_depth": "basic"}
        wishes |= {"time_range": query.fresh} if query.fresh else {}
        wishes |= {"include_domains": [query.site]} if query.site else {}
        headers = {"Authorization": f"Bearer {self._key}"}
        value = await self._web.json("POST", self._url, headers=headers, body=wishes)
        found = [
            hit(r.get("title"), r.get("url"), r.get("content"), r.get("published_date")) for r in rows(value, "results")
        ]
        return Found(tuple(h for h in found if h is not None))
