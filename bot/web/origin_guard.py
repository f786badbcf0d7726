"""The outermost layer of the web workspace: Host and Origin rules for every request, headers on every answer."""

from collections.abc import Collection

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.web.auth import HEADERS, host_allowed, origin_allowed

_SAFE = ("GET", "HEAD")


class OriginGuard:
    """Refuses unknown hosts (DNS rebinding), other origins on writes, and unknown methods; adds security headers.
    Requests to exactly the paths in `open_` pass: their handlers check their own callers."""

    def __init__(self, app: ASGIApp, *, hosts: Collection[str], open_: Collection[str] = ()) -> None:
        self._app = app
        self._open = frozenset(open_)
        self._hosts = {h.lower() for h in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if scope["type"] != "http":
            return

        async def sealed(message: Message) -> None:
            if message["type"] == "http.response.start":
                given = {name for name, _ in message.get("headers", ())}
                more = [(n, v) for n, v in (*HEADERS, (b"cache-control", b"no-store")) if n not in given]
                message = {**message, "headers": [*message.get("headers", ()), *more]}
            await send(message)

        shut = scope["path"] not in self._open
        if shut and (problem := self._problem(scope["method"], Headers(scope=scope))):
            await PlainTextResponse(problem, status_code=403)(scope, receive, sealed)
            return
        await self._app(scope, receive, sealed)

    def _problem(self, method: str, headers: Headers) -> str:
        host = headers.get("host", "")
        if len(headers.getlist("host")) != 1 or not host_allowed(host, self._hosts):
            return f"This workspace doesn't respond at {host[:100]!r}. Open it with the link you were given."
        if method in _SAFE:
            return ""
        if not origin_allowed(headers.get("origin"), host):
            return "This request came from another site, so it was refused. Use the workspace's own page."
        if headers.get("sec-fetch-site", "same-origin") != "same-origin":
            return "This request came from another site, so it was refused. Use the workspace's own page."
        return ""
