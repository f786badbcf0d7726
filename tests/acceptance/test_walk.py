"""The whole way as a person goes it: the program as it is started, a real browser, real files looked at in LibreOffice.

Pictures of the way stay in `tests/output/walk/`.
"""

from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import openpyxl
import pytest
from docx import Document
from playwright.async_api import Browser, expect

from agents.models.rehearsal.replies import STANDARD, act, numbered, say, wish
from orchestrator.domain import events as e
from orchestrator.domain.model_messages import Prompt, Reply, Returned
from tests.host_fixtures import open_folder
from tests.model_server import KEY, Brain, rehearsal, serving
from tests.page_server import PageServer
from tests.product_walk import (
    PATIENCE,
    Walker,
    a_browser,
    a_program,
    a_walker,
    at_the_terminal,
    cells,
    free_port,
    seen_in_libreoffice,
)
from tests.provenance_walk import every_figure_leads_to_its_quote

SITES = ("bramblehour", "tidewick", "ostrello", "quillmoor", "fenwhistle")
SHEET, SUMMARY = "competitor-comparison.xlsx", "executive-summary.docx"


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with a_browser() as one:
        yield one


@pytest.fixture
def home() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.mark.slow
async def test_from_the_mention_to_files_that_open_in_libreoffice(browser: Browser, home: Path, tmp_path: Path) -> None:
    """Slow enough that a person could watch it."""
    async with (
        a_program(home, THREADWORK_MODELS__REHEARSAL_PAUSE="0.25") as program,
        a_walker(browser, program.url) as me,
    ):
        await me.come_in(program.link)
        await me.picture("01-channel")
        task = await me.ask(STANDARD)
        await me.headline("A plan with 7 steps is ready")
        await look_at_the_plan(me)
        await me.press("Start")
        await look_while_it_works(me)
        await expect(me.point(SHEET).locator("img").first).to_be_visible(timeout=PATIENCE)
        await me.picture("06-sheet-to-look-at")
        await me.approve_files(SHEET, SUMMARY)
        await me.headline("Done")
        await look_at_the_end(me)
        await me.on_a_phone_and_in_the_dark("11-done")
        sheet, summary = [await me.download(name, tmp_path) for name in (SHEET, SUMMARY)]
        records, state = await program.facts(task)
        await look_where_figures_come_from(me)
        await every_figure_leads_to_its_quote(program, state, sheet, summary)
    assert state.phase == "done"
    the_five_worked_at_once_and_the_sheet_grew_meanwhile(records)
    book = openpyxl.load_workbook(sheet)
    assert [row[0] for row in cells(book["Comparison"])[1:6]] == [name.title() for name in SITES]
    assert "Sources" in book.sheetnames
    assert any("Tidewick" in p.text for p in Document(str(summary)).paragraphs)
    assert len(await seen_in_libreoffice(sheet, tmp_path)) >= 2
    assert len(await seen_in_libreoffice(summary, tmp_path)) == 1


@pytest.mark.slow
async def test_through_litellm_with_a_csv_of_mine_and_a_file_sent_back(
    browser: Browser, home: Path, tmp_path: Path
) -> None:
    (tmp_path / "our-plans.csv").write_text("Plan,Seats,Price\nOurs small,1200,6.5\nOurs large,300,9\n")
    port = free_port()
    async with (
        serving(rehearsal(f"http://127.0.0.1:{port}/rehearsal")) as server,
        a_program(home, port=port, **a_model_at(server.url)) as program,
        a_walker(browser, program.url) as me,
    ):
        await me.come_in(program.link)
        task = await me.ask(STANDARD, tmp_path / "our-plans.csv")
        await me.press("Start")
        await me.press("Request changes", me.point(SHEET))
        await me.page.get_by_label("What should change?").fill("Please say how the rows were checked.")
        await me.picture("21-request-changes")
        await me.press("Request changes", me.page.get_by_role("dialog"))
        await expect(me.page.locator("article.file").filter(has_text="version 2")).to_be_visible(timeout=PATIENCE)
        await me.picture("22-second-version")
        await me.approve_files(SHEET, SUMMARY)
        await me.headline("Done")
        await me.picture("23-done")
        sheet = await me.download(SHEET, tmp_path)
        records, _ = await program.facts(task)
    assert {r.event.model for r in records if isinstance(r.event, e.TurnTaken)} == {"test-model"}
    assert (server.refused, server.answered_twice()) == ([], [])
    the_five_worked_at_once_and_the_sheet_grew_meanwhile(records)
    book = openpyxl.load_workbook(sheet)
    assert cells(book["Attached"]) == [["Plan", "Seats", "Price"], ["Ours small", 1200, 6.5], ["Ours large", 300, 9]]
    assert "Please say how the rows were checked." in [c for row in cells(book["Notes"]) for c in row]
    assert len(await seen_in_libreoffice(sheet.rename(tmp_path / "with-attachment.xlsx"), tmp_path)) >= 4


