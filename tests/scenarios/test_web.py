"""A person's story in a real browser: login, mention, plan, approvals, questions, files, replay; by mouse and keys."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, ViewportSize, async_playwright, expect

from orchestrator.domain.commands import AnswerQuestion, Decide, EditPlan, OpenTask, Review, Say
from orchestrator.domain.events import MessagePosted, Noted
from orchestrator.domain.ids import TaskId
from tests.scenarios.report_job import REQUEST, Job
from tests.scenarios.web_house import House, served

OUTPUT = Path(__file__).parent.parent / "output"
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
        await self.page.get_by_role("button", name="Come in").click()
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
    context = await browser.new_context(viewport=size, accept_downloads=True)
    page = await context.new_page()
    page.set_default_timeout(8000)
    visit = Visit(house, url, page)
    page.on("console", lambda m: visit.complaints.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith(url) else visit.complaints.append(f"called {r.url}"))
    yield visit
    await context.close()
    refused = [c for c in visit.complaints if "status of 422" in c]
    assert [c for c in visit.complaints if c not in refused] == []
    assert len(refused) == visit.refused


@pytest.fixture
async def visit(tmp_path: Path) -> AsyncIterator[Visit]:
    """Ada's wide browser on a workspace whose clock tells the real time."""
    OUTPUT.mkdir(exist_ok=True)
    async with served(tmp_path) as (house, url), a_browser() as browser:
        house.desk.clock.move((datetime.now(UTC) - house.desk.clock.now()).total_seconds() - 90)
        async with a_visit(browser, house, url) as one:
            yield one


async def test_a_report_from_mention_to_approved_file(visit: Visit, tmp_path: Path) -> None:
    page, desk = visit.page, visit.house.desk
    await visit.come_in()
    await visit.picture("01-channel-empty")
    job = await visit.ask()
    await expect(page.locator("#headline")).to_have_text("Making a plan")

    await job.draft()
    await expect(page.locator("#headline")).to_contain_text("A plan of 7 steps is ready")
    await visit.picture("02-plan")

    await page.get_by_role("button", name="Edit plan").click()
    sheet = page.locator('[data-step="sheet"]')
    await sheet.get_by_label("Title", exact=True).fill("The big sheet")
    await sheet.get_by_label("Executive summary").first.check()
    await page.get_by_role("button", name="Save the plan").click()
    await expect(page.get_by_role("alert")).to_contain_text("The plan has a cycle")
    visit.refused += 1
    await visit.picture("03-plan-with-a-cycle")
    assert await sheet.get_by_label("Title", exact=True).input_value() == "The big sheet"
    await sheet.get_by_label("Executive summary").first.uncheck()
    await page.get_by_role("button", name="Add a step").click()
    new = page.locator('[data-step="new-1"]')
    await new.get_by_label("Title", exact=True).fill("Read the archive")
    await new.get_by_label("Instructions").fill("Look at last year's pages.")
    await sheet.get_by_label("Read the archive").last.check()
    await page.get_by_role("button", name="Save the plan").click()
    await expect(page.locator("#row-sheet")).to_contain_text("The big sheet")
    edited = next(c for c in desk.submitted if isinstance(c, EditPlan))
    assert edited.plan.subtasks[-1].id == "read-the-archive"
    assert "read-the-archive" in next(s for s in edited.plan.subtasks if s.id == "sheet").fed_by

    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()
    await job.at_work()
    await expect(page.locator("#row-meridian")).to_contain_text("Rate limited, tries again")
    await expect(page.locator("#row-harbor")).to_contain_text("Reading harbor.example/about/company")
    await expect(page.locator("#panel-graph .edge.flow")).to_have_count(4)
    await visit.picture("04-running")

    await job.approval()
    await job.question()
    await expect(page.get_by_role("button", name="Approve once")).to_be_visible()
    await visit.picture("05-decisions")
    await page.get_by_role("button", name="Edit", exact=True).click()
    await page.get_by_label("body").fill("{not json")
    await page.get_by_role("button", name="Approve this").click()
    await expect(page.get_by_role("alert").filter(has_text="is not valid JSON")).to_be_visible()
    visit.refused += 1
    await page.get_by_label("body").fill('{"company": "Harbor", "seats": 3}')
    await page.get_by_role("button", name="Approve this").click()
    await expect(page.get_by_role("button", name="Approve once")).to_have_count(0)
    decided = next(c for c in desk.submitted if isinstance(c, Decide))
    assert decided.decision.args and decided.decision.args["body"] == {"company": "Harbor", "seats": 3}

    await job.approval("A2")
    await page.get_by_role("button", name="Reject").click()
    await page.get_by_label("Why not?").fill("Not to this address.")
    await page.locator("dialog").get_by_role("button", name="Reject").click()
    await expect(page.locator(".decided summary")).to_have_text("2 decisions made")

    await page.get_by_label("Anything else?").fill("half-typed")
    await job.fact(Noted(text="Something happens meanwhile"))
    await expect(page.locator(".post").get_by_text("Something happens meanwhile")).to_be_visible()
    assert await page.get_by_label("Anything else?").input_value() == "half-typed"
    await expect(page.get_by_label("Anything else?")).to_be_focused()
    await page.get_by_label("EUR").check()
    await page.get_by_role("button", name="Answer").click()
    await expect(page.locator(".decided summary")).to_have_text("3 decisions made")
    answered = next(c for c in desk.submitted if isinstance(c, AnswerQuestion))
    assert answered.answers == {"currency": "EUR", "note": "half-typed"}

    await job.deliver()
    await job.finish("sheet", "Five companies compared")
    await expect(page.locator(".point .pages img")).to_be_visible()
    await visit.picture("06-file-to-look-at")
    await page.get_by_role("button", name="Request changes").click()
    await page.get_by_label("What should change?").fill("Sort by price.")
    await page.locator("dialog").get_by_role("button", name="Request changes").click()
    await expect(page.locator("#row-sheet")).to_contain_text("Revises comparison.xlsx: “Sort by price.”")
    await job.deliver(version=2)
    own = tmp_path / "my version.xlsx"
    own.write_bytes(b"my own sheet")
    await page.get_by_role("button", name="Replace with my file").click()
    await page.get_by_label("Your file").set_input_files(own)
    await page.get_by_role("button", name="Replace", exact=True).click()
    await expect(page.locator("article.file .verdict").last).to_have_text(
        "Replaced by Ada Lovelace with an own version"
    )
    async with page.expect_download() as download:
        await page.locator("article.file").last.get_by_role("link", name="Download").click()
    assert (await (await download.value).path()).read_bytes() == b"my own sheet"
    reviews = [c for c in desk.submitted if isinstance(c, Review)]
    assert [r.verdict for r in reviews] == ["changes", "replaced"]

    await page.get_by_role("button", name="Where do the figures come from?").first.click()
    await expect(page.locator("dialog")).to_contain_text("http://northwind.example/pricing")
    await visit.picture("07-sources")
    await page.get_by_role("button", name="Close").click()


