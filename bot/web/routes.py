"""Declares for each address who may use it and how large a request may be. Checked before its handler runs."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from bot.web.request_context import RequestContext
from orchestrator.domain.ids import TaskId

Who = Literal["anybody", "people", "task"]
"""`people`: anyone with a session. `task`: of those, anyone who may see the task in the path."""
Handler = Callable[[Request], Awaitable[Response]]

NOTHING = 0
LOGIN = 4 << 10
FORM = 1 << 20
TOUCHES = 256 << 10
DOOR = 2 << 20
UPLOAD = 60 << 20
QUIET = 20.0
"""Seconds without a byte of a body after which the request is given up."""
SLOWEST = 64 << 10
"""Bytes a second below which a body is too slow; 20 seconds are free."""


class Address(NamedTuple):
    """One row of the workspace. `most`: bytes of a body; only a form with files may be larger than 1 MB."""

    path: str
    handler: Handler
    who: Who
    method: Literal["GET", "POST"] = "GET"
    most: int = NOTHING


class CheckedAddress:
    """An address as ASGI: checks session and task first, then the body's size and pace, then calls the handler."""

    def __init__(self, address: Address, visits: RequestContext) -> None:
        self.address = address
        self._visits = visits

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        it = self.address
        request = Request(scope)
        if it.who != "anybody":
            own_desk = await self._visits.own_desk(request)
            if it.who == "task":
                await own_desk.state(TaskId(request.path_params["task"]))
        body = Body(receive, allowed(it.most, request))
        body.check(request.headers.get("content-length", ""))
        response = await it.handler(Request(scope, body.receive, send))
        await response(scope, body.receive, send)


def allowed(most: int, request: Request) -> int:
    """Bytes of the body: files only come as multipart, so nothing else is that large."""
    return most if request.headers.get("content-type", "").startswith("multipart/") else min(most, FORM)


class Body:
    """A request's body, counted and timed while it arrives. Raises HTTPException 413 and 408."""

    def __init__(self, receive: Receive, most: int) -> None:
        self._receive, self._most = receive, most
        self._size, self._done = 0, False
        self._until: float | None = None

    def check(self, length: str) -> None:
        """Returns the length that the request announces."""
        if length and (not length.isascii() or not length.isdigit() or int(length[:20]) > self._most):
            raise HTTPException(413)

    async def receive(self) -> Message:
        if self._done:
            return await self._receive()
        now = asyncio.get_running_loop().time()
        self._until = self._until or now + QUIET + self._most / SLOWEST
        try:
            async with asyncio.timeout(min(QUIET, self._until - now)):
                message = await self._receive()
        except TimeoutError:
            raise HTTPException(408) from None
        self._size += len(message.get("body", b""))
        self._done = not message.get("more_body", False)
        if self._size > self._most:
            raise HTTPException(413)
        return message


class BoundedRoute:
    """A door as ASGI: it checks its own callers, but not how long they take."""

    def __init__(self, door: Route) -> None:
        self.most = DOOR if "POST" in (door.methods or ()) else NOTHING
        self._app = door.app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = Body(receive, self.most)
        body.check(Request(scope).headers.get("content-length", ""))
        await self._app(scope, body.receive, send)


def bounded(door: Route) -> Route:
    """Limits the size and pace of a body sent to the door."""
    return Route(door.path, BoundedRoute(door), methods=sorted(door.methods or ()))


def route(address: Address, visits: RequestContext) -> Route:
    """Returns the row as the router takes it."""
    return Route(address.path, CheckedAddress(address, visits), methods=[address.method])
