"""A hosted connector with the library's own sign-in server, in this process: it rotates refresh tokens, and ends the
whole sign-in when one is used twice. `tests.oauth_server.oauth_server` yields it."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from secrets import token_hex
from time import time
from urllib.parse import parse_qsl, urlsplit

import httpx2
import uvicorn
from mcp.server.auth.provider import (
    AccessToken,
    AuthorizationCode,
    AuthorizationParams,
    OAuthAuthorizationServerProvider,
    RefreshToken,
    TokenError,
    construct_redirect_uri,
)
from mcp.server.auth.settings import AuthSettings, ClientRegistrationOptions, RevocationOptions
from mcp.server.mcpserver import MCPServer
from mcp.shared.auth import OAuthClientInformationFull, OAuthToken
from mcp_types import ToolAnnotations
from pydantic import AnyHttpUrl
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

WRITE = "notes:write"


class SignIns(OAuthAuthorizationServerProvider[AuthorizationCode, RefreshToken, AccessToken]):
    """`seconds`: how long a token works. `renewals`: how often one was renewed. `replays`: sign-ins that ended so.

    `needs`: a scope by the word of the requests that need it; `gives`: all that can be granted; `asked_for`: the scopes
    of each sign-in. A renewal sets `asked`, then waits while `slow` is cleared.
    """

    def __init__(self, url: str, seconds: int) -> None:
        self.url, self.seconds = url, seconds
        self.clients: dict[str, OAuthClientInformationFull] = {}
        self.codes: dict[str, AuthorizationCode] = {}
        self.access: dict[str, AccessToken] = {}
        self.refresh: dict[str, RefreshToken] = {}
        self.used: set[str] = set()
        self.deleted: list[str] = []
        self.needs, self.gives = dict[bytes, str](), ("notes", WRITE)
        self.asked_for: list[list[str]] = []
        self.renewals = self.replays = self.sign_ins = 0
        self.asked, self.slow = asyncio.Event(), asyncio.Event()
        self.slow.set()

    def revoke_all(self) -> None:
        """As if the person had removed threadwork in the service's settings."""
        self.access.clear()
        self.refresh.clear()

    async def get_client(self, client_id: str) -> OAuthClientInformationFull | None:
        return self.clients.get(client_id)

    async def register_client(self, client_info: OAuthClientInformationFull) -> None:
        self.clients[client_info.client_id] = client_info

    async def authorize(self, client: OAuthClientInformationFull, params: AuthorizationParams) -> str:
        code = token_hex(16)
        self.asked_for.append(params.scopes or [])
        self.codes[code] = AuthorizationCode(
            code=code, scopes=params.scopes or [], expires_at=time() + 60, client_id=client.client_id,
            code_challenge=params.code_challenge, redirect_uri=params.redirect_uri, resource=params.resource,
            redirect_uri_provided_explicitly=params.redirect_uri_provided_explicitly,
        )  # fmt: skip
        return construct_redirect_uri(str(params.redirect_uri), code=code, state=params.state)

    async def load_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: str
    ) -> AuthorizationCode | None:
        return self.codes.get(authorization_code)

    async def exchange_authorization_code(
        self, client: OAuthClientInformationFull, authorization_code: AuthorizationCode
    ) -> OAuthToken:
        del self.codes[authorization_code.code]
        self.sign_ins += 1
        return self._granted(client.client_id, authorization_code.resource, authorization_code.scopes)

    async def load_refresh_token(self, client: OAuthClientInformationFull, refresh_token: str) -> RefreshToken | None:
        if refresh_token in self.used:
            self.replays += 1
            self.revoke_all()
        return self.refresh.get(refresh_token)

    async def exchange_refresh_token(
        self, client: OAuthClientInformationFull, refresh_token: RefreshToken, scopes: list[str]
    ) -> OAuthToken:
        self.asked.set()
        await self.slow.wait()
        if self.refresh.pop(refresh_token.token, None) is None:
            raise TokenError("invalid_grant")
        self.used.add(refresh_token.token)
        self.renewals += 1
        return self._granted(client.client_id, refresh_token.resource, refresh_token.scopes)

    async def load_access_token(self, token: str) -> AccessToken | None:
        return self.access.get(token)

    async def revoke_token(self, token: AccessToken | RefreshToken) -> None:
        self.revoke_all()

    def _granted(self, client: str, resource: str | None, asked: list[str]) -> OAuthToken:
        access, refresh = token_hex(16), token_hex(16)
        scopes = [one for one in asked or ["notes"] if one in self.gives]
        self.access[access] = AccessToken(token=access, client_id=client, scopes=scopes, resource=resource)
        self.refresh[refresh] = RefreshToken(token=refresh, client_id=client, scopes=scopes, resource=resource)
        return OAuthToken(access_token=access, refresh_token=refresh, expires_in=self.seconds, scope=" ".join(scopes))

    def lacks(self, authorization: str, body: bytes) -> str:
        """The scope that this request needs and its token hasn't."""
        token = self.access.get(authorization.removeprefix("Bearer "))
        held = token.scopes if token else ()
        return next((scope for word, scope in self.needs.items() if token and word in body and scope not in held), "")


