"""The address at which the workspace's web server speaks MCP: whoever has a token works as its person."""

import asyncio
from collections.abc import Awaitable, Callable
from pkgutil import resolve_name
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.config.command_name import told
from bot.mcp_server.http_address import CALLER, PATH
from orchestrator.desk import PersonalDesk
from orchestrator.errors import NotAllowed

SESSIONS = "bot.mcp_server.http_sessions:sessions"
DeskBehind = Callable[[str], Awaitable[PersonalDesk]]
"""Returns the desk of a token's person. Raises NotAllowed."""
NO_TOKEN = "Send a token as `Authorization: Bearer …`; `threadwork mcp token add NAME` creates one."
FOREIGN = "This request came from another site, so it was refused."


class McpDoor:
    """Checks the token of every request, then hands it to the protocol's library, which is loaded on first use."""

    def __init__(self, desk_behind: DeskBehind, workspace: str) -> None:
        self._desk_behind = desk_behind
        self._workspace = workspace
        self._wanted = asyncio.Event()
        self._app: asyncio.Future[ASGIApp] | None = None

    @property
    def route(self) -> Route:
        """Returns the address for the web server."""
        return Route(PATH, self, methods=["GET", "POST", "DELETE"])

    async def run(self) -> None:
        """Serves sessions until it is canceled."""
        self._app = asyncio.get_running_loop().create_future()
        await self._wanted.wait()
        sessions = await asyncio.to_thread(resolve_name, SESSIONS)
        async with sessions(self._workspace) as app:
            self._app.set_result(app)
            await asyncio.Event().wait()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = Headers(scope=scope)
        if (origin := headers.get("origin")) and urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
            await JSONResponse({"error": FOREIGN}, status_code=403)(scope, receive, send)
            return
        kind, _, token = headers.get("authorization", "").partition(" ")
        try:
            if kind.lower() != "bearer" or not token.strip():
                raise NotAllowed(NO_TOKEN)
            scope[CALLER] = await self._desk_behind(token.strip())
        except NotAllowed as error:
            answer = JSONResponse({"error": told(str(error))}, 401, headers={"www-authenticate": "Bearer"})
            await answer(scope, receive, send)
            return
        self._wanted.set()
        if self._app is None:
            raise RuntimeError("Call run() first")
        app = await asyncio.shield(self._app)
        await app(scope, receive, send)
