"""The HTTP server of the workspace: uvicorn, ended promptly although streams are open."""

import asyncio
import errno
import socket
from collections.abc import AsyncGenerator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

import uvicorn
from starlette.applications import Starlette

from bot.web.live import Streams
from orchestrator.errors import BadSettings


class Server(uvicorn.Server):
    """Ends the pages' streams before it waits for open connections; leaves signals to the process that runs it."""

    def __init__(self, app: Starlette, *, host: str, port: int) -> None:
        super().__init__(
            uvicorn.Config(
                app, host=host, port=port, log_config=None, access_log=False, lifespan="off", ws="none",
                server_header=False, proxy_headers=False, timeout_graceful_shutdown=3,
            )
        )  # fmt: skip
        self._streams: Streams = app.state.streams

    def capture_signals(self) -> AbstractContextManager[None]:  # pyright: ignore[reportIncompatibleMethodOverride]
        return nullcontext()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._streams.close()
        await super().shutdown(sockets)


def bound(host: str, port: int) -> socket.socket:
    """A listening socket; 0 takes a free port. Raises BadSettings with the next step."""
    try:
        family, kind, proto, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, proto)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            words = f"Port {port} is taken; stop the other program or set THREADWORK_WEB__PORT (0 takes a free one)."
        else:
            words = f"The web workspace cannot listen on {host!r} port {port}: {error.strerror or error}."
        raise BadSettings(words) from error
    listening.listen(128)
    listening.setblocking(False)
    return listening


@asynccontextmanager
async def served(app: Starlette, listening: socket.socket) -> AsyncGenerator[None]:
    """Serves until the context ends."""
    host, port = listening.getsockname()[:2]
    server = Server(app, host=host, port=port)
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        while not server.started and not running.done():  # noqa: ASYNC110  (uvicorn rings no bell)
            await asyncio.sleep(0.005)
        yield
    finally:
        server.should_exit = True
        await running
