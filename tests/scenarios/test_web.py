"""A person's story in a real browser: login, mention, plan, approvals, questions, files, replay; by mouse and keys."""

import re
from pathlib import Path

import pytest
from playwright.async_api import expect

from orchestrator.domain.commands import AnswerQuestion, Decide, EditPlan, Review
from orchestrator.domain.events import Noted
from orchestrator.domain.ids import TaskId
from tests.scenarios.report_job import Job
from tests.scenarios.web_visit import Visit

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def edit_the_plan(visit: Visit) -> None:
    page, desk = visit.page, visit.house.desk
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


async def decide(visit: Visit, job: Job) -> None:
    page, desk = visit.page, visit.house.desk
    await job.approval()
    await job.question()
    await expect(page.get_by_role("button", name="Approve once")).to_be_visible()
    await visit.picture("05-decisions")
    await page.get_by_role("button", name="Edit", exact=True).click()
    await page.get_by_label("body").fill("{not json")
    await page.get_by_role("button", name="Approve this").click()
    await expect(page.get_by_role("alert").filter(has_text="JSON")).to_be_visible()
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


async def answer_while_things_happen(visit: Visit, job: Job) -> None:
    page, desk = visit.page, visit.house.desk
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


async def review_the_file(visit: Visit, job: Job, tmp_path: Path) -> None:
    page, desk = visit.page, visit.house.desk
    await job.deliver()
    await job.finish("sheet", "Five companies compared")
    await expect(page.locator(".point .pages img")).to_be_visible()
    await visit.picture("06-file-to-look-at")
    await page.get_by_role("button", name="Request changes").click()
    await page.get_by_label("What should change?").fill("Sort by price.")
    await page.locator("dialog").get_by_role("button", name="Request changes").click()
    await expect(page.locator("#row-sheet")).to_contain_text("Revising comparison.xlsx: “Sort by price.”")
    await job.deliver(version=2)
    own = tmp_path / "my version.xlsx"
    own.write_bytes(b"my own sheet")
    await page.get_by_role("button", name="Replace with my file").click()
    await page.get_by_label("Your file").set_input_files(own)
    await page.get_by_role("button", name="Replace", exact=True).click()
    await expect(page.locator("article.file .verdict")).to_have_text(
        [
            re.compile(r"^Used instead of the agent’s version 2 · \d+:\d\d"),
            re.compile(r"^Replaced by Ada Lovelace with their own version · \d+:\d\d"),
            "Replaced by a newer version",
        ]
    )
    await expect(page.locator("article.file").first).to_contain_text("Ada Lovelace’s own version")
    async with page.expect_download() as download:
        await page.locator("article.file").first.get_by_role("link", name="Download").click()
    assert (await (await download.value).path()).read_bytes() == b"my own sheet"
    reviews = [c for c in desk.submitted if isinstance(c, Review)]
    assert [r.verdict for r in reviews] == ["changes", "replaced"]


async def test_a_report_from_mention_to_approved_file(visit: Visit, tmp_path: Path) -> None:
    page = visit.page
    await visit.come_in()
    await visit.picture("01-channel-empty")
    job = await visit.ask()
    await expect(page.locator("#headline")).to_have_text("Drafting a plan")

    await job.draft()
    await expect(page.locator("#headline")).to_contain_text("A plan with 7 steps is ready")
    await visit.picture("02-plan")

    await edit_the_plan(visit)
    await page.get_by_role("button", name="Start").click()
    await expect(page.get_by_role("button", name="Pause")).to_be_visible()
    await job.at_work()
    await expect(page.locator("#row-meridian")).to_contain_text("Rate limited, retrying")
    await expect(page.locator("#row-harbor")).to_contain_text("Reading harbor.example/about/company")
    await expect(page.locator("#panel-graph .edge.flow")).to_have_count(4)
    await visit.picture("04-running")

    await decide(visit, job)
    await answer_while_things_happen(visit, job)
    await review_the_file(visit, job, tmp_path)
    await page.get_by_text("2 earlier versions").click()  # the person’s own has no sources to show
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
    slider = page.get_by_label("Replay step")
    await slider.fill("2")
    await expect(page.locator("#past")).to_contain_text("Viewing the past: step 2 of")
    await expect(page.locator("#past-time")).to_have_text(re.compile(r"^\d\d:\d\d:\d\d$"))
    await expect(page.locator("#headline")).to_contain_text("A plan with 7 steps is ready")
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
    await expect(page.locator(".timeline time").last).to_have_text(re.compile(r"^\d\d:\d\d:\d\d$"))
    await expect(page.locator(".timeline")).not_to_contain_text(": done")
    await visit.picture("09-timeline")
    await page.locator('[data-at="3"]').click()
    await expect(page.locator("#past")).to_be_visible()
    await page.goto(f"{visit.url}/t/{job.task}?at=2")
    await expect(page.locator("#headline")).to_contain_text("A plan with 7 steps is ready")


async def test_everything_on_the_way_to_a_started_plan_works_without_a_mouse(visit: Visit) -> None:
    page = visit.page
    await page.goto(visit.url + await visit.house.link())
    await expect(page.get_by_role("button", name="Sign in")).to_be_focused()
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", name="# general")).to_be_visible()
    await visit.ready()
    await expect(page.locator("#say")).to_be_focused()
    await page.locator(".skip").focus()
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
    await expect(page.locator("#headline")).to_be_focused()
    await page.locator("#tab-graph").focus()
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#panel-findings")).to_be_visible()
    await page.get_by_role("button", name="Edit plan").focus()
    await page.keyboard.press("Enter")
    await expect(page.get_by_label("Plan title")).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("dialog")).to_be_hidden()
    await expect(page.get_by_role("button", name="Edit plan")).to_be_focused()
