"""Documents on their pages: what LibreOffice lays out of edited and of faulty ones."""

import io
import shutil
from pathlib import Path
from typing import Any

import docx
import openpyxl
import pytest
from docx.enum.text import WD_BREAK
from openpyxl.styles import Font

from agents.tools.office.libreoffice import convert
from agents.tools.office.word.table_of_contents import listed
from orchestrator.domain.deliverables import Check, Inspection
from tests import sample_report
from tests.long_tests import sampled
from tests.office_workspace import Desk

PICTURES = Path(__file__).parents[1] / "output" / "office"
LONG = "The board asked for the reasons behind each of the figures, and they stand in the following paragraphs. " * 6
pytestmark = pytest.mark.skipif(
    convert.soffice() is None or shutil.which("pdftoppm") is None, reason="LibreOffice or pdftoppm is missing"
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, findings=sample_report.FINDINGS)


async def handed_in(desk: Desk, path: str) -> dict[str, Check]:
    answer = await desk.call("inspect_deliverable", path=path)
    return {c.name: c for c in Inspection.model_validate_json(answer.text).checks}


def opened(desk: Desk, path: str) -> Any:
    return docx.Document(io.BytesIO(desk.workspace.read(path)))


_made: dict[str, bytes] = {}
"""The report and its copy, laid out once for all tests."""


async def of_another_program(desk: Desk) -> None:
    """The report, and as LibreOffice writes it: its own styles, fields and footnotes."""
    if not _made:
        await sample_report.write(desk)
        own = desk.workspace.read("report.docx")
        copy = await convert.convert(own, ".docx", "docx", program=convert.soffice() or "")
        _made.update({"report.docx": own, "theirs.docx": copy or b""})
    for name, content in _made.items():
        desk.workspace.write(name, content)


CHANGES: list[dict[str, Any]] = [
    {"do": "replace", "old": "renews in March", "new": "renews in **April**"},
    {"do": "rewrite", "at": "What we do not know", "text": "What we do not know yet"},
    {
        "do": "insert",
        "at": "Support around the clock is part of the plan",
        "blocks": [
            {"type": "heading", "text": "What the board asked", "level": 2},
            {"type": "paragraph", "text": LONG},
            {"type": "paragraph", "text": f"{LONG}Acme asks $49.00.", "findings": ["p1"]},
            {"type": "table", "text": "Answers", "rows": [["Question", "Answer"], ["Price", sample_report.price(1)]]},
            {"type": "bullets", "items": ["In January", "In March"]},
        ],
    },
    {"do": "delete", "at": "The order of the vendors stays the same"},
    {"do": "add_row", "at": "Training", "row": ["Tests", "IT", 2], "after": 6},
    {"do": "cell", "at": "Training", "cell": "C7", "value": 19},
]


def keep(desk: Desk, path: str, name: str) -> None:
    """A page to be looked at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    (PICTURES / name).write_bytes(desk.workspace.read(path))


@pytest.mark.parametrize("path", sampled(["theirs.docx", "report.docx"], 2))
async def test_an_edited_report_has_its_contents_notes_and_captions_in_order(desk: Desk, path: str) -> None:
    await of_another_program(desk)
    before = dict(listed(opened(desk, path)))
    told = (await desk.call("document_edit", path=path, changes=CHANGES)).text
    assert "The table of contents is up to date." in told
    now = dict(listed(opened(desk, path)))
    texts = [text.replace("not know", "not know yet") for text in before]
    assert list(now) == [*texts[:4], "What the board asked", *texts[4:]]
    table = opened(desk, path).tables[2]
    assert [row.cells[2].text for row in table.rows][-2:] == ["2", "19"]
    assert int(now["Risks"]) > int(before["Risks"]) or int(now["All vendors side by side"]) > 5
    checks = await handed_in(desk, path)
    assert [c for c in checks.values() if not c.ok] == []
    await desk.call("pdf_make", path="edited.pdf", source=path)
    for n in range(2, 5):
        await desk.call("pdf_picture", path="edited.pdf", page=n)
        keep(desk, f"edited-page-{n}.png", f"edited-{path[:-5]}-{n}.png")


@pytest.mark.slow
async def test_recorded_changes_show_on_the_pages_and_are_told(desk: Desk) -> None:
    await of_another_program(desk)
    await desk.call("document_edit", path="theirs.docx", changes=CHANGES, track=True)
    checks = await handed_in(desk, "theirs.docx")
    assert [c for c in checks.values() if not c.ok] == [] and checks["tracked changes"].told and checks["contents"].told
    await desk.call("pdf_make", path="tracked.pdf", source="theirs.docx")
    await desk.call("pdf_picture", path="tracked.pdf", page=4)
    keep(desk, "tracked-page-4.png", "edited-tracked-4.png")


async def test_a_font_that_is_not_here_an_empty_page_and_a_heading_alone_are_named(desk: Desk) -> None:
    document: Any = docx.Document()
    document.core_properties.author = "threadwork"
    document.styles["Normal"].font.name = "Segoe UI"
    document.add_heading("First", 1)
    document.add_paragraph(LONG).add_run().add_break(WD_BREAK.PAGE)
    document.add_paragraph().add_run().add_break(WD_BREAK.PAGE)
    document.add_paragraph(LONG)
    heading = document.add_heading("Alone", 1)
    heading.paragraph_format.keep_with_next = False
    document.add_paragraph(LONG).paragraph_format.page_break_before = True
    out = io.BytesIO()
    document.save(out)
    desk.workspace.write("a.docx", out.getvalue())
    checks = await handed_in(desk, "a.docx")
    assert "not installed here: Segoe UI, shown as DejaVu" in checks["fonts"].words
    assert checks["blank pages"].words == "empty: page 2"
    assert "'Alone' at the end of page 3" in checks["heading positions"].words
    assert {c.name for c in checks.values() if not c.ok} == {"fonts", "blank pages", "heading positions"}


async def test_a_persons_workbook_in_a_font_that_is_not_here_is_told_of(desk: Desk) -> None:
    for name, family in (("theirs.xlsx", "Segoe UI"), ("plain.xlsx", "Calibri")):
        book, out = openpyxl.Workbook(), io.BytesIO()
        sheet: Any = book.active
        sheet["A1"], sheet["A1"].font = "Prices", Font(name=family)
        book.save(out)
        desk.workspace.write(name, out.getvalue())
    fonts = (await handed_in(desk, "theirs.xlsx"))["fonts"]
    assert fonts.ok and fonts.told and "Segoe UI" in fonts.words
    fonts = (await handed_in(desk, "plain.xlsx"))["fonts"]
    assert fonts.ok and not fonts.told