async def test_the_slider_replays_the_task_and_leads_back_to_now(visit: Visit) -> None:
    page = visit.page
    await visit.come_in()
    job = await visit.ask()
    await job.draft()
    await page.get_by_role("button", name="Start").click()
    await job.at_work()
    await expect(page.locator("#row-northwind")).to_contain_text("Price, year and quote found.")
    slider = page.get_by_label("Replay the task: step")
    await slider.fill("2")
    await expect(page.locator("#past")).to_contain_text("You are looking at the past: step 2 of")
    await expect(page.locator("#headline")).to_contain_text("A plan of 7 steps is ready")
    await expect(page.locator("#panel-graph .node.waiting")).to_have_count(7)
    await expect(page.get_by_role("button", name="Start")).to_have_count(0)
    await job.approval()
    await expect(page.locator("#past-last")).to_have_text(str((await visit.house.desk.state(job.task)).seq))
    await expect(page.get_by_role("button", name="Approve once")).to_have_count(0)
    await visit.picture("08-past")
    await page.get_by_role("link", name="Back to now").click()
    await expect(page.get_by_role("button", name="Approve once")).to_be_visible()
    await expect(page.locator("#past")).to_be_hidden()
    await page.get_by_role("tab", name="Timeline").click()
    await visit.picture("09-timeline")
    await page.locator('[data-at="3"]').click()
    await expect(page.locator("#past")).to_be_visible()
    await page.goto(f"{visit.url}/t/{job.task}?at=2")
    await expect(page.locator("#headline")).to_contain_text("A plan of 7 steps is ready")


