"""Notes that a page opens the dialog for printing, which nobody would see."""

import asyncio
from contextlib import suppress

from playwright.async_api import Error, Page

ASKED = (
    "The page asked to be printed; nothing was printed. To save its content, use browser_screenshot or browser_extract."
)
IN_PAGES = "window.print = function print() { print.asked = true; };"
_GLANCE = 1.0
_SINCE = "() => { const asked = window.print.asked; window.print.asked = false; return !!asked; }"


async def asked_to_print(page: Page) -> bool:
    """Returns whether the page, or a frame of it, has done so since the last look."""
    found = False
    for frame in page.frames:
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(_GLANCE):
                found |= bool(await frame.evaluate(_SINCE))
    return found
