"""Saves what a page looks like to the workspace."""

import asyncio
from typing import Literal

from agents.tool import CallContext
from agents.tools.browser import page_view
from agents.tools.browser.page_session import SHORT, PageSession
from orchestrator.errors import ToolFailed

_TALLEST = 8_000


async def screenshot(session: PageSession, room: CallContext, path: str, ref: str | None = None) -> str:
    """Saves a picture of the element, or of the whole page unless it is endless; covers passwords."""
    kind = path.lower().rsplit(".", 1)[-1]
    if kind not in ("png", "jpg", "jpeg"):
        raise ToolFailed(f"{path!r} must end in .png or .jpg.")
    sort: Literal["png", "jpeg"] = "png" if kind == "png" else "jpeg"
    covered = page_view.covered(session)
    if ref is not None:
        drawn = await (await session.locate(ref)).screenshot(type=sort, mask=covered, timeout=SHORT)
    else:
        height = int(await session.page.evaluate("document.documentElement.scrollHeight"))
        drawn = await session.page.screenshot(type=sort, full_page=height <= _TALLEST, mask=covered)
    await asyncio.to_thread(room.workspace.write, path, drawn)
    return f"Saved {path!r}, a screenshot of {session.page.url}"
