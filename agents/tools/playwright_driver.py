"""Starts Playwright's driver, the process between us and a browser."""

import asyncio
from asyncio.subprocess import DEVNULL, PIPE

from playwright._impl._driver import compute_driver_executable
from playwright.async_api import Error, Playwright, async_playwright


async def started() -> Playwright:
    """Returns a new driver; retries once if it dies while starting. Raises Error for anything Playwright raises."""
    first = await _tried()
    if not isinstance(first, BaseException):
        return first
    second = await _tried()
    if isinstance(second, BaseException):
        raise Error(f"The browser driver exited while starting: {await _last_words() or second}") from second
    return second


async def _last_words() -> str:
    """Returns what the driver's program prints as the reason; Playwright lets it go to our own output."""
    program, _ = compute_driver_executable()
    try:
        process = await asyncio.create_subprocess_exec(program, "--version", stdin=DEVNULL, stdout=DEVNULL, stderr=PIPE)
        _, said = await process.communicate()
    except OSError as error:
        return str(error)
    return said.decode(errors="replace").strip()


async def _tried() -> Playwright | BaseException:
    starting = asyncio.ensure_future(async_playwright().start())
    try:
        await asyncio.wait({starting})
    finally:
        starting.cancel()
    return starting.exception() or starting.result()
