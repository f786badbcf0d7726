"""What it takes to walk through the whole product like a person: the real program, a real browser, and the pictures."""

import asyncio
import os
import re
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Browser, Locator, Page, ViewportSize, async_playwright, expect

from bot.bootstrap.open_desk import open_desk
from bot.config.settings import browser_names
from bot.platforms import load
from orchestrator.domain.events import Record
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import FileRef
from orchestrator.domain.task import TaskState

ROOT = Path(__file__).parent.parent
PICTURES = Path(__file__).parent / "output" / "walk"
WIDE, PHONE = ViewportSize(width=1440, height=900), ViewportSize(width=390, height=844)
PATIENCE = 120_000
expect.set_options(timeout=PATIENCE)
"""Milliseconds; a fact that does not come within them will not come."""


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


@dataclass(frozen=True)
class Program:
    """`threadwork up`, running. `link` lets one person in, once."""

    home: Path
    url: str
    link: str

    async def facts(self, task: TaskId) -> tuple[Sequence[Record], TaskState]:
        """The ledger of a task, looked at from outside the program."""
        desk = await open_desk(load(home=self.home, environment={}))
        try:
            return await desk.records(task), await desk.state(task)
        finally:
            await desk.close()

    async def content(self, file: FileRef | None) -> bytes:
        """A file from the shelf."""
        assert file is not None
        desk = await open_desk(load(home=self.home, environment={}))
        try:
            return await desk.shelf.get(file.sha)
        finally:
            await desk.close()


def _surroundings(settings: Mapping[str, str]) -> dict[str, str]:
    """The environment without anybody's keys and settings."""
    kept = {n: v for n, v in os.environ.items() if not n.endswith(("_API_KEY", "_TOKEN")) and "THREADWORK" not in n}
    return kept | {"PYTHONPATH": str(ROOT)} | settings


async def at_the_terminal(home: Path, *words: str) -> int:
    """The exit code of another command of the same person, beside the program."""
    command = [sys.executable, "-m", "bot", "--home", str(home), *words]
    running = await asyncio.create_subprocess_exec(
        *command, cwd=home, env=_surroundings({}), stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
    )
    async with asyncio.timeout(PATIENCE / 1000):
        return await running.wait()


@asynccontextmanager
async def a_program(home: Path, *, port: int = 0, **settings: str) -> AsyncIterator[Program]:
    """Starts it without any key, takes the link it prints, and at the end asks it to stop."""
    running = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot", "--home", str(home), "up", "--port", str(port),
        cwd=home, env=_surroundings(settings), stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        assert running.stdout is not None
        said = ""
        async with asyncio.timeout(PATIENCE / 1000):
            while "Ctrl-C" not in said:
                line = (await running.stdout.readline()).decode()
                assert line, f"it ended after saying {said!r}"
                said += line
        found = re.search(r"(http://\S+?)/enter/\S+", said)
        assert found, said
        yield Program(home, found[1], found[0])
    finally:
        if running.returncode is None:
            running.terminate()
        async with asyncio.timeout(PATIENCE / 1000):
            assert await running.wait() == 0


