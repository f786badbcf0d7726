"""A page that a person has taken over, as the host has it: windows, domains, crashes, and the agent that waits."""

import asyncio
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from agents.tools.browser import BrowserTakeovers
from orchestrator.domain.ids import SubtaskId, TaskId
from orchestrator.domain.takeover import Asks, PageView, Touch
from orchestrator.errors import ToolFailed
from tests.browser_fixtures import EXECUTABLE, Desk, a_browser
from tests.scenarios.test_browser_recovery import kill_children
from tests.sign_in_site import a_site

pytestmark = pytest.mark.skipif(EXECUTABLE is None, reason="no chromium on this machine")
TASK, STEP = TaskId("task"), SubtaskId("browse")


@dataclass
class TakenOver:
    """An agent's desk with its page, and a person who may take it over. `other`: a site the task may not open."""

    desk: Desk
    over: BrowserTakeovers
    site: str
    other: str

    async def until(self, *, said: str = "", **wanted: object) -> PageView:
        """The view that has these values, and says these words."""
        number = -1
        async with asyncio.timeout(60):
            while True:
                view, _ = await self.over.see(TASK, STEP, number)
                if said in " ".join(view.says) and all(getattr(view, n) == value for n, value in wanted.items()):
                    return view
                number = view.number

    async def asked(self, kind: str) -> Asks:
        """What the page asks, as soon as it is of that kind."""
        number = -1
        async with asyncio.timeout(60):
            while True:
                view, _ = await self.over.see(TASK, STEP, number)
                if view.asks and view.asks.kind == kind:
                    return view.asks
                number = view.number

    async def click(self, x: float, y: float) -> None:
        view, _ = await self.over.see(TASK, STEP, -1)
        x, y = x / view.width, y / view.height
        await self.over.do(TASK, STEP, [Touch(kind="down", x=x, y=y), Touch(kind="up", x=x, y=y)])

    async def take_over(self, *domains: str) -> None:
        await self.over.take_over(TASK, STEP, domains or self.desk.domains)


@pytest.fixture
async def it(tmp_path: Path) -> AsyncIterator[TakenOver]:
    async with a_site() as site, a_site() as other:
        over = BrowserTakeovers(browser := a_browser(tmp_path / "browser", patience=60))
        yield TakenOver(Desk(browser, tmp_path, (urlsplit(site).netloc,)), over, site, other)
        await over.close()


async def test_a_window_is_followed_once_its_domain_is_allowed_and_until_it_closes(it: TakenOver) -> None:
    await it.desk.do("browser_open", url=f"{it.site}/window?other={it.other}")
    await it.take_over()
    await it.click(200, 130)
    wanted = urlsplit(it.other).netloc
    await it.until(wanted=wanted, windows=0)
    await it.take_over(*it.desk.domains, wanted)
    await it.until(title="Shop", wanted="")
    await it.click(200, 130)
    await it.until(title="Provider", windows=1)
    await it.click(100, 100)
    await it.until(title="Shop", windows=0)
    await it.over.let_go(TASK, STEP)
    assert "in as ada" in await it.desk.see()


async def test_the_pages_dialogs_are_the_persons_to_answer(it: TakenOver) -> None:
    await it.desk.do("browser_open", url=f"{it.site}/questions")
    await it.take_over()
    await it.click(200, 120)
    sure = await it.asked("confirm")
    assert sure.words == "Sure?"
    await it.over.do(TASK, STEP, [Touch(kind="answer", number=sure.number + 9, agree=True)])  # of another question
    await it.over.do(TASK, STEP, [Touch(kind="key", key="Tab"), Touch(kind="answer", number=sure.number, agree=True)])
    code = await it.asked("prompt")
    assert (code.words, code.text) == ("Code?", "00")
    await it.over.do(TASK, STEP, [Touch(kind="answer", number=code.number, agree=True, text="4711")])
    await it.until(title="4711", asks=None)
    await it.click(200, 120)
    await it.over.do(TASK, STEP, [Touch(kind="answer", number=(await it.asked("confirm")).number)])
    await it.until(title="false", asks=None)
    await it.click(200, 120)
    await it.asked("confirm")
    await it.over.let_go(TASK, STEP)  # what nobody answered is refused
    assert "false" in await it.desk.see()


async def test_a_list_that_no_picture_shows_is_told_and_chosen_from(it: TakenOver) -> None:
    await it.desk.do("browser_open", url=f"{it.site}/questions")
    await it.take_over()
    await it.click(200, 220)
    country = await it.asked("list")
    assert (country.words, country.options, country.chosen) == ("Country", ("Chile", "Perú", "日本"), 0)
    await it.over.do(TASK, STEP, [Touch(kind="answer", number=country.number, chosen=2)])
    await it.until(title="from 日本")
    assert (await it.asked("list")).chosen == 2
    await it.over.do(TASK, STEP, [Touch(kind="key", key="ArrowUp")])
    await it.until(title="from Perú")
    await it.over.do(TASK, STEP, [Touch(kind="key", key="Tab")])
    await it.until(title="from Perú", asks=None)


async def test_who_has_control_is_told_that_files_are_given_in_the_thread(it: TakenOver) -> None:
    await it.desk.do("browser_open", url=f"{it.site}/questions")
    await it.take_over()
    await it.click(150, 320)
    await it.until(said="You can't choose files here")


async def test_the_agents_action_waits_until_the_page_is_handed_back(it: TakenOver) -> None:
    await it.desk.do("browser_open", url=it.site)
    await it.take_over()
    looking = asyncio.create_task(it.desk.see())
    await it.click(150, 140)
    await it.over.do(TASK, STEP, [Touch(kind="text", text="ada 電池 é")])
    await it.until(title="Sign in")
    assert not looking.done()
    await it.over.let_go(TASK, STEP)
    seen = await looking
    assert "A person has used this page since you last looked." in seen
    assert "ada" not in seen and "••" in seen
    with pytest.raises(ToolFailed, match="Take over again"):
        await it.over.see(TASK, STEP, -1)


@pytest.mark.slow
async def test_a_browser_that_is_killed_is_opened_again_and_it_is_said(it: TakenOver) -> None:
    await it.desk.do("browser_open", url=it.site)
    await it.take_over()
    await it.until(title="Sign in")
    for word in ("headless", "chrom"):
        kill_children(os.getpid(), word)
    view = await it.until(title="Sign in", windows=0, said="crashed and was reopened")
    assert view.url.startswith(it.site)


@pytest.mark.slow
async def test_a_step_without_a_page_has_none_to_take_over_and_its_end_ends_the_takeover(it: TakenOver) -> None:
    with pytest.raises(ToolFailed, match="hasn't opened a page"):
        await it.take_over()
    await it.desk.do("browser_open", url=it.site)
    await it.take_over()
    await it.over.leave(TASK, STEP)
    with pytest.raises(ToolFailed, match="no longer have control"):
        await it.over.see(TASK, STEP, -1)
