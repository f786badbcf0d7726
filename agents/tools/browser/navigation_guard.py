"""Enforces the rules on the pages of one context: every hop of every navigation, every resource."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

from playwright.async_api import BrowserContext, Error, Page, Route, WebSocketRoute

from agents.egress.proxy import Proxy
from agents.tools.browser import network_rules
from agents.tools.browser.network_rules import Fence, Refusal


@dataclass
class NavigationGuard:
    """`proxy`: the page's only route to the network; it follows the permissions. `near`: private hosts it may load
    from. `fence`: the only reachable hosts while the page uses a login, instead of the run's domains.

    `refused`: the last blocked navigation of the page itself; `frames`: those of frames inside it; `popup`: the target
    of a new window (the page itself goes there instead; with `follow` windows open if the rules allow it)."""

    proxy: Proxy
    near: tuple[str, ...] = ()
    fence: Fence | None = None
    domains: frozenset[str] = frozenset()
    send: bool = False
    refused: tuple[Refusal, str] | None = None
    frames: list[str] = field(default_factory=list[str])
    popup: tuple[str, str] | None = None
    follow: bool = False
    _page: Page | None = None
    _session: Any = None

    def begin(self, domains: tuple[str, ...], *, send: bool) -> None:
        """Starts a new action with its own permissions."""
        self.domains, self.send = frozenset(self.fence.domains if self.fence else domains), send
        self.proxy.grant = network_rules.grant(self.domains, self.near, self.fence)
        self.proxy.refusals.clear()
        self.refused, self.popup = None, None
        self.frames.clear()

    async def watch(self, context: BrowserContext, page: Page) -> None:
        """Installs routes that see the first hop of everything in the context, including out-of-process frames and new
        windows.

        Redirects never reach a route, so a second check below it sees each hop of each document of the page.
        """
        self._page = page
        await context.route("**/*", self._route)
        await context.route_web_socket(lambda url: not self._own_socket(url), _close_socket)
        session = cast(Any, await context.new_cdp_session(page))
        self._session = session
        main = str((await session.send("Target.getTargetInfo"))["targetInfo"]["targetId"])

        async def paused(event: dict[str, Any]) -> None:
            url, method = str(event["request"]["url"]), str(event["request"]["method"])
            refusal = network_rules.navigation(url, method, self.domains, send=self.send)
            answer: dict[str, Any] = {"requestId": event["requestId"]}
            if refusal is None:
                way = "Fetch.continueRequest"
            else:
                way, answer["errorReason"] = "Fetch.failRequest", "Aborted"
                self._note(refusal, url, frame=event["frameId"] != main)
            with suppress(Error):  # the page is gone, and the request with it
                await session.send(way, answer)

        session.on("Fetch.requestPaused", paused)
        await session.send("Fetch.enable", {"patterns": [{"urlPattern": "*", "resourceType": "Document"}]})

    async def stop(self) -> None:
        """Cancels what the page is still loading."""
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(2):
                await self._session.send("Page.stopLoading")

    def _note(self, refusal: Refusal, url: str, *, frame: bool) -> None:
        if not frame:
            self.refused = (refusal, url)
        elif len(self.frames) < 3:
            self.frames.append(url)

    async def _route(self, route: Route) -> None:
        request = route.request
        with suppress(Error):
            if not request.is_navigation_request():
                # a fence is the proxy's: it says what it refuses, and sees what no route does
                fine = self.fence or network_rules.resource(request.url, request.method, self.domains)
                await (route.continue_() if fine else route.abort("blockedbyclient"))
            elif self._of_page(route):
                await route.continue_()
            elif self.follow:
                refusal = network_rules.navigation(request.url, request.method, self.domains, send=self.send)
                if refusal:
                    self.refused, self.popup = (refusal, request.url), (request.url, request.method)
                await (route.abort("aborted") if refusal else route.continue_())
            else:
                self.popup = (request.url, request.method)
                await route.abort("aborted")

    def _of_page(self, route: Route) -> bool:
        try:
            return route.request.frame.page is self._page
        except Error:  # a new window has no frame yet when it asks for its document
            return False

    def _own_socket(self, url: str) -> bool:
        return network_rules.permitted(f"http{url.removeprefix('ws')}", self.domains)


async def _close_socket(socket: WebSocketRoute) -> None:
    await socket.close()