@dataclass
class Walker:
    """One person's browser. What the page complains about, and wherever else it calls, is kept."""

    page: Page
    own: str
    complaints: list[str] = field(default_factory=list[str])

    async def come_in(self, link: str) -> None:
        await self.page.goto(link)
        await self.page.get_by_role("button", name="Sign in").click()
        await self.ready()

    async def ready(self) -> None:
        await self.page.locator("body[data-ready]").wait_for()

    async def ask(self, text: str, *files: Path) -> TaskId:
        """Mentions the bot in the channel, and follows it into the thread."""
        if files:
            await self.page.get_by_label("Attach files").set_input_files(list(files))
        await self.page.get_by_label("Message", exact=True).fill(f"@threadwork {text}")
        await self.page.keyboard.press("Enter")
        await self.page.wait_for_url("**/t/*")
        await self.ready()
        return TaskId(self.page.url.rsplit("/", 1)[1])

    async def press(self, name: str, within: Locator | None = None) -> None:
        """Presses a button as soon as it is there."""
        await (within or self.page).get_by_role("button", name=name, exact=True).first.click(timeout=PATIENCE)

    def point(self, words: str) -> Locator:
        """The checkpoint that says these words."""
        return self.page.locator(".point").filter(has_text=words)

    async def headline(self, words: str) -> None:
        await expect(self.page.locator("#headline")).to_contain_text(words, timeout=PATIENCE)

    async def approve_files(self, *names: str) -> None:
        """Approves each file when it is offered."""
        for name in names:
            await self.press("Approve", self.point(name))

    async def download(self, name: str, to: Path) -> Path:
        file = self.page.locator(".files > article.file").filter(has_text=name)
        async with self.page.expect_download() as coming:
            await file.get_by_role("link", name="Download").click()
        got = await coming.value
        assert got.suggested_filename == name
        await got.save_as(to / name)
        return to / name

    async def tab(self, name: str) -> None:
        await self.page.get_by_role("tab", name=name).click()

    async def picture(self, name: str) -> None:
        """Keeps what the screen shows, with all its images loaded."""
        await self.page.evaluate(
            "Promise.all([...document.images].filter((i) => i.loading != 'lazy').map((i) => i.decode().catch(Boolean)))"
        )
        await self.page.screenshot(path=PICTURES / f"{name}.png", animations="disabled")

    async def on_a_phone_and_in_the_dark(self, name: str) -> None:
        """The same page in the other modes; nothing is wider than the screen."""
        await self.page.emulate_media(color_scheme="dark")
        await self.picture(f"{name}-dark")
        await self.page.set_viewport_size(PHONE)
        wide = await self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= PHONE["width"], f"{self.page.url} is {wide} wide"
        await self.picture(f"{name}-phone-dark")
        await self.page.emulate_media(color_scheme="light")
        await self.picture(f"{name}-phone")
        await self.page.set_viewport_size(WIDE)


@asynccontextmanager
async def a_browser() -> AsyncIterator[Browser]:
    program = next((found for name in browser_names() if (found := shutil.which(name))), None)
    async with async_playwright() as play:
        browser = await play.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        await browser.close()


@asynccontextmanager
async def a_walker(browser: Browser, own: str) -> AsyncIterator[Walker]:
    """A person with a wide screen. Fails at the end if the page complained or called somewhere else."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    context = await browser.new_context(
        viewport=WIDE, accept_downloads=True, color_scheme="light", reduced_motion="reduce"
    )
    page = await context.new_page()
    page.set_default_timeout(60_000)
    walker = Walker(page, own)
    said = walker.complaints
    page.on("console", lambda m: said.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith(own) else said.append(f"called {r.url}"))
    page.on("dialog", lambda d: d.accept())
    yield walker
    await context.close()
    assert said == []


async def seen_in_libreoffice(file: Path, to: Path) -> list[Path]:
    """The pages of an office file as LibreOffice draws them, kept beside the other pictures."""
    profile = f"-env:UserInstallation=file://{to}/profile"
    await _run("soffice", profile, "--headless", "--convert-to", "pdf", "--outdir", str(to), str(file))
    for old in PICTURES.glob(f"{file.stem}-page*.png"):
        old.unlink()
    await _run("pdftoppm", "-r", "70", "-png", str(to / f"{file.stem}.pdf"), str(PICTURES / f"{file.stem}-page"))
    return sorted(PICTURES.glob(f"{file.stem}-page*.png"))


async def _run(*words: str) -> None:
    running = await asyncio.create_subprocess_exec(
        *words, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    async with asyncio.timeout(PATIENCE / 1000):
        _, said = await running.communicate()
    assert running.returncode == 0, said.decode()


def cells(sheet: Any) -> list[list[object]]:
    """What stands in a sheet, row by row."""
    return [[cell.value for cell in row] for row in sheet.iter_rows()]
