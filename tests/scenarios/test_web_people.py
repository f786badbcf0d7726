"""More of a day in the workspace, in a real browser: files, replies, two people, a phone, the dark, the end."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from orchestrator.domain.commands import Decide, OpenTask, RetrySubtask, Say
from orchestrator.domain.events import MessagePosted, SubtaskFailed
from orchestrator.domain.ids import SubtaskId
from tests.scenarios.web_visit import PHONE, Visit, a_visit
from tests.scenarios.web_workspace import served

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def test_files_come_in_by_picker_and_by_dropping_and_a_large_one_is_named(visit: Visit, tmp_path: Path) -> None:
    page, desk = visit.page, visit.house.desk
    await visit.come_in()
    prices, huge = tmp_path / "prices.csv", tmp_path / "huge.bin"
    prices.write_text("a,b\n")
    with huge.open("wb") as file:
        file.truncate(51 * 1024 * 1024)
    await page.get_by_label("Attach files").set_input_files(huge)
    await page.get_by_label("Message", exact=True).fill("@threadwork")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert")).to_contain_text("'huge.bin' left out")
    visit.refused += 1
    await page.get_by_label("Message", exact=True).fill("@threadwork use this file")
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
    await page.get_by_label("Choose who reads this").select_option("Read Lakeview")
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


async def test_a_step_that_failed_shows_its_retry_without_a_menu(visit: Visit) -> None:
    page = visit.page
    await visit.come_in()
    job = await visit.ask()
    await job.draft()
    await page.get_by_role("button", name="Start").click()
    await job.start_all()
    await job.fact(SubtaskFailed(subtask=SubtaskId("summit"), attempt=1, problem="The page is gone.", again=False))
    row = page.locator("#row-summit")
    await expect(row.get_by_text("The page is gone.")).to_be_visible()
    await row.get_by_role("button", name="Retry").click()
    async with asyncio.timeout(60):
        while not [c for c in visit.house.desk.submitted if isinstance(c, RetrySubtask)]:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await visit.no_wider_than_the_screen()


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
    await page.get_by_role("link", name="Invite someone").click()
    await page.get_by_label("Invite someone").fill("Grace Hopper")
    await page.get_by_role("button", name="Create a sign-in link").click()
    link = await page.get_by_label("Sign-in link", exact=True).input_value()
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
    await expect(page.get_by_label("Plan title")).to_be_visible()
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


async def test_the_server_ends_at_once_although_pages_listen(tmp_path: Path, peoples_browser: Browser) -> None:
    context = await peoples_browser.new_context()
    async with served(tmp_path) as (house, url):
        page = await context.new_page()
        visit = Visit(house, url, page)
        async with page.expect_response(lambda answer: "/live" in answer.url):
            await visit.come_in()
        assert house.app.state.streams.opened == 1
    await expect(page.locator("#offline")).to_be_visible()
    await context.close()
