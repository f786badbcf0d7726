"""Receives downloads that a page starts: one at a time, limited in size, only the last one."""

from contextlib import suppress
from typing import Any, cast

from playwright.async_api import BrowserContext, Download, Error, Page

MOST = 50_000_000
"""Largest file in bytes."""


class Incoming:
    """The downloads of one page. `file`: the last one, until taken; `large`: it was cancelled for its size."""

    def __init__(self) -> None:
        self.file: Download | None = None
        self.large = False
        self._now: Download | None = None

    async def watch(self, context: BrowserContext, page: Page) -> None:
        """Starts listening."""
        session = cast(Any, await context.new_cdp_session(page))
        session.on("Page.downloadProgress", self._grown)
        await session.send("Page.enable")
        page.on("download", self._begun)

    async def _begun(self, download: Download) -> None:
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
