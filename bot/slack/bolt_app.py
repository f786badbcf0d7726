"""The one bolt app that listens for all workspaces and passes each its events, and the socket it listens on."""

import asyncio
import logging
import re
import time
from collections.abc import Awaitable, Callable, Coroutine, Generator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol, cast

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.response import BoltResponse

from bot.slack.errors import OPENING, slack_errors
from bot.slack.parse import BotIdentity
from bot.slack.web_api import connection
from orchestrator.errors import PlatformFailed, ThreadworkError

log = logging.getLogger(__name__)
_ANY = re.compile(".*", re.DOTALL)

Gaps = asyncio.Queue[float | None]
"""Called for each new connection with the Unix time at which the last one was still alive, None for the first."""

_SLOWEST_CONNECT = 60.0
"""Seconds."""

Ack = Callable[..., Coroutine[Any, Any, Any]]
Body = Mapping[str, Any]


class WorkspaceListener(Protocol):
    """Handles what people of one workspace do."""

    @property
    def me(self) -> BotIdentity: ...

    async def event(self, body: Body) -> None:
        """Raises TimeoutError if it couldn't be taken in time."""
        ...

    async def command(self, body: Body, ack: Ack) -> None: ...

    async def interaction(self, body: Body, ack: Ack) -> None: ...

    async def submission(self, body: Body, ack: Ack) -> None: ...


class _Workspace(NamedTuple):
    """A workspace that is listening."""

    listener: WorkspaceListener
    gaps: Gaps


async def _not_taken(error: Exception) -> BoltResponse:
    """Sends no acknowledgement, so Slack sends the event again."""
    expected = isinstance(error, (ThreadworkError, TimeoutError))
    log.warning("An event from Slack couldn't be handled: %s", error, exc_info=None if expected else error)
    return BoltResponse(status=500, body="")


def _left(team: str) -> None:
    log.warning("The app was removed from the workspace %s.", team)


class BoltApp:
    """Uses Socket Mode with an `app_token`; without one, `bot.slack.http_mode` passes on what Slack sends.

    `expects`: whether a workspace that isn't listening will do so soon, and its events must come again; otherwise there
    is one workspace. `left`: called when a workspace may have removed the app. A custom `api_url` is called without a
    proxy.
    """

    def __init__(
        self, *, app_token: str = "", api_url: str = "", ping: float = 10.0,
        expects: Callable[[str], bool] | None = None, left: Callable[[str], None] = _left,
    ) -> None:  # fmt: skip
        self._app_token, self._ping, self._proxied = app_token, ping, not api_url
        self._expects, self._left = expects, left
        self._workspaces: dict[str, _Workspace] = {}
        self._connected = not app_token
        self.app = self._bolt(api_url)

    async def run(self) -> None:
        """Runs until canceled. Raises PlatformFailed if Slack refuses the app token at the start."""
        if not self._app_token:
            await asyncio.Event().wait()
        try:
            await Socket(
                self.app, self._app_token, ping=self._ping, proxied=self._proxied, hello=self._hello
            ).run()  # fmt: skip
        finally:
            self._connected = False

    @contextmanager
    def joined(self, listener: WorkspaceListener) -> Generator[Gaps]:
        """The workspace starts listening."""
        team, workspace = listener.me.team, _Workspace(listener, asyncio.Queue())
        if self._connected:
            workspace.gaps.put_nowait(None)
        self._workspaces[team] = workspace
        try:
            yield workspace.gaps
        finally:
            if self._workspaces.get(team) is workspace:
                del self._workspaces[team]

    def listens(self, team: str) -> bool:
        """Returns whether that workspace is listening."""
        return team in self._workspaces

    def connected(self, alive: float | None) -> None:
        """Slack reaches us again after a gap; `alive`: when it last did."""
        self._connected = True
        for workspace in self._workspaces.values():
            workspace.gaps.put_nowait(alive)

    async def _hello(self, alive: float | None) -> None:
        self.connected(alive)

    def _bolt(self, api_url: str) -> AsyncApp:
        """Requests don't look up who we are, and events are processed before the response, so that an acknowledgement
        means the event is stored."""

        async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            workspace = self._workspaces.get(team_id or "")
            user, bot = (workspace.listener.me.user, workspace.listener.me.bot) if workspace else (None, None)
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_user_id=user, bot_id=bot)

        app = AsyncApp(
            name="threadwork",  # else it reads the source of every caller to find one
            client=connection("", api_url),
            authorize=authorize,
            process_before_response=True,
            request_verification_enabled=False,  # `bot.slack.http_mode` has checked it before reading anything
            attaching_conversation_kwargs_enabled=False,
            ignoring_self_events_enabled=False,  # a message of ours that people delete is posted again
        )
        bolt = cast(Any, app)
        bolt.event("app_uninstalled")(self._uninstalled)
        bolt.event("tokens_revoked")(self._revoked)
        bolt.event(_ANY)(self._event)
        bolt.command(_ANY)(self._command)
        bolt.shortcut(_ANY)(self._interaction)
        bolt.action(_ANY)(self._interaction)
        bolt.view(_ANY)(self._submission)
        bolt.error(_not_taken)
        return app

    def _of(self, context: AsyncBoltContext) -> WorkspaceListener | None:
        """Returns the listener for that workspace; None if it has nothing to do with us."""
        team = context.team_id or ""
        if workspace := self._workspaces.get(team):
            return workspace.listener
        if self._expects(team) if self._expects else not self._workspaces:
            raise PlatformFailed(f"The workspace {team!r} isn't connected yet.")
        log.info("An event came from workspace %r, which isn't connected.", team)
        return None

    async def _uninstalled(self, context: AsyncBoltContext) -> None:
        self._left(context.team_id or "")

    async def _revoked(self, context: AsyncBoltContext, body: Body) -> None:
        if body["event"].get("tokens", {}).get("bot"):
            self._left(context.team_id or "")

    async def _event(self, context: AsyncBoltContext, body: Body) -> None:
        if listener := self._of(context):
            await listener.event(body)

    async def _command(self, context: AsyncBoltContext, body: Body, ack: Ack) -> None:
        if listener := self._of(context):
            await listener.command(body, ack)

    async def _interaction(self, context: AsyncBoltContext, body: Body, ack: Ack) -> None:
        if listener := self._of(context):
            await listener.interaction(body, ack)

    async def _submission(self, context: AsyncBoltContext, body: Body, ack: Ack) -> None:
        if listener := self._of(context):
            await listener.submission(body, ack)


