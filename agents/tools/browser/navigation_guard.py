"""Enforces the rules on the pages of one context: every hop of every navigation, every resource."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, cast

from playwright.async_api import BrowserContext, Error, Page, Route, WebSocketRoute

from agents.egress.proxy import Proxy
from agents.tools.browser import network_rules, print_dialogs
from agents.tools.browser.network_rules import Fence, Refusal
from agents.tools.browser.sends import blocked_page_features
from agents.tools.browser.sends.held_sends import Holding
from agents.tools.browser.sends.outgoing_message import Outgoing, from_devtools
from agents.tools.browser.sends.send_gate import SendGate, outgoing
from agents.tools.browser.sends.typed_text_in_message import brings_file, carries


@dataclass
class NavigationGuard:
    """`proxy`: the page's only route to the network; it follows the permissions. `near`: private hosts it may load
    from. `fence`: the only reachable hosts while the page uses a login, instead of the run's domains.

    `refused`: the last blocked navigation of the page itself; `frames`: those of frames inside it; `popup`: the target
    of a new window (the page itself goes there instead; with `follow` windows open if the rules allow it). `person`:
    someone used the page; `replay`: the held form that is being sent now."""

    proxy: Proxy
    sends: SendGate
    near: tuple[str, ...] = ()
    fence: Fence | None = None
    domains: frozenset[str] = frozenset()
    refused: tuple[Refusal, str] | None = None
    frames: list[str] = field(default_factory=list[str])
    popup: tuple[str, str] | None = None
    follow: bool = False
    person: bool = False
    replay: Holding | None = None
    _page: Page | None = None
    _session: Any = None

    @property
    def send(self) -> bool:
        """Returns whether the current action may send: a person approved it, or does it."""
        return self.sends.open

    @send.setter
    def send(self, may: bool) -> None:
        self.sends.open = may

    def begin(
        self, domains: tuple[str, ...], *, send: bool, private: bool = False, endpoints: tuple[str, ...] = ()
    ) -> None:
        """Starts a new action with its own permissions."""
        self.domains, self.send = frozenset(self.fence.domains if self.fence else domains), send
        self.sends.past.strict = private or self.person or self.fence is not None
        self.sends.past.endpoints = frozenset(endpoints)
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
        await context.add_init_script(blocked_page_features.IN_PAGES)
        await context.add_init_script(print_dialogs.IN_PAGES)
        await context.route("**/*", self._route)
        await context.route_web_socket(lambda url: not self._own_socket(url), _close_socket)
        await context.route_web_socket(self._own_socket, self.sends.socket)
        session = cast(Any, await context.new_cdp_session(page))
        self._session = session
        main = str((await session.send("Target.getTargetInfo"))["targetInfo"]["targetId"])
        self.sends.closing(main)

        async def paused(event: dict[str, Any]) -> None:
            message, headers = from_devtools(event["request"], "document")
            url = message.url
            refusal = network_rules.navigation(url, message.method, self.domains, send=self.send or self._replays(url))
            inner, redirected = event["frameId"] != main, "redirectedRequestId" in event
            if refusal is not Refusal.DOMAIN and not self._replays(url):
                held = self.held(message, headers, frame=inner, redirected=redirected)
                refusal = Refusal.SEND if held else refusal
            answer: dict[str, Any] = {"requestId": event["requestId"]}
            if refusal is None:
                way = "Fetch.continueRequest"
            else:
                way, answer["errorReason"] = "Fetch.failRequest", "Aborted"
                self._note(refusal, url, frame=inner)
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
                await self._resource(route)
            elif self._of_page(route):
                await self._document(route)
            elif self.follow:
                refusal = network_rules.navigation(request.url, request.method, self.domains, send=self.send)
                if refusal:
                    self.refused, self.popup = (refusal, request.url), (request.url, request.method)
                await (route.abort("aborted") if refusal else route.continue_())
            else:
                self.popup = (request.url, request.method)
                self.held(outgoing(request), request.headers)
                await route.abort("aborted")

    async def _resource(self, route: Route) -> None:
        """To other services nothing but GET goes out, and nothing that the agent typed; nobody is asked about it."""
        request = route.request
        if blocked_page_features.starts_worker(request):
            await blocked_page_features.fulfill(route)
            return
        if network_rules.permitted(request.url, self.domains):
            await self.sends.request(route)
            return
        # a fence is the proxy's: it says what it refuses, and sees what no route does
        fine = self.fence or network_rules.resource(request.url, request.method, self.domains)
        message = outgoing(request)
        silent = not message.reads_by_method and request.method != "OPTIONS"
        past = self.sends.past
        leaks = request.resource_type in ("image", "ping") and carries(message, past.typed)
        leaks = leaks or (bool(past.files) and brings_file(message, past.files))
        await (route.continue_() if fine and not silent and not leaks else route.abort("blockedbyclient"))

    async def _document(self, route: Route) -> None:
        request, row = route.request, self.replay
        if row is not None and self._replays(request.url):
            message, self.replay = row.message, None
            await route.continue_(
                method=message.method, headers={**request.headers, **row.headers}, post_data=message.body or None
            )
        elif self.held(outgoing(request), request.headers, frame=request.frame.parent_frame is not None):
            if request.frame.parent_frame is None:
                self.refused = (Refusal.SEND, request.url)
            await route.abort("aborted")
        else:
            await route.continue_()

    def held(
        self, message: Outgoing, headers: Mapping[str, str], *, frame: bool = False, redirected: bool = False
    ) -> bool:
        """Holds a document that would be opened by sending. Where the page may not go at all, nothing is held."""
        if self.send or not network_rules.permitted(message.url, self.domains):
            return False
        return self.sends.document(message, headers, frame=frame, redirected=redirected)

    def _replays(self, url: str) -> bool:
        return self.replay is not None and self.replay.message.url.split("#")[0] == url.split("#")[0]

    def _of_page(self, route: Route) -> bool:
        try:
            return route.request.frame.page is self._page
        except Error:  # a new window has no frame yet when it asks for its document
            return False

    def _own_socket(self, url: str) -> bool:
        return network_rules.permitted(f"http{url.removeprefix('ws')}", self.domains)


async def _close_socket(socket: WebSocketRoute) -> None:
    await socket.close()
