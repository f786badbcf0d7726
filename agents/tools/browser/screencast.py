"""Streams pictures of one page to the person in control of it. They are never stored."""

import asyncio
import base64
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Self, cast

from playwright.async_api import Error, Page

from agents.tools.browser.page_session import SIZE

_CAST = {"format": "jpeg", "quality": 60, "maxWidth": SIZE[0], "maxHeight": SIZE[1]}
_FIRST = 1.5
"""Seconds after which a page that draws nothing new is captured with a screenshot."""


class Screencast:
    """Holds the newest JPEG and replaces unfetched ones, so a slow connection never gets old pictures."""

    def __init__(self, page: Page, session: Any, pause: float, changed: Callable[[], None]) -> None:
        self.page = page
        self.picture = b""
        self.size = SIZE
        self._session, self._pause, self._changed = session, pause, changed
        self._tasks: set[asyncio.Task[None]] = set()

    @classmethod
    async def at(cls, page: Page, *, pause: float, changed: Callable[[], None]) -> Self:
        """Starts at once. `pause`: minimum seconds between two pictures; `changed` is called with each."""
        session = cast(Any, await page.context.new_cdp_session(page))
        camera = cls(page, session, pause, changed)
        session.on("Page.screencastFrame", camera._frame)
        with suppress(Error):
            await page.bring_to_front()
        await session.send("Page.startScreencast", _CAST)
        camera._start(camera._first())
        return camera

    async def stop(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        with suppress(Error, TimeoutError):
            async with asyncio.timeout(2):
                await self._session.send("Page.stopScreencast")
                await self._session.detach()

    def _frame(self, event: dict[str, Any]) -> None:
        about = event["metadata"]
        self.picture = base64.b64decode(event["data"])
        self.size = (int(about["deviceWidth"]), int(about["deviceHeight"]))
        self._changed()
        self._start(self._taken(event["sessionId"]))

    async def _taken(self, number: int) -> None:
        """Acknowledges the frame; Chromium draws the next one only after this."""
        await asyncio.sleep(self._pause)
        with suppress(Error):
            await self._session.send("Page.screencastFrameAck", {"sessionId": number})

    async def _first(self) -> None:
        await asyncio.sleep(_FIRST)
        with suppress(Error):
            drawn = await self.page.screenshot(type="jpeg", quality=60, scale="css") if not self.picture else b""
            if drawn and not self.picture:
                self.picture = drawn
                self._changed()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
