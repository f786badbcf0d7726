"""The one bolt app that hears for all workspaces, and hands each what is its own."""

import asyncio
import logging
import re
from collections.abc import Callable, Coroutine, Generator, Mapping
from contextlib import contextmanager
from typing import Any, NamedTuple, Protocol, cast

from slack_bolt.app.async_app import AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.context.async_context import AsyncBoltContext
from slack_bolt.response import BoltResponse

from bot.slack.parse import Me
from bot.slack.socket import Socket
from bot.slack.web import connection
from orchestrator.errors import PlatformFailed, ThreadworkError

log = logging.getLogger(__name__)
_ANY = re.compile(".*", re.DOTALL)

Gaps = asyncio.Queue[float | None]
"""One entry for each new connection: when (Unix time) the last one was still alive, None for the first."""


Ack = Callable[..., Coroutine[Any, Any, Any]]
Body = Mapping[str, Any]


class Listener(Protocol):
    """Hears what people of one workspace do."""

    @property
    def me(self) -> Me: ...

    async def event(self, body: Body) -> None:
        """Raises TimeoutError when it could not be taken in time."""
        ...

    async def command(self, body: Body, ack: Ack) -> None: ...

    async def interaction(self, body: Body, ack: Ack) -> None: ...

    async def submission(self, body: Body, ack: Ack) -> None: ...


class _Line(NamedTuple):
    """A workspace that listens."""

    hearing: Listener
    gaps: Gaps


async def _not_taken(error: Exception) -> BoltResponse:
    """No acknowledgement: Slack sends an event again."""
    expected = isinstance(error, (ThreadworkError, TimeoutError))
    log.warning("An event from Slack could not be handled: %s", error, exc_info=None if expected else error)
    return BoltResponse(status=500, body="")


def _left(team: str) -> None:
    log.warning("The app was removed from the workspace %s.", team)


class Ears:
    """Over Socket Mode with an `app_token`; without one `bot.slack.http` brings what Slack sends.

    `expects`: whether a workspace that does not listen soon will, so that its events must come again; else there is one
    workspace. `left`: told when a workspace may have taken the app out. An `api_url` of one's own is asked without a
    proxy.
    """

    def __init__(
        self, *, app_token: str = "", api_url: str = "", ping: float = 10.0,
        expects: Callable[[str], bool] | None = None, left: Callable[[str], None] = _left,
    ) -> None:  # fmt: skip
        self._app_token, self._ping, self._proxied = app_token, ping, not api_url
        self._expects, self._left = expects, left
        self._lines: dict[str, _Line] = {}
        self._connected = not app_token
        self.app = self._bolt(api_url)

    async def run(self) -> None:
        """Until cancelled. Raises PlatformFailed when Slack refuses the app token at the start."""
        if not self._app_token:
            await asyncio.Event().wait()
        try:
            await Socket(
                self.app, self._app_token, ping=self._ping, proxied=self._proxied, hello=self._hello
            ).run()  # fmt: skip
        finally:
            self._connected = False

    @contextmanager
    def joined(self, hearing: Listener) -> Generator[Gaps]:
        """The workspace listens."""
        team, line = hearing.me.team, _Line(hearing, asyncio.Queue())
        if self._connected:
            line.gaps.put_nowait(None)
        self._lines[team] = line
        try:
            yield line.gaps
        finally:
            if self._lines.get(team) is line:
                del self._lines[team]

    def listens(self, team: str) -> bool:
        """Whether that workspace listens."""
        return team in self._lines

    def connected(self, alive: float | None) -> None:
        """Slack reaches us again after a gap; `alive`: when it last did."""
        self._connected = True
        for line in self._lines.values():
            line.gaps.put_nowait(alive)

    async def _hello(self, alive: float | None) -> None:
        self.connected(alive)

    def _bolt(self, api_url: str) -> AsyncApp:
        """Nobody is asked who we are for each request, and events are processed before the response, so that an
        acknowledgement means that the event is stored."""

        async def authorize(enterprise_id: str | None, team_id: str | None) -> AuthorizeResult:
            line = self._lines.get(team_id or "")
            user, bot = (line.hearing.me.user, line.hearing.me.bot) if line else (None, None)
            return AuthorizeResult(enterprise_id=enterprise_id, team_id=team_id, bot_user_id=user, bot_id=bot)

        app = AsyncApp(
            client=connection("", api_url),
            authorize=authorize,
            process_before_response=True,
            request_verification_enabled=False,  # `bot.slack.http` has seen to it, before it read anything
            attaching_conversation_kwargs_enabled=False,
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

    def _of(self, context: AsyncBoltContext) -> Listener | None:
        """Who listens in that workspace; None for one that has nothing to do with us."""
        team = context.team_id or ""
        if line := self._lines.get(team):
            return line.hearing
        if self._expects(team) if self._expects else not self._lines:
            raise PlatformFailed(f"The workspace {team!r} isn't connected yet.")
        log.info("An event came from workspace %r, which isn't connected.", team)
        return None

    async def _uninstalled(self, context: AsyncBoltContext) -> None:
        self._left(context.team_id or "")

    async def _revoked(self, context: AsyncBoltContext, body: Body) -> None:
        if body["event"].get("tokens", {}).get("bot"):
            self._left(context.team_id or "")

    async def _event(self, context: AsyncBoltContext, body: Body) -> None:
        if hearing := self._of(context):
            await hearing.event(body)

    async def _command(self, context: AsyncBoltContext, body: Body, ack: Ack) -> None:
        if hearing := self._of(context):
            await hearing.command(body, ack)

    async def _interaction(self, context: AsyncBoltContext, body: Body, ack: Ack) -> None:
        if hearing := self._of(context):
            await hearing.interaction(body, ack)

    async def _submission(self, context: AsyncBoltContext, body: Body, ack: Ack) -> None:
        if hearing := self._of(context):
            await hearing.submission(body, ack)
