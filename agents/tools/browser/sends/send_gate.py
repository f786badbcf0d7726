"""Stands between a page and its own service: lets reads through, holds what the page wants to send."""

import asyncio
import hashlib
from collections.abc import Coroutine, Mapping
from contextlib import suppress
from typing import Any

from playwright.async_api import Error, Request, Route, WebSocketRoute

from agents.tools.browser.sends import read_or_send
from agents.tools.browser.sends.held_sends import HeldSends, Holding, Live, NotWaiting
from agents.tools.browser.sends.outgoing_message import MESSAGE, SOCKET, Outgoing
from agents.tools.browser.sends.read_or_send import PageHistory
from agents.tools.browser.sends.unrouted_requests import UnseenRequests

_HABITS = 2_000
_ANSWER = 20.0
"""Seconds that a service may take to answer what was sent."""
_SHOWN = "url => [...document.images].some(one => one.currentSrc === url || one.src === url)"
_KEPT_BACK = frozenset(("host", "content-length", "cookie", "connection", "accept-encoding"))


class SendGate:
    """`open`: a person approved the current action, so everything it causes may leave. `waiting`: held requests whose
    page waits for them."""

    def __init__(self, unseen: UnseenRequests) -> None:
        self.open = False
        self.past = PageHistory()
        self.held = HeldSends()
        self.waiting: dict[Request, Route] = {}
        self._ending: set[asyncio.Future[None]] = set()
        self._gone: set[Request] = set()
        self._unseen, self._frame = unseen, ""

    def ended(self, request: Request) -> None:
        """Records that a request was answered, or given up by its page."""
        if route := self.waiting.pop(request, None):
            self._gone.add(request)
            self._end(_given_up(route))

    async def request(self, route: Route) -> None:
        """Lets the request go, or holds it."""
        asked = route.request
        message, headers = outgoing(asked), kept(asked.headers)
        verdict = read_or_send.judge(message, self.past, detached=await self._detached(message, asked))
        if self.open or not verdict.hold:
            self._habit(message)
            await self.let(route)
            return
        if verdict.drop:
            await route.fulfill(status=204)
            return
        row = self._hold(message, headers, verdict.endpoint)
        if row is None:
            await route.abort("blockedbyclient")
            return
        self.waiting[asked] = route

        async def live() -> str:
            if asked in self._gone:
                raise NotWaiting
            self.waiting.pop(asked, None)
            await self.let(route)
            return await _answered(asked)

        row.live = live

    async def let(self, route: Route) -> None:
        """Lets a request go that the net below will see once more."""
        if route.request.method not in ("GET", "HEAD", "OPTIONS"):
            self._unseen.let(route.request.method, route.request.url)
        await route.continue_()

    def chosen(self, name: str, content: bytes) -> None:
        """Records that the page has this file from now on."""
        self.past.files.append(content)
        self.held.files[hashlib.sha256(content).hexdigest()] = name

    def unseen(self, message: Outgoing, headers: Mapping[str, str]) -> bool:
        """Judges what a page sends while it closes; only a copy can be held."""
        verdict = read_or_send.judge(message, self.past)
        if self.open or not verdict.hold:
            return True
        if not verdict.drop:
            self._hold(message, kept(headers), verdict.endpoint)
        return False

    def document(
        self, message: Outgoing, headers: Mapping[str, str], *, frame: bool = False, redirected: bool = False
    ) -> bool:
        """Holds a copy of a page that would be opened by sending; returns False if it only reads."""
        if message.reads_by_method and frame and not (self.past.acted or self.past.files):
            return False
        if message.reads_by_method and not read_or_send.judge(message, self.past, by_itself=frame or redirected).hold:
            return False
        if message.complete:
            self._hold(message, kept(headers), "")
        return True

    def closing(self, frame: str) -> None:
        """Judges also what the page of that frame sends while it closes."""
        self._unseen.judges[frame] = self.unseen
        self._frame = frame

    async def close(self) -> None:
        """Gives up what the page waits for; only the copies are left."""
        self._unseen.judges.pop(self._frame, None)
        for request in tuple(self.waiting):
            self.ended(request)
        await asyncio.gather(*self._ending, return_exceptions=True)

    def _end(self, doing: Coroutine[Any, Any, None]) -> None:
        task = asyncio.ensure_future(doing)
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    def socket(self, route: WebSocketRoute) -> None:
        """Connects it; what the service says passes, what the page says is judged."""
        service = route.connect_to_server()
        closed = False

        def said(text: str | bytes) -> None:
            body = text.encode() if isinstance(text, str) else text
            message = Outgoing(MESSAGE, f"http{route.url.removeprefix('ws')}", SOCKET, body)
            verdict = read_or_send.judge(message, self.past)
            if self.open or not verdict.hold:
                self._habit(message)
                service.send(text)
                return

            async def live() -> str:
                if closed:
                    raise NotWaiting
                service.send(text)
                return "It was sent."

            self._hold(message, {}, verdict.endpoint, live)

        def over(code: int | None, reason: str | None) -> None:
            nonlocal closed
            closed = True
            self._end(_close(service, code, reason))

        route.on_message(said)
        route.on_close(over)

    def _hold(
        self, message: Outgoing, headers: Mapping[str, str], endpoint: str, live: Live | None = None
    ) -> Holding | None:
        past = self.past
        return self.held.hold(message, headers, endpoint, live, act=past.acts, changes=past.press.changes)

    def _habit(self, message: Outgoing) -> None:
        if not self.past.acted and len(self.past.habits) < _HABITS:
            self.past.habits.add(read_or_send.signature(message))

    async def _detached(self, message: Outgoing, asked: Request) -> bool:
        if message.kind != "image" or not self.past.acted or "?" not in message.url:
            return False
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(1):
                return not await asked.frame.evaluate(_SHOWN, message.url)
        return True


def outgoing(asked: Request) -> Outgoing:
    body, media = asked.post_data_buffer, asked.headers.get("content-type", "")
    whole = body is not None or not media or "urlencoded" in media  # a form without fields has no body
    return Outgoing(asked.method, asked.url, asked.resource_type, body or b"", media, whole)


def kept(headers: Mapping[str, str]) -> dict[str, str]:
    """Returns the headers that a copy is sent with."""
    return {name: value for name, value in headers.items() if name.lower() not in _KEPT_BACK and name[:1] != ":"}


async def _answered(asked: Request) -> str:
    with suppress(Error, TimeoutError):
        async with asyncio.timeout(_ANSWER):
            answer = await asked.response()
            return f"It was sent; the service answered with status {answer.status}." if answer else _LOST
    return _LOST


_LOST = "It was sent; no answer came."


async def _given_up(route: Route) -> None:
    with suppress(Error):
        await route.abort("aborted")


async def _close(service: WebSocketRoute, code: int | None, reason: str | None) -> None:
    with suppress(Error):
        await service.close(code=code, reason=reason)
