"""A person in a real browser: whatever the page complains about, or wherever else it calls, fails the test."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest_asyncio
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from orchestrator.domain.ids import TaskId
from tests.scenarios.report_job import REQUEST, Job
from tests.scenarios.web_workspace import House, served

OUTPUT = Path(__file__).parent.parent / "output"
expect.set_options(timeout=60_000)  # a busy machine is no fault of the page
STILL: Literal["reduce"] = "reduce"
"""What turns and flows on a page is drawn sixty times a second, which costs a test more than all its work."""
WIDE, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=360, height=740)


@dataclass
class Visit:
    """One person's browser page; whatever the page complains about, and wherever it calls, is kept."""

    house: House
    url: str
    page: Page
    complaints: list[str] = field(default_factory=list[str])
    refused: int = 0
    """How many forms this test has had refused on purpose; the browser writes a line for each."""

    async def come_in(self, name: str = "Ada Lovelace") -> None:
        await self.page.goto(self.url + await self.house.link(name))
        await self.page.get_by_role("button", name="Sign in").click()
        await expect(self.page.get_by_role("heading", name="# general")).to_be_visible()
        await self.ready()

    async def ready(self) -> None:
        """The page's script has run."""
        await self.page.locator("body[data-ready]").wait_for()

    async def ask(self, text: str = REQUEST) -> Job:
        await self.page.get_by_label("Message", exact=True).fill(text)
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_url("**/t/*")
        await self.ready()
        return Job(self.house.desk, TaskId(self.page.url.rsplit("/", 1)[1]))

    async def picture(self, name: str) -> None:
        await self.page.evaluate(
            """Promise.all([...document.images].filter((i) => i.loading !== "lazy" && !i.complete)
            .map((i) => new Promise((done) => { i.onload = i.onerror = done; })))"""
        )
        await self.page.screenshot(path=OUTPUT / f"{name}.png")

    async def no_wider_than_the_screen(self) -> None:
        wide = await self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], f"{self.page.url} is {wide[0]} wide on a screen of {wide[1]}"


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    program = shutil.which("chromium-headless-shell") or shutil.which("chromium")
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        await browser.close()


@asynccontextmanager
async def a_visit(browser: Browser, house: House, url: str, *, size: ViewportSize = WIDE) -> AsyncIterator[Visit]:
    context = await browser.new_context(viewport=size, accept_downloads=True, reduced_motion=STILL)
    page = await context.new_page()
    page.set_default_timeout(60_000)
    visit = Visit(house, url, page)
    page.on("console", lambda m: visit.complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith(url) else visit.complaints.append(f"called {r.url}"))
    yield visit
    await context.close()
    refused = [c for c in visit.complaints if "status of 422" in c]
    assert [c for c in visit.complaints if c not in refused] == []
    assert len(refused) == visit.refused


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def peoples_browser() -> AsyncIterator[Browser]:
    """One for all tests of a module; each person has their own context in it."""
    async with a_browser() as one:
        yield one


@pytest_asyncio.fixture(loop_scope="module")
async def visit(tmp_path: Path, peoples_browser: Browser) -> AsyncIterator[Visit]:
    """Ada's wide page on a workspace whose clock tells the real time, for tests in the event loop of their module."""
    OUTPUT.mkdir(exist_ok=True)
    async with served(tmp_path) as (house, url):
        house.desk.clock.move((datetime.now(UTC) - house.desk.clock.now()).total_seconds() - 90)
        async with a_visit(peoples_browser, house, url) as one:
            yield one
