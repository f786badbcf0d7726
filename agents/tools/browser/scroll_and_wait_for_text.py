"""Moves through a page: scrolls, also to its end, and waits for text."""

import asyncio
import re
from contextlib import suppress

from playwright.async_api import Error

from agents.tools.browser.page_idle import is_fetching, settle
from agents.tools.browser.page_session import PageSession, died
from agents.tools.browser.scroll_containers import growth, scroll_down, scroll_further, scrolled_to, step_at
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

MOST_SCREENS = 40
LONGEST_WAIT = 30.0

_GROWS = 1.2
"""Seconds in which a page that has more loads it, or shows that it does."""
_MIDDLE = 640, 400


async def scroll(session: PageSession, down: bool) -> None:
    """Scrolls one window further and shows the next part of a long snapshot."""
    page, way = session.page, 1 if down else -1
    before = await scrolled_to(page)
    await page.mouse.move(*_MIDDLE)
    await page.mouse.wheel(0, way * min(700.0, await step_at(page, *_MIDDLE)))
    await settle(session)
    if await scrolled_to(page) == before:  # only a part of the page scrolls, and the mouse isn't over it
        await scroll_further(page, way * 0.9)
    session.part = max(1, session.part + way)
    await settle(session)


async def scroll_to_end(session: PageSession) -> None:
    """Scrolls down until the page shows nothing new, at most MOST_SCREENS windows or the page's load timeout."""
    screens, then = 0, ""
    with suppress(TimeoutError):
        async with asyncio.timeout(session.patience):
            while screens < MOST_SCREENS:
                there = await scroll_down(session.page)
                if there.moved:
                    screens += 1
                    await settle(session)
                    continue
                then = await growth(session.page, there.size, _GROWS)
                if then != "grown" and not is_fetching(session):
                    break
                await settle(session)
    session.notes.append(_END.get(then, _STOPPED).format(counted(screens, "screen")))


_STOPPED = "Stopped here; call browser_scroll('end') to scroll further ({})."
_END = {
    "ended": "Scrolled to the end ({}).",
    "loads": "Scrolled down ({}), but the page still shows that it's loading, so more may follow. Call "
    "browser_scroll('end') again.",
}


async def wait_for(session: PageSession, text: str, seconds: float) -> None:
    """Waits until the text appears on the page, frames included. Raises ToolFailed when it doesn't."""
    seconds = max(0.0, min(seconds, LONGEST_WAIT))
    try:
        async with asyncio.timeout(seconds):
            while not await _stands(session, text):  # noqa: ASYNC110 - pages tell nobody what they show
                await asyncio.sleep(0.1)
    except TimeoutError as late:
        if not await session.answers():
            raise Error("the page isn't responding") from late
        raise ToolFailed(
            f"{text!r} didn't appear within {seconds:g} s. Call browser_snapshot to see the page."
        ) from late


async def _stands(session: PageSession, text: str) -> bool:
    for frame in session.page.frames:
        try:
            if await frame.get_by_text(_beginning(text)).filter(visible=True).count():
                return True
        except Error as error:  # a frame that is gone has no text
            if died(error):
                raise
    return False


def _beginning(text: str) -> re.Pattern[str]:
    """Matches the text in any case, but not inside a word: 'Saved' isn't in 'Unsaved'."""
    words = r"\s+".join(re.escape(word) for word in text.split())
    before = "(?<![A-Za-z])" if text.strip()[:1].isalpha() else ""
    return re.compile(before + words, re.IGNORECASE)
