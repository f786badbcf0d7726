"""Brave Search: the web endpoint of its API."""

from collections.abc import Mapping

from agents.search.http_client import HttpClient
from agents.search.search_interface import Age, Found, Query, hit, rows
from orchestrator.domain.tool_calls import domain_of

URL = "https://api.search.brave.com/res/v1/web/search"
KEY = "the key in search.brave_api_key (BRAVE_API_KEY) is wrong or lacks permission"
FRESH: Mapping[Age, str] = {"day": "pd", "week": "pw", "month": "pm", "year": "py"}


class Brave:
    """`key`: the subscription token. `url`: another server with the same API."""

    def __init__(self, key: str, *, url: str = URL, web: HttpClient | None = None) -> None:
        self.at = domain_of(url) or url
        self._key, self._url = key, url
        # 422: Brave's answer to a token it doesn't know
        says = {
            401: KEY,
            403: KEY,
            422: f"either {KEY}, or the query is longer than 50 words",
            402: "its plan's quota is used up",
        }
        self._web = web or HttpClient("Brave Search", says, secret=key)

    async def find(self, query: Query) -> Found:
        wishes = {"q": query.sited, "count": str(query.count), "result_filter": "web", "text_decorations": "false"}
        wishes |= {"freshness": FRESH[query.fresh]} if query.fresh else {}
        headers = {"Accept": "application/json", "X-Subscription-Token": self._key}
        value = await self._web.json("GET", self._url, headers=headers, params=wishes)
        found = [
            hit(r.get("title"), r.get("url"), r.get("description"), r.get("page_age") or r.get("age"))
            for r in rows(value, "web", "results")
        ]
        return Found(tuple(h for h in found if h is not None))
