"""Starts Playwright's driver, the process between us and a browser."""

import asyncio

from playwright.async_api import Error, Playwright, async_playwright


async def started() -> Playwright:
    """Returns a new driver; retries once if it dies while starting. Raises Error for anything Playwright raises."""
    first = await _tried()
    if not isinstance(first, BaseException):
        return first
    second = await _tried()
    if isinstance(second, BaseException):
        raise Error(f"The browser driver exited while starting: {second}") from second
    return second


async def _tried() -> Playwright | BaseException:
    starting = asyncio.ensure_future(async_playwright().start())
    try:
        await asyncio.wait({starting})
    finally:
        starting.cancel()
    return starting.exception() or starting.result()
