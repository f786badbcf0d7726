"""Sessions of MCP clients over streamable HTTP, each bound to the person who opened it."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from mcp.server.auth.middleware.auth_context import AuthContextMiddleware
from mcp.server.auth.middleware.bearer_auth import AuthenticatedUser
from mcp.server.auth.provider import AccessToken
from mcp.server.transport_security import TransportSecuritySettings
from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from bot.mcp_server.caller import McpCaller
from bot.mcp_server.http_address import CALLER, PATH
from bot.mcp_server.server import mcp_server
from bot.mcp_server.tools import Call
from orchestrator.desk import PersonalDesk
from orchestrator.errors import NotAllowed

MOST_SESSIONS = 200
"""Clients of the older protocol at a time; newer ones have no session."""


@asynccontextmanager
async def sessions(workspace: str) -> AsyncGenerator[ASGIApp]:
    """Yields the app that serves checked requests. `workspace`: its address, for links."""

    async def caller_of(ctx: Call) -> McpCaller:
        request = ctx.request_context.request
        own_desk = request.scope.get(CALLER) if isinstance(request, Request) else None
        if not isinstance(own_desk, PersonalDesk):
            raise NotAllowed("This call came without a token.")
        return McpCaller(own_desk, workspace)

    server = mcp_server(caller_of)
    unguarded = TransportSecuritySettings(enable_dns_rebinding_protection=False)  # the door has checked the token
    server.streamable_http_app(streamable_http_path=PATH, max_sessions=MOST_SESSIONS, transport_security=unguarded)
    manager = server.session_manager
    bound = AuthContextMiddleware(manager.handle_request)  # a state that one person was given is nobody else's

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        person = scope[CALLER].viewer.person.id
        seen = AccessToken(token=person, client_id=person, scopes=[], subject=person)
        await bound({**scope, "user": AuthenticatedUser(seen)}, receive, send)

    async with manager.run():
        yield app