@pytest.mark.slow
async def test_a_number_changed_on_a_page_changes_the_sheet(browser: Browser, home: Path, tmp_path: Path) -> None:
    async with a_program(home, THREADWORK_MODELS__REHEARSAL_PAUSE="0") as program, a_walker(browser, program.url) as me:
        page = home / "rehearsal" / "tidewick" / "plans.html"
        page.write_text(page.read_text().replace("$5.75", "$7.35"))
        await me.come_in(program.link)
        await me.ask(STANDARD)
        await me.press("Start")
        await me.approve_files(SHEET, SUMMARY)
        await me.headline("Done")
        sheet, summary = [await me.download(name, tmp_path) for name in (SHEET, SUMMARY)]
    row = next(r for r in cells(openpyxl.load_workbook(sheet)["Comparison"]) if r[0] == "Tidewick")
    assert row[1] == 7.35
    table = Document(str(summary)).tables[-1]
    assert any(r.cells[0].text == "Tidewick" and r.cells[1].text.startswith("$7.35") for r in table.rows)


@pytest.mark.slow
async def test_a_page_elsewhere_is_opened_only_as_a_person_says(browser: Browser, home: Path) -> None:
    """One address is corrected before it is approved, another is rejected; the agent reads why and goes on."""
    far = PageServer()
    brain = wants_to_open(far.url("/first"), far.url("/second"))
    try:
        async with (
            serving(brain) as server,
            a_program(home, **a_model_at(server.url)) as program,
            a_walker(browser, program.url) as me,
        ):
            await me.come_in(program.link)
            task = await me.ask("Read two pages")
            await me.press("Start")
            asked = me.point(f"open {far.domain}")
            await expect(asked.get_by_text(far.url("/first"))).to_be_visible(timeout=PATIENCE)
            await me.picture("31-asks-to-open")
            await me.press("Edit", asked)
            await me.page.get_by_label("url").fill(f"{program.url}/rehearsal/bramblehour/index.html")
            await me.picture("32-edit-the-address")
            await me.press("Approve this")
            await expect(asked.get_by_text(far.url("/second"))).to_be_visible(timeout=PATIENCE)
            await me.press("Reject", asked)
            await me.page.get_by_label("Why not?").fill("They are no competitor.")
            await me.press("Reject", me.page.get_by_role("dialog"))
            await me.headline("Done")
            await me.picture("33-went-on")
            records, state = await program.facts(task)
    finally:
        far.close()
    assert far.requests == []
    opened, rejected = [r.event.result for r in records if isinstance(r.event, e.ToolReturned)]
    assert opened.ok and "Bramblehour" in opened.text and urlsplit(program.url).netloc in opened.text
    assert not rejected.ok and "They are no competitor." in rejected.text
    assert "They are no competitor." in state.of(next(iter(state.subtasks))).summary


@pytest.mark.slow
async def test_what_i_asked_at_the_terminal_waits_for_me_here_and_can_be_started_here(
    browser: Browser, home: Path
) -> None:
    async with a_program(home, THREADWORK_MODELS__REHEARSAL_PAUSE="1") as program, a_walker(browser, program.url) as me:
        await me.come_in(program.link)
        assert await at_the_terminal(home, "ask", STANDARD) == 3
        waits = me.page.locator("#rail").get_by_role("link", name="Five competitors compared")
        await expect(me.page.locator("#rail h2").first).to_contain_text("Waiting for me", timeout=PATIENCE)
        await waits.click()
        await me.ready()
        await me.picture("41-from-the-terminal")
        await me.press("Start")
        await expect(me.page.locator("#rail h2").first).to_have_text("Channels", timeout=PATIENCE)
        await expect(me.page.locator("#rail h2").nth(1)).to_have_text("My tasks")
        await me.press("Stop")
        await me.headline("Stopped")
        await me.picture("42-stopped")


def wants_to_open(*urls: str) -> Brain:
    """Plans one step, opens the pages one after the other, and ends with what it was told last."""

    async def brain(prompt: Prompt) -> Reply:
        turn = sum(isinstance(m, Reply) for m in prompt.messages)
        told = [m.text for m in prompt.messages if isinstance(m, Returned)]
        if any(tool.name == "propose_plan" for tool in prompt.tools):
            step = {
                "id": "read",
                "title": "Read two pages",
                "instructions": "Open both.",
                "acceptance": [],
                "agent": "browser",
            }
            return numbered(act("", wish("propose_plan", title="Two pages", subtasks=[step])), turn)
        if turn < len(urls):
            return numbered(act(f"Opening {urls[turn]}.", wish("browser_open", url=urls[turn])), turn)
        return say(f"The last thing I heard: {told[-1]}")

    return brain


