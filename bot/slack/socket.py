"""The connection that people are heard through. The SDK reconnects by itself; where it is stuck, it is replaced."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, cast

from slack_bolt.adapter.socket_mode.async_handler import AsyncSocketModeHandler
from slack_bolt.app.async_app import AsyncApp

from bot.slack.errors import OPENING, slack_errors
from orchestrator.errors import PlatformFailed

log = logging.getLogger(__name__)


class Socket:
    """`hello` is called for each new connection with the moment (Unix time) the last one was still alive, or None."""

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
        """Until cancelled. Raises PlatformFailed when Slack refuses the app token at the start."""
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
                # The SDK's own way to a link breaks on an answer that is no JSON.
                client.wss_uri = str((await client.web_client.apps_connections_open(app_token=self._token))["url"])
                async with asyncio.timeout(6 * self._ping):
                    await client.connect()
        except PlatformFailed as error:
            if first:
                raise
            log.warning("Slack is not connected: %s", error)
            await asyncio.sleep(self._ping)

    async def _watch(self, client: Any) -> None:
        """Returns when the SDK has not been connected for several pings: it may hold on to a used link for ever."""
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
