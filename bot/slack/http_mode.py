"""Slack over HTTP: people's actions come as signed requests, and workspaces install the app, at three addresses.

Anyone can reach them, so each checks its own callers.
"""

import base64
import hashlib
import hmac
import logging
import math
import secrets
import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

from slack_bolt.adapter.starlette.async_handler import to_async_bolt_request, to_starlette_response
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.errors import SlackApiError
from slack_sdk.oauth.installation_store.models.installation import Installation
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.signature import SignatureVerifier
from starlette.middleware import Middleware
from starlette.middleware.body_limit import RequestBodyLimitMiddleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from bot.slack.bolt_app import BoltApp
from bot.slack.errors import error_name, slack_errors
from bot.slack.installs import Installs
from bot.slack.setup_checks import SCOPES
from bot.slack.web_api import API, connection

log = logging.getLogger(__name__)
EVENTS, INSTALL, INSTALLED = "/slack/events", "/slack/install", "/slack/oauth_redirect"
MOST_BODY = 2_000_000
"""Bytes; Slack's largest request is a submitted form with all its text."""
OWN_FAULT = 600.0
"""Seconds in which Slack may resend what we refused ourselves."""
LASTS = 600
"""Seconds in which an installation must be finished."""


def events_route(bolt: BoltApp, signing_secret: str) -> Route:
    """Events, commands and presses, each signed within the last five minutes."""
    verifier, reach = SignatureVerifier(signing_secret), Reach()

    async def heard(request: Request) -> Response:
        body = await request.body()
        if not _signed(verifier, body, request):
            log.warning("A request to %s had no valid signature, so it was refused.", EVENTS)
            return PlainTextResponse("The signature is wrong or too old.", status_code=401)
        if reach.was_cut(again="x-slack-retry-num" in request.headers):
            bolt.connected(reach.alive)
        answer = await bolt.app.async_dispatch(to_async_bolt_request(request, body))
        reach.answered(answer.status)
        return to_starlette_response(answer)

    limit = Middleware(RequestBodyLimitMiddleware, max_body_size=MOST_BODY)
    return Route(EVENTS, heard, methods=["POST"], middleware=[limit])


def install_routes(installs: Installs, *, client_id: str, client_secret: str, api_url: str = "") -> list[Route]:
    """The way to Slack's consent page, and back with the token."""
    flow = _Flow(
        client=connection("", api_url),
        logger=log,
        settings=AsyncOAuthSettings(
            client_id=client_id,
            client_secret=client_secret,
            scopes=SCOPES,
            user_scopes=[],
            install_path=INSTALL,
            redirect_uri_path=INSTALLED,
            install_page_rendering_enabled=False,
            authorization_url=(api_url or API).removesuffix("api/") + "oauth/v2/authorize",
            installation_store=installs,
            state_store=SignedStates(client_secret),
            state_expiration_seconds=LASTS,
            logger=log,
        ),
    )
    return [
        Route(INSTALL, _page(flow.handle_installation), methods=["GET"]),
        Route(INSTALLED, _page(flow.handle_callback), methods=["GET"]),
    ]


class Reach:
    """Whether Slack has reached us all the time, as far as its requests tell. `alive`: when one last did, or since when
    it could, in Unix time."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._told = self._failed = -math.inf
        self.alive = now()

    def was_cut(self, *, again: bool) -> bool:
        """Slack had to resend something although we refused nothing, so it may have given up on other things; reported
        once a minute."""
        now = self._now()
        if not again or now - self._failed < OWN_FAULT or now - self._told < 60:
            return False
        self._told = now
        return True

    def answered(self, status: int) -> None:
        self.alive = self._now()
        if status != 200:
            self._failed = self.alive


class _Flow(AsyncOAuthFlow):
    async def run_installation(self, code: str) -> Installation | None:
        """Like bolt's own, which uses what aiohttp is about to drop, and logs the code when it is refused."""
        asked = {"code": code, "client_id": self.settings.client_id, "client_secret": self.settings.client_secret}
        try:
            answer = await cast(Any, self.client).api_call("oauth.v2.access", data=asked)
        except SlackApiError as error:
            log.warning("Slack refused an installation: %s", error_name(error))
            return None
        said = cast("dict[str, Any]", answer.data)
        team = cast("dict[str, Any]", said.get("team") or {})
        return Installation(
            user_id="",
            team_id=team.get("id"),
            team_name=team.get("name"),
            bot_token=said.get("access_token"),
            bot_user_id=said.get("bot_user_id"),
            is_enterprise_install=bool(said.get("is_enterprise_install")),
        )


class SignedStates(AsyncOAuthStateStore):
    """States that need no store, so they survive a restart: the time and a random word, signed. bolt's cookie ties one
    to its browser, and Slack's code makes it count once."""

    def __init__(self, secret: str, now: Callable[[], float] = time.time) -> None:
        self._key = hashlib.sha256(f"threadwork state {secret}".encode()).digest()
        self._now = now

    @property
    def logger(self) -> logging.Logger:
        return log

    async def async_issue(self, *args: object, **kwargs: object) -> str:
        said = f"{int(self._now())}.{secrets.token_urlsafe(16)}"
        return f"{said}.{self._mac(said)}"

    async def async_consume(self, state: str) -> bool:
        said, _, mac = state.rpartition(".")
        if not hmac.compare_digest(mac.encode(), self._mac(said).encode()):
            return False
        return self._now() - int(said.partition(".")[0]) < LASTS

    def _mac(self, said: str) -> str:
        return base64.urlsafe_b64encode(hmac.digest(self._key, said.encode(), "sha256")).decode().rstrip("=")


def _signed(verifier: SignatureVerifier, body: bytes, request: Request) -> bool:
    """Checked before anything is read: bolt parses first, and a stranger's bytes may be anything."""
    try:
        return verifier.is_valid_request(body, dict(request.headers))
    except (ValueError, TypeError):  # a time that isn't a number, bytes that aren't text
        return False


def _page(handle: Callable[[AsyncBoltRequest], Awaitable[BoltResponse]]) -> Callable[[Request], Awaitable[Response]]:
    async def page(request: Request) -> Response:
        with slack_errors("installing the app"):
            return to_starlette_response(await handle(to_async_bolt_request(request, b"")))

    return page