def a_model_at(url: str) -> dict[str, str]:
    """Settings as a person with a local model server makes them."""
    return {
        "THREADWORK_MODELS__DEFAULT": "test-model",
        "THREADWORK_MODELS__API_BASE": url,
        "THREADWORK_MODELS__API_KEY": KEY,
    }


async def look_at_the_plan(me: Walker) -> None:
    await expect(me.page.locator(".row")).to_have_count(7)
    await me.picture("02-plan")
    await me.press("Edit plan")
    await expect(me.page.get_by_role("heading", name="Edit the plan")).to_be_visible()
    await me.picture("03-plan-form")
    await me.press("Back")


async def look_while_it_works(me: Walker) -> None:
    """The card is alive: five rows at work, what each does, what each sees."""
    for name in SITES:
        await expect(me.page.locator(f"#row-{name}.running")).to_be_visible(timeout=PATIENCE)
    await expect(me.page.locator("#panel-graph .flowed").nth(2)).to_be_visible(timeout=PATIENCE)
    await me.picture("04-working-graph")
    await me.tab("Browser")
    await expect(me.page.locator("#panel-browser figure")).to_have_count(5, timeout=PATIENCE)
    await me.picture("05-working-browser")
    await me.tab("Graph")


async def look_at_the_end(me: Walker) -> None:
    await me.picture("07-done-graph")
    await me.tab("Findings")
    await expect(me.page.locator("#panel-findings tbody tr")).to_have_count(45)
    await me.picture("08-done-findings")
    await me.tab("Browser")
    await me.picture("09-done-browser")
    await me.tab("Timeline")
    slider = me.page.get_by_label("Replay step")
    last = int(await slider.get_attribute("max") or 0)
    await slider.fill(str(last // 3))
    await expect(me.page.locator("#past")).to_be_visible()
    await me.tab("Graph")
    await expect(me.page.locator("#row-summary.waiting")).to_be_visible()
    await me.picture("10-past-graph")
    await me.tab("Timeline")
    await me.picture("10-past-timeline")
    await me.page.get_by_role("link", name="Back to now").click()
    await me.headline("Done")
    await me.tab("Graph")


async def look_where_figures_come_from(me: Walker) -> None:
    """A press on a cell, by keyboard too, shows page, quote and screenshot; a formula what it reads."""
    article = me.page.locator(".files > article.file").filter(has_text=SHEET)
    await article.get_by_role("button", name="Where do the figures come from?").click()
    panel = me.page.locator(".origin-panel")
    cell = me.page.locator('.figure[data-place="Comparison!B2"]')
    await cell.focus()
    await me.page.keyboard.press("Enter")
    await expect(panel.locator("article:visible")).to_have_count(1)
    await expect(panel.locator("article:visible")).to_contain_text("/rehearsal/bramblehour/")
    await expect(panel.locator("article:visible img")).to_be_visible()
    await me.picture("12-source-of-a-cell")
    await me.on_a_phone_and_in_the_dark("12-source-of-a-cell")
    await me.page.locator(".figure.computed.traced").first.click()
    await expect(panel).to_contain_text("computes from")
    await me.picture("13-source-of-a-formula")
    await me.press("Close")


def the_five_worked_at_once_and_the_sheet_grew_meanwhile(records: Sequence[e.Record]) -> None:
    """Told by the times of the ledger."""
    began, ended = {}, {}
    for record in records:
        match record.event:
            case e.SubtaskStarted(subtask=name):
                began.setdefault(str(name), record.at)
            case e.SubtaskFinished(subtask=name):
                ended[str(name)] = record.at
            case _:
                pass
    assert max(began[name] for name in SITES) < min(ended[name] for name in SITES)
    calls = {
        (r.event.subtask, r.event.attempt, c.id): c for r in records if isinstance(r.event, e.TurnTaken)
        for c in r.event.reply.calls
    }  # fmt: skip
    last = max(ended[name] for name in SITES)
    rows = [
        calls[r.event.subtask, r.event.attempt, r.event.call].args for r in records
        if isinstance(r.event, e.ToolReturned) and r.event.tool == "sheet_write" and r.event.result.ok and r.at < last
    ]  # fmt: skip
    assert any("finding" in str(args["rows"]) for args in rows), rows
