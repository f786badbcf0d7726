"""Opens a proxy's endpoint: a socket file for a sandbox, a local port for a page."""

import asyncio
import os
import socket
import tempfile
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from agents.egress.proxy import Proxy, serving

SOCKET = "proxy"


@asynccontextmanager
async def at_socket(proxy: Proxy) -> AsyncGenerator[Path]:
    """Yields the socket file, in a private folder; removes both at the end."""
    place = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="egress-")
    try:
        async with serving(proxy, await asyncio.to_thread(_bound, place.name)):
            yield Path(place.name) / SOCKET
    finally:
        await asyncio.to_thread(place.cleanup)


@asynccontextmanager
async def at_port(proxy: Proxy) -> AsyncGenerator[int]:
    """Yields a port of the loopback address."""
    async with serving(proxy, listener := socket.create_server(("127.0.0.1", 0))):
        yield listener.getsockname()[1]


def _bound(folder: str) -> socket.socket:
    """Binds through a descriptor of the folder, because a socket's address has at most 108 bytes."""
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(f"/proc/self/fd/{place}/{SOCKET}")
    finally:
        os.close(place)
    return listener
