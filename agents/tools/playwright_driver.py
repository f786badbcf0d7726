"""Playwright's driver, the program between us and a browser."""

import asyncio

from playwright.async_api import Error, Playwright, async_playwright


async def started() -> Playwright:
    """A new driver; one that dies while it starts gets a second try. Raises Error, where Playwright raises anything."""
    first = await _tried()
    if not isinstance(first, BaseException):
        return first
    second = await _tried()
    if isinstance(second, BaseException):
        raise Error(f"The driver ended while it started: {second}") from second
    return second


async def _tried() -> Playwright | BaseException:
    starting = asyncio.ensure_future(async_playwright().start())
    try:
        await asyncio.wait({starting})
    finally:
        starting.cancel()
    return starting.exception() or starting.result()