def notes(signs: SignIns) -> MCPServer:
    """The connector: it reads notes, and deletes them."""
    settings = AuthSettings(
        issuer_url=AnyHttpUrl(signs.url), resource_server_url=AnyHttpUrl(f"{signs.url}/mcp"), required_scopes=["notes"],
        client_registration_options=ClientRegistrationOptions(enabled=True, valid_scopes=["notes", WRITE]),
        revocation_options=RevocationOptions(enabled=True), validate_token_resource=True,
    )  # fmt: skip
    server = MCPServer("notes", auth_server_provider=signs, auth=settings)

    @server.tool(annotations=ToolAnnotations(read_only_hint=True))
    def look() -> str:
        """Reads the notes."""
        return "Ada's note: the vault code is 4711"

    @server.tool()
    def delete(text: str = "") -> str:
        """Deletes notes."""
        signs.deleted.append(text)
        return f"deleted {text}"

    return server


@asynccontextmanager
async def oauth_server(seconds: int = 3600) -> AsyncGenerator[SignIns]:
    """Yields the running server; its connector is at `/mcp`."""
    listening = socket.create_server(("127.0.0.1", 0))
    signs = SignIns(f"http://127.0.0.1:{listening.getsockname()[1]}", seconds)
    app = _with_rights(notes(signs).streamable_http_app(), signs)
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=1))
    server.install_signal_handlers = lambda: None  # pyright: ignore
    running = asyncio.create_task(server._serve(sockets=[listening]))  # pyright: ignore
    try:
        while not server.started and not running.done():  # noqa: ASYNC110  (uvicorn rings no bell)
            await asyncio.sleep(0.005)
        yield signs
    finally:
        server.should_exit = True
        await running


def _with_rights(app: ASGIApp, signs: SignIns) -> ASGIApp:
    """Refuses what a token's rights don't include, as services do."""

    async def checked(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "POST" or scope["path"] != "/mcp":
            await app(scope, receive, send)
            return
        message = await receive()
        body, given = message.get("body", b""), dict(scope["headers"]).get(b"authorization", b"").decode()
        if scope_needed := signs.lacks(given, body):
            asked = f'Bearer error="insufficient_scope", scope="{scope_needed}"'
            await Response(status_code=403, headers={"www-authenticate": asked})(scope, receive, send)
            return
        heard = [message]

        async def again() -> Message:
            return heard.pop() if heard else await receive()

        await app(scope, again, send)

    return checked


async def person_agrees(link: str) -> Mapping[str, str]:
    """Opens the link as a browser would, and returns what the service sends back."""
    async with httpx2.AsyncClient() as browser:
        answer = await browser.get(link)
    assert answer.status_code == 302, answer.text
    return dict(parse_qsl(urlsplit(answer.headers["location"]).query))
