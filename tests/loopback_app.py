"""Runs an aiohttp application on loopback for the time of a block."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from aiohttp import web


@asynccontextmanager
async def on_loopback(app: web.Application, host: str = "127.0.0.1", port: int = 0) -> AsyncGenerator[str]:
    """Yields its address without a path. Requests that are still being answered at the end are cancelled."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        number = runner.addresses[0][1]
        yield f"http://[{host}]:{number}" if ":" in host else f"http://{host}:{number}"
    finally:
        await runner.cleanup()
