"""Runs a script in every frame of a page."""

import asyncio
from contextlib import suppress
from typing import Any

from playwright.async_api import Error, Page


async def evaluate_in_frames(page: Page, script: str, given: object = None, *, seconds: float) -> list[Any]:
    """Returns what the script returns in each frame, in order; frames that fail or take longer are left out."""
    found: list[Any] = []
    for frame in page.frames:
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(seconds):
                found.append(await frame.evaluate(script, given))
    return found
