"""A net below the routes for what no route sees: what a page sends while it closes, and its shared workers."""

from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, cast

from playwright.async_api import Browser as Process
from playwright.async_api import Error

from agents.tools.browser.sends.outgoing_message import Outgoing, from_devtools

Judge = Callable[[Outgoing, Mapping[str, str]], bool]
"""Returns whether a message may leave."""
_KINDS = {
    "Ping": "ping",
    "XHR": "fetch",
    "Fetch": "fetch",
    "Other": "other",
    "CSPViolationReport": "cspviolationreport",
}


class UnseenRequests:
    """One for all pages of a browser: a message leaves if a route let it through, or if its page's judge does.

    `judges`: by the id of the page's main frame."""

    def __init__(self) -> None:
        self.judges: dict[str, Judge] = {}
        self._passed: Counter[tuple[str, str]] = Counter()

    def let(self, method: str, url: str) -> None:
        """Records that a route let it through."""
        self._passed[method, url.split("#")[0]] += 1

    async def watch(self, process: Process) -> None:
        """Starts watching a browser that was just started."""
        self._passed.clear()
        session = cast(Any, await process.new_browser_cdp_session())

        async def paused(event: dict[str, Any]) -> None:
            answer: dict[str, Any] = {"requestId": event["requestId"]}
            way = "Fetch.continueRequest"
            if not self._fine(event):
                way, answer["errorReason"] = "Fetch.failRequest", "BlockedByClient"
            with suppress(Error):  # the browser is gone
                await session.send(way, answer)

        session.on("Fetch.requestPaused", paused)
        await session.send("Fetch.enable", {"patterns": [{"urlPattern": "*", "resourceType": kind} for kind in _KINDS]})

    def _fine(self, event: dict[str, Any]) -> bool:
        asked = event["request"]
        method, url = str(asked["method"]), str(asked["url"])
        if method in ("GET", "HEAD", "OPTIONS"):
            return True
        if self._passed[method, url]:
            self._passed[method, url] -= 1
            return True
        judge = self.judges.get(str(event.get("frameId")))
        return judge is not None and judge(*from_devtools(asked, _KINDS.get(event.get("resourceType", ""), "other")))
