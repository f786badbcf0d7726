"""Somebody points at figures of every kind of file in a real browser and sees page, quote and picture."""

from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Locator, expect

from agents.tools import slides
from agents.tools.office.inspect.tool import inspected
from agents.tools.office.provenance import derived_files
from orchestrator.domain.deliverables import Deliverable, Inspection, Made, MadeOf
from orchestrator.domain.events import DeliverableOffered, FindingShared
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import DeliverableId, FindingId, SubtaskId
from tests.office_workspace import Desk
from tests.scenarios.report_job import SHEET, Job
from tests.scenarios.web_visit import Visit

pytestmark = pytest.mark.asyncio(loop_scope="module")

FILES = {
    "prices.xlsx": "Prices!B2", "prices.docx": "paragraph 1", "prices.md": "paragraph 1", "prices.csv": "B2",
    "prices.pptx": "Slide 1 > point 1", "prices.pdf": "Prices > table 1 B2", "export.xlsx": "Data!B2",
}  # fmt: skip
OWN = {
    "prices.xlsx": "Prices!B3",
    "export.xlsx": "Data!B3",
    "prices.csv": "B3",
    "prices.pptx": "Slide 1 > text 3",
    "prices.pdf": "Prices > paragraph 1",
}


MADE = Made(
    of=(MadeOf(name="export.csv", sha256="0" * 64, rows=1203),), by=("Rows dropped: totals row (23 rows)",), rows=1180
)


async def write(desk: Desk, found: Finding) -> None:
    """One file of each kind: a figure that was found, and one that is the agent's own."""
    rows: list[list[Any]] = [["Who", "Price"], ["Northwind", {"value": 49, "finding": found.id}], ["We guess", 77]]
    blocks: list[dict[str, Any]] = [
        {"type": "paragraph", "text": "Northwind asks $49 a month.", "findings": [found.id]},
        {"type": "heading", "text": "Prices"},
        {"type": "paragraph", "text": "We guess 77 seats."},
        {"type": "table", "rows": rows[:2]},
    ]
    point = {"text": "Northwind asks $49 a month", "findings": [found.id]}
    own = "We guess 77 seats"
    await desk.call("sheet_write", path="prices.xlsx", sheet="Prices", cell="A1", rows=rows)
    for name in ("prices.docx", "prices.md"):
        await desk.call("document_write", path=name, title="What they ask", blocks=blocks)
    await desk.call("csv_write", path="prices.csv", rows=rows)
    await desk.call(
        "slides_write", path="prices.pptx", slides=[{"layout": "text", "title": "Fair", "points": [point, own]}]
    )
    await desk.call("pdf_make", path="prices.pdf", source="prices.md")
    data: list[list[Any]] = [["Who", "Price"], ["Northwind", 50], ["We guess", 76], ["Tidewick", 12]]
    await desk.call("sheet_write", path="export.xlsx", sheet="Data", cell="A1", rows=data)
    derived_files.keep(desk.workspace, "export.xlsx", MADE)
    again = [line[1:] for line in rows[1:]]
    await desk.call("sheet_write", path="export.xlsx", sheet="Data", cell="B2", rows=again)


async def offer(job: Job, desk: Desk, name: str) -> None:
    room = desk.room("inspect_deliverable", {"path": name})
    looks = {".pptx": slides.LOOK}
    answer = Inspection.model_validate_json((await inspected(room, name, office=None, drawer=None, looks=looks)).text)
    assert answer.provenance
    shelf = job.desk.shelf
    made = Deliverable(
        id=DeliverableId(name), subtask=SHEET, version=1, file=await shelf.put(desk.shelf[name], name=name),
        checks=answer.checks, findings=answer.findings,
        provenance=await shelf.put(desk.shelf[answer.provenance.name], name=answer.provenance.name),
    )  # fmt: skip
    await job.fact(DeliverableOffered(deliverable=made))


async def opened(visit: Visit, name: str) -> Locator:
    file = visit.page.locator("article.file").filter(has=visit.page.get_by_text(name, exact=True))
    await file.get_by_role("button", name="Where do the figures come from?").click()
    box = visit.page.locator("[data-origins]")
    await expect(box).to_contain_text(f"Where the figures in {name} come from")
    return box


@pytest.mark.slow
async def test_a_figure_of_every_kind_of_file_shows_its_quote_and_picture_and_an_own_one_says_so(
    visit: Visit, tmp_path: Path
) -> None:
    await visit.come_in()
    job = await visit.ask()
    await job.draft()
    await visit.page.get_by_role("button", name="Start").click()
    await job.start_all()
    await job.read("northwind")
    found = (await job.desk.state(job.task)).findings()[0]
    desk = Desk(tmp_path, (found,))
    await write(desk, found)
    for name, place in FILES.items():
        await offer(job, desk, name)
        box = await opened(visit, name)
        await box.locator(f'[data-place="{place}"]').click()
        await expect(box.locator("[data-at-place]")).to_have_text(place)
        seen = box.locator("article:visible")
        await expect(seen.locator("q")).to_have_text("price per month: 49")
        await expect(seen.get_by_role("link", name="northwind.example/pricing")).to_be_visible()
        picture = seen.get_by_role("img", name="The page as the agent saw it")
        await expect(picture).to_be_visible()
        await picture.evaluate("(image) => image.decode()")
        await visit.picture(f"origins-{name.replace('prices.', '').replace('.xlsx', '')}")
        own = OWN.get(name, "Prices > paragraph 1")
        await box.locator(f'[data-place="{own}"]').click()
        await expect(box.locator("[data-at-own]")).to_have_text("No source supports this: it's the author's view.")
        await expect(box.locator("article:visible")).to_have_count(0)
        await box.get_by_role("button", name="Close").click()

    box = await opened(visit, "export.xlsx")
    await expect(box).to_contain_text(
        "Made from export.csv by: Rows dropped: totals row (23 rows); 1,203 rows read, 1,180 kept; 2 figures changed"
    )
    await expect(box.locator('[data-place="Data!B4"]')).to_have_count(0)
    await expect(box).not_to_contain_text("The file is longer than this excerpt")
    await box.get_by_role("button", name="Close").click()

    newer = found.model_copy(update={"id": FindingId("new"), "by": SubtaskId("lakeview"), "value": 52})
    await job.fact(FindingShared(finding=newer.model_copy(update={"supersedes": found.id})))
    for name, place in FILES.items():
        box = await opened(visit, name)
        figure = box.locator(f'[data-place="{place}"]')
        await expect(figure).to_have_class("figure traced stale")
        await figure.click()
        await expect(box.locator("article:visible")).to_contain_text("Corrected since: 52 [new]")
        await box.get_by_role("button", name="Close").click()
    revise = visit.page.locator(".point").filter(has_text="prices.md").get_by_role("button", name="Revise")
    await expect(revise).to_be_visible()
    await visit.picture("origins-outdated")