async def test_everything_on_the_way_to_a_started_plan_works_without_a_mouse(visit: Visit) -> None:
    page = visit.page
    await page.goto(visit.url + await visit.house.link())
    await expect(page.get_by_role("button", name="Come in")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="# general")).to_be_visible()
    await visit.ready()
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.locator("#main")).to_be_focused()
    for _ in range(8):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id === 'say'"):
            break
    await page.keyboard.type("@threadwork make a report")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/t/*")
    await visit.ready()
    job = Job(visit.house.desk, TaskId(page.url.rsplit("/", 1)[1]))
    await job.draft()
    start = page.get_by_role("button", name="Start")
    await expect(start).to_be_visible()
    await page.locator(".skip").focus()
    await page.keyboard.press("Enter")
    for _ in range(5):
        await page.keyboard.press("Tab")
        if await start.evaluate("b => b === document.activeElement"):
            break
    await expect(start).to_be_focused()
    outline = await start.evaluate("b => getComputedStyle(b).outlineStyle")
    assert outline == "solid"
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()
    await page.locator("#tab-graph").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#panel-findings")).to_be_visible()
    await page.get_by_role("button", name="Edit plan").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Title of the plan")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).to_be_hidden()
    await expect(page.get_by_role("button", name="Edit plan")).to_be_focused()


async def test_files_come_in_by_picker_and_by_dropping_and_a_large_one_is_refused(visit: Visit, tmp_path: Path) -> None:
    page, desk = visit.page, visit.house.desk
    await visit.come_in()
    prices, huge = tmp_path / "prices.csv", tmp_path / "huge.bin"
    prices.write_text("a,b\n")
    huge.write_bytes(b"0" * (26 * 1024 * 1024))
    await page.get_by_label("Attach files").set_input_files(huge)
    await page.get_by_label("Message", exact=True).fill("@threadwork use this file")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert")).to_have_text("“huge.bin” has 26 MB; at most 25 MB fit.")
    assert await page.get_by_label("Message", exact=True).input_value() == "@threadwork use this file"
    await page.get_by_label("Attach files").set_input_files([])
    await page.evaluate(
        """() => { const files = new DataTransfer(); files.items.add(new File(["a,b"], "dropped.csv"));
        document.querySelector("main").dispatchEvent(new DragEvent("drop", {dataTransfer: files, bubbles: true})); }"""
    )
    await expect(page.locator(".chip")).to_have_text("dropped.csv")
    await page.get_by_label("Attach files").set_input_files(prices)
    await page.get_by_role("button", name="Send").click()
    await page.wait_for_url("**/t/*")
    await expect(page.get_by_role("link", name="prices.csv")).to_be_visible()
    opened = next(c for c in desk.submitted if isinstance(c, OpenTask))
    assert [f.name for f in opened.request.files] == ["prices.csv"]


async def test_replies_go_to_all_or_to_one_agent(visit: Visit) -> None:
    page = visit.page
    await visit.come_in()
    job = await visit.ask()
    await job.draft()
    await page.get_by_role("button", name="Start").click()
    await job.start_all()
    await expect(page.locator("#row-lakeview.running")).to_be_visible()
    await page.get_by_label("Who should read it").select_option("Read Lakeview")
    await page.get_by_label("Reply in the thread").fill("Also note the founders.")
    await page.keyboard.press("Enter")
    await expect(page.locator(".post").get_by_text("To Read Lakeview: Also note the founders.")).to_be_visible()
    await page.get_by_label("Actions for Read Summit").click()
    await page.locator("#row-summit").get_by_role("button", name="Redirect").click()
    await page.get_by_label("What should this agent do instead?").fill("Use the press page.")
    await page.locator("dialog").get_by_role("button", name="Redirect").click()
    await expect(page.locator(".post").get_by_text("To Read Summit: Use the press page.")).to_be_visible()
    said = [c for c in visit.house.desk.submitted if isinstance(c, Say)]
    assert [(s.subtask, s.text) for s in said] == [
        ("lakeview", "Also note the founders."), ("summit", "Use the press page."),
    ]  # fmt: skip
    await page.get_by_label("Actions for Read Summit").click()
    await page.locator("#row-summit").get_by_role("button", name="Skip").click()
    await expect(page.locator("#row-summit.skipped")).to_be_visible()


async def test_a_second_person_sees_messages_and_decisions_live(visit: Visit) -> None:
    await visit.come_in()
    job = await visit.ask()
    await job.draft()
    await job.approval()
    browser = visit.page.context.browser
    assert browser
    async with a_visit(browser, visit.house, visit.url) as other:
        await other.come_in("Grace Hopper")
        await expect(other.page.locator("#messages")).to_contain_text("Competitor research")
        await other.page.get_by_role("link", name="Open thread").click()
        await expect(other.page.get_by_role("button", name="Approve once")).to_be_visible()
        await visit.page.get_by_role("button", name="Approve once").dblclick()
        await expect(other.page.get_by_role("button", name="Approve once")).to_have_count(0)
        await expect(other.page.locator(".decided")).to_contain_text("Approved once by Ada Lovelace")
        assert sum(isinstance(c, Decide) for c in visit.house.desk.submitted) == 1
        for one in (other, visit):
            await one.page.goto(f"{visit.url}/c/general")
            await one.ready()
        await other.page.get_by_label("Message", exact=True).fill("Good morning")
        await other.page.keyboard.press("Enter")
        await expect(visit.page.locator("#messages")).to_contain_text("Good morning")
        await visit.picture("10-channel")
    said = [r.event for r in await visit.house.desk.room("web") if isinstance(r.event, MessagePosted)]
    assert [m.by.name for m in said] == ["Ada Lovelace", "Grace Hopper"]


async def test_the_owner_invites_and_adds_a_channel(visit: Visit) -> None:
    page = visit.page
    await visit.come_in()
    await page.get_by_role("link", name="Invite somebody").click()
    await page.get_by_label("Invite somebody").fill("Grace Hopper")
    await page.get_by_role("button", name="Make a login link").click()
    link = await page.get_by_label("Login link", exact=True).input_value()
    await visit.picture("11-people")
    assert link.startswith(f"{visit.url}/enter/")
    await page.get_by_role("button", name="Add a channel").click()
    await page.get_by_label("Name", exact=True).last.fill("Market research")
    await page.locator("dialog").get_by_role("button", name="Add").click()
    await expect(page.get_by_role("heading", name="# market-research")).to_be_visible()


async def test_it_fits_a_phone_and_the_menus_open(visit: Visit) -> None:
    page = visit.page
    await visit.come_in()
    job = await visit.ask()
    await job.draft()
    await page.get_by_role("button", name="Start").click()
    await job.at_work()
    await job.approval()
    await job.question()
    await job.deliver()
    await page.set_viewport_size(PHONE)
    for name, path in (("thread", f"/t/{job.task}"), ("channel", "/c/general"), ("people", "/people")):
        await page.goto(visit.url + path)
        await visit.ready()
        await expect(page.locator("#main")).to_be_visible()
        await visit.no_wider_than_the_screen()
        await visit.picture(f"12-phone-{name}")
    await page.goto(f"{visit.url}/t/{job.task}")
    await visit.ready()
    await page.get_by_role("button", name="Details").click()
    await expect(page.get_by_role("tab", name="Graph")).to_be_in_viewport()
    await visit.no_wider_than_the_screen()
    await visit.picture("13-phone-details")
    await page.get_by_role("button", name="Close the details").click()
    await page.get_by_role("button", name="Open the menu").click()
    await expect(page.get_by_role("link", name="general").first).to_be_in_viewport()
    await visit.picture("14-phone-menu")
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Edit plan").click()
    await expect(page.get_by_label("Title of the plan")).to_be_visible()
    await visit.no_wider_than_the_screen()
    await visit.picture("15-phone-form")


async def test_dark_follows_the_system_and_the_button_and_is_kept(visit: Visit) -> None:
    page = visit.page
    await visit.come_in()
    job = await visit.ask()
    await job.draft()
    await job.at_work()
    await job.approval()
    shade = "getComputedStyle(document.body).backgroundColor"
    light = await page.evaluate(shade)
    await page.emulate_media(color_scheme="dark")
    dark = await page.evaluate(shade)
    assert dark != light
    await expect(page.get_by_role("button", name="Approve once")).to_be_visible()
    await visit.picture("16-dark")
    for tab in ("Findings", "Browser"):
        await page.get_by_role("tab", name=tab).click()
        await visit.picture(f"17-dark-{tab.lower()}")
    await page.get_by_role("button", name="Switch between light and dark").click()
    assert await page.evaluate(shade) == light
    await page.reload()
    assert await page.evaluate(shade) == light


async def test_the_server_ends_at_once_although_pages_listen(tmp_path: Path) -> None:
    async with a_browser() as browser:
        async with served(tmp_path) as (house, url):
            context = await browser.new_context()
            page = await context.new_page()
            visit = Visit(house, url, page)
            async with page.expect_response(lambda answer: "/live" in answer.url):
                await visit.come_in()
            assert house.app.state.streams.opened == 1
            began = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began < 2
        await expect(page.locator("#offline")).to_be_visible()
