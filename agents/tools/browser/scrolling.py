"""Moves through a page: scrolls, also to its end, and waits for text."""

import asyncio
import re
from contextlib import suppress

from playwright.async_api import Error

from agents.tools.browser.page_idle import settle
from agents.tools.browser.page_session import PageSession, died
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

MOST_SCREENS = 40
LONGEST_WAIT = 30.0

_FURTHER = """(part) => {
  const high = el => el.scrollHeight > el.clientHeight + 40 && /auto|scroll/.test(getComputedStyle(el).overflowY);
  const page = document.scrollingElement || document.documentElement;
  const inner = [...document.querySelectorAll('*')].filter(high).sort((a, b) => b.clientHeight - a.clientHeight)[0];
  const it = page.scrollHeight > innerHeight + 40 || !inner ? page : inner;
  it.scrollBy({top: it.clientHeight * part, behavior: 'instant'});
  return [it.scrollHeight, it.scrollTop + it.clientHeight >= it.scrollHeight - 4];
}"""

_AT = "() => [scrollY, ...[...document.querySelectorAll('*')].map(el => el.scrollTop).filter(top => top > 0)]"
"""Where the page and its parts are scrolled to."""


async def scroll(session: PageSession, down: bool) -> None:
    """Scrolls one window further and shows the next part of a long snapshot."""
    before = await session.page.evaluate(_AT)
    await session.page.mouse.move(640, 400)
    await session.page.mouse.wheel(0, 700 if down else -700)
    await settle(session)
    if await session.page.evaluate(_AT) == before:  # only a part of the page scrolls, and the mouse isn't over it
        await session.page.evaluate(_FURTHER, 0.9 if down else -0.9)
    session.part = max(1, session.part + (1 if down else -1))
    await settle(session)


async def scroll_to_end(session: PageSession) -> None:
    """Scrolls down until the page shows nothing new, at most MOST_SCREENS windows or the page's load timeout."""
    before, screens, ended = -1, 0, False
    with suppress(TimeoutError):
        async with asyncio.timeout(session.patience):
            while screens < MOST_SCREENS:
                height, bottom = await session.page.evaluate(_FURTHER, 0.9)
                screens += 1
                await settle(session)
                if bottom and height == before and height == (await session.page.evaluate(_FURTHER, 0.9))[0]:
                    ended = True
                    break
                before = height
    words = "Scrolled to the end" if ended else "Stopped here; call browser_scroll('end') to scroll further"
    session.notes.append(f"{words} ({counted(screens, 'screen')}).")


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
