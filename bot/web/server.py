"""The workspace's HTTP server: uvicorn, stopped promptly even with open streams, and impatient with slow clients."""

import asyncio
import errno
import socket
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import Any

import h11
import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.config.web_address_errors import remedy
from bot.web.live_stream import Streams
from orchestrator.errors import BadSettings

HEADERS_WITHIN = 15.0
"""Seconds in which a request's complete head has to arrive."""
KEPT = 75
"""Seconds that an idle connection stays open: longer than clients and proxies keep theirs, so it never ends just as one
sends a request."""
MOST_CONNECTIONS = 400
"""At a time, for all people; the hub needs descriptors for more than this."""


class ConnectionLimits(H11Protocol):
    """Closes connections that don't send a complete head in time, and those beyond what the hub can hold."""

    _waiting: asyncio.TimerHandle | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        if len(self.connections) > MOST_CONNECTIONS:
            transport.abort()
            return
        self._wait()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._wait()
        else:
            self._calm()

    def connection_lost(self, exc: Exception | None) -> None:
        self._calm()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._waiting is None:
            self._waiting = self.loop.call_later(HEADERS_WITHIN, self._give_up)

    def _calm(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up(self) -> None:
        self._waiting = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self.transport.close()


class WebServer(uvicorn.Server):
    """Ends the pages' streams before it waits for open connections; leaves signals to the process that runs it."""

    def __init__(self, app: Starlette, *, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app, host=host, port=port, log_config=None, access_log=False, lifespan="off", ws="none",
                http=ConnectionLimits, server_header=False, proxy_headers=False, timeout_graceful_shutdown=3,
                timeout_keep_alive=KEPT,
            )
        )  # fmt: skip
        self._streams: Streams = app.state.streams

    def capture_signals(self) -> AbstractContextManager[None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return nullcontext()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._streams.close()
        await super().shutdown(sockets)


def bound(host: str, port: int) -> socket.socket:
    """Returns a listening socket; 0 takes a free port. Raises BadSettings with the next step."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, proto)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
        except OSError:
            listening.close()
            raise
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            words = f"Port {port} is taken; stop the other program or set THREADWORK_WEB__PORT (0 picks a free one)."
        else:
            why = error.strerror or error
            words = f"The web workspace can't listen on {host!r} port {port}: {why}. {remedy(error)}"
        raise BadSettings(words) from error
    listening.listen(128)
    listening.setblocking(False)
    return listening


@asynccontextmanager
async def served(app: Starlette, listening: socket.socket) -> AsyncGenerator[None]:
    """Serves until the context ends."""
    host, port = listening.getsockname()[:2]
    server = WebServer(app, host=host, port=port)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started and not running.done():  # noqa: ASYNC110  (uvicorn rings no bell)
            await asyncio.sleep(0.005)
        yield
    finally:
        server.should_exit = True
        await running