class Socket:
    """The SDK reconnects on its own; if it is stuck, its connection is replaced.

    `hello` is called for each new connection with the Unix time at which the last one was still alive, or None.
    """

    def __init__(
        self,
        app: AsyncApp,
        app_token: str,
        *,
        ping: float,
        proxied: bool,
        hello: Callable[[float | None], Awaitable[None]],
    ) -> None:
        self._app, self._token, self._ping, self._proxied, self._hello = app, app_token, ping, proxied, hello
        self._alive: float | None = None

    async def run(self) -> None:
        """Runs until canceled. Raises PlatformFailed if Slack refuses the app token at the start."""
        first = True
        while True:
            handler = AsyncSocketModeHandler(self._app, self._token, ping_interval=self._ping)
            client = cast(Any, handler.client)
            if not self._proxied:
                client.proxy = None
            client.message_listeners.append(self._heard)
            try:
                await self._open(client, first)
                first = False
                await self._watch(client)
            finally:
                await _close(client)

    async def _open(self, client: Any, first: bool) -> None:
        try:
            with slack_errors(OPENING):
                # The SDK's own way to get a link breaks on an answer that isn't JSON.
                client.wss_uri = str((await client.web_client.apps_connections_open(app_token=self._token))["url"])
                async with asyncio.timeout(_SLOWEST_CONNECT):
                    await client.connect()
        except PlatformFailed as error:
            if first:
                raise
            log.warning("Slack isn't connected: %s", error)
            await asyncio.sleep(self._ping)

    async def _watch(self, client: Any) -> None:
        """Returns when the SDK hasn't been connected for several pings: it may hold on to a used link forever."""
        gone = 0
        while gone < 4:
            await asyncio.sleep(self._ping)
            if await client.is_connected():
                gone = 0
                self._alive = client.last_ping_pong_time or self._alive
            else:
                gone += 1
        log.warning("Slack's connection is stuck; reconnecting.")

    async def _heard(self, client: Any, message: dict[str, Any], raw: str | None = None) -> None:
        if message.get("type") == "hello":
            before, self._alive = self._alive, time.time()
            await self._hello(before)


async def _close(client: Any) -> None:
    """Closes, and waits until the SDK's own tasks have ended."""
    await client.close()
    tasks = [client.message_processor, client.current_session_monitor, client.message_receiver]
    await asyncio.gather(*(task for task in tasks if task is not None), return_exceptions=True)
