"""Receives downloads that a page starts: one at a time, limited in size, only the last one."""

import asyncio
from contextlib import suppress
from typing import Any, cast

from playwright.async_api import BrowserContext, Download, Error, Page

MOST = 50_000_000
"""Largest file in bytes."""


_SOON = 0.25
"""Seconds that a file may take to begin after the page has settled."""


class Incoming:
    """The downloads of one page. `file`: the last one, until taken; `large`: it was canceled for its size."""

    def __init__(self) -> None:
        self.file: Download | None = None
        self.large = False
        self.began = asyncio.Event()
        self._now: Download | None = None

    async def watch(self, context: BrowserContext, page: Page) -> None:
        """Starts listening."""
        session = cast(Any, await context.new_cdp_session(page))
        session.on("Page.downloadProgress", self._grown)
        await session.send("Page.enable")
        page.on("download", self._begun)

    def clear(self) -> None:
        """Forgets the last file before an action that may start another."""
        self.file = None
        self.began.clear()

    async def soon(self) -> None:
        """Waits for a file that the page may be making now."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_SOON):
                await self.began.wait()

    async def _begun(self, download: Download) -> None:
        self.began.set()
        with suppress(Error):
            if self._now is not None:
                await download.cancel()
                return
            before, self.file, self._now, self.large = self.file, download, download, False
            if before is not None:
                await before.delete()
        with suppress(Error):
            await download.failure()
        self._now = None

    async def _grown(self, event: dict[str, Any]) -> None:
        size = max(event["receivedBytes"], event["totalBytes"])
        if event["state"] == "inProgress" and size > MOST and self._now is not None:
            self.large = True
            with suppress(Error):
                await self._now.cancel()
