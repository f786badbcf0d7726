"""Prints a page with Chromium: no scripts, no network, no files, one process per page."""

import asyncio
import os
from contextlib import suppress

from playwright.async_api import Error, Route

from agents.tools.playwright_driver import started

_SLOWEST = 60.0
_FOOT = (
    '<div style="font: 8px Calibri, Carlito, sans-serif; color: #61707A; width: 100%; text-align: right; '
    'padding: 0 2.2cm">Page <span class="pageNumber"></span> of <span class="totalPages"></span></div>'
)


class Printer:
    """`browser` is the executable; None means Playwright's.

    As root Chromium has no sandbox, so it only prints if `as_root` allows it.
    """

    def __init__(self, browser: str | None, *, as_root: bool) -> None:
        self._browser = browser
        self._as_root = as_root

    async def printed(self, html: str) -> bytes | None:
        """Returns the page as tagged PDF with an outline, A4 by default; None if there is no browser.

        Retries once if the browser dies.
        """
        if os.geteuid() == 0 and not self._as_root:
            return None
        with suppress(TimeoutError):
            async with asyncio.timeout(_SLOWEST):
                for _ in range(2):
                    with suppress(Error):
                        return await self._once(html)
        return None

    async def _once(self, html: str) -> bytes:
        driver = await started()
        try:
            process = await driver.chromium.launch(
                executable_path=self._browser, chromium_sandbox=not self._as_root, handle_sigint=False
            )
            context = await process.new_context(java_script_enabled=False, offline=True, accept_downloads=False)
            await context.route("**/*", _refused)
            page = await context.new_page()
            # A page from a string has no origin: it can open neither files nor addresses.
            await page.set_content(html, wait_until="load")
            return await page.pdf(
                format="A4",
                prefer_css_page_size=True,
                print_background=True,
                display_header_footer=True,
                header_template="<span></span>",
                footer_template=_FOOT,
                margin={"top": "2.2cm", "bottom": "2cm", "left": "2.2cm", "right": "2.2cm"},
                tagged=True,
                outline=True,
            )
        finally:
            await driver.stop()  # ends the browser too


async def _refused(route: Route) -> None:
    await route.abort()
