"""Notes that a page opens the dialog for printing, which nobody would see."""

from playwright.async_api import Page

from agents.tools.browser.evaluate_in_frames import evaluate_in_frames

ASKED = (
    "The page asked to be printed; nothing was printed. To save its content, use browser_screenshot or browser_extract."
)
IN_PAGES = "window.print = function print() { print.asked = true; };"
_GLANCE = 1.0
_SINCE = "() => { const asked = window.print.asked; window.print.asked = false; return !!asked; }"


async def asked_to_print(page: Page) -> bool:
    """Returns whether the page, or a frame of it, has done so since the last look."""
    return any(await evaluate_in_frames(page, _SINCE, seconds=_GLANCE))
