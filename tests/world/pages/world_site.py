"""A small web service for one page: serves documents, records all that arrives, and talks on WebSockets."""

import inspect
import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from aiohttp import WSMsgType, web

Answer = Callable[[web.Request, str], Any]
"""Makes the answer to a request with that body: JSON, HTML, or a whole response."""


class Arrived(NamedTuple):
    """`method` of a message on a WebSocket: `WS`."""

    method: str
    path: str
    body: str


class WorldSite:
    """`pages`: documents by path; `answers`: what else it knows, by path; any other path answers `{"ok": true}`."""

    def __init__(self, pages: Mapping[str, str], answers: Mapping[str, Answer] | None = None) -> None:
        self.pages = pages
        self.answers = answers or {}
        self.arrived: list[Arrived] = []
        self.domain = ""

    def url(self, path: str = "/") -> str:
        return f"http://{self.domain}{path}"

    def sends(self) -> list[Arrived]:
        """What arrived beside documents and files."""
        return [one for one in self.arrived if one.method != "GET"]

    def at(self, path: str) -> list[Arrived]:
        return [one for one in self.arrived if one.path.split("?")[0] == path]

    async def serve(self, request: web.Request) -> web.StreamResponse:
        body = (await request.read()).decode(errors="replace")
        self.arrived.append(Arrived(request.method, request.path_qs, body))
        if request.headers.get("Upgrade", "").lower() == "websocket":
            return await self._talk(request)
        if answer := self.answers.get(request.path):
            found = answer(request, body)
            found = await found if inspect.isawaitable(found) else found
            if isinstance(found, web.StreamResponse):
                return found
            kind = "text/html" if isinstance(found, str) else "application/json"
            return web.Response(text=found if isinstance(found, str) else json.dumps(found), content_type=kind)
        if request.path in self.pages and request.method == "GET":
            kind = "text/javascript" if request.path.endswith(".js") else "text/html"
            return web.Response(text=self.pages[request.path], content_type=kind)
        return web.json_response({"ok": True})

    async def _talk(self, request: web.Request) -> web.StreamResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self.arrived.append(Arrived("WS", request.path, message.data))
                await socket.send_str(f"got {message.data}")
        return socket


@asynccontextmanager
async def serving(site: WorldSite) -> AsyncGenerator[WorldSite]:
    """Serves it on a free port of the loopback address."""
    app = web.Application(client_max_size=50 << 20)
    app.router.add_route("*", "/{path:.*}", site.serve)
    runner = web.AppRunner(app, shutdown_timeout=0.1, access_log=None)
    await runner.setup()
    try:
        await (place := web.TCPSite(runner, "127.0.0.1", 0)).start()
        site.domain = f"127.0.0.1:{place._server.sockets[0].getsockname()[1]}"  # type: ignore[union-attr]
        yield site
    finally:
        await runner.cleanup()
