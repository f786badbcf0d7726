"""The HTTP server of the workspace: uvicorn, ended promptly although streams are open."""

import socket
from contextlib import AbstractContextManager, nullcontext

import uvicorn
from starlette.applications import Starlette

from bot.web.live import Streams


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
