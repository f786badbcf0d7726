"""Goes back in a page's history, also inside one document."""

from typing import Any, cast

from playwright.async_api import Error
from playwright.async_api import TimeoutError as Slow

from agents.tools.browser.page_idle import settle
from agents.tools.browser.page_session import PageSession
from orchestrator.errors import ToolFailed


async def back(session: PageSession) -> None:
    if not await _has_earlier(session):
        raise ToolFailed("There's no earlier page. Call browser_open with the URL you want.")
    try:
        await session.page.go_back(wait_until="domcontentloaded", timeout=session.patience * 1000)
    except Slow as slow:
        await session.guard.stop()
        raise ToolFailed(f"The earlier page didn't load within {session.patience:g} s.") from slow
    except Error:
        if not session.guard.refused:
            raise
    session.part = 1
    await settle(session)


async def _has_earlier(session: PageSession) -> bool:
    devtools = cast(Any, await session.context.new_cdp_session(session.page))
    history = await devtools.send("Page.getNavigationHistory")
    await devtools.detach()
    at = history["currentIndex"]
    return at > 0 and history["entries"][at - 1]["url"] != "about:blank"
