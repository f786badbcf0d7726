"""A report of five pages, laid out by LibreOffice: its contents, its notes, its wide page, and a team's template."""

import io
import re
import shutil
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Pt, RGBColor
from pypdf import PdfReader

from agents.tools.office.libreoffice import convert
from agents.tools.office.word.table_of_contents import listed
from orchestrator.domain.deliverables import Check, Inspection
from tests import sample_report
from tests.office_workspace import Desk

PICTURES = Path(__file__).parents[1] / "output" / "office"
pytestmark = pytest.mark.skipif(
    convert.soffice() is None or shutil.which("pdftoppm") is None, reason="LibreOffice or pdftoppm is missing"
)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path, findings=sample_report.FINDINGS)


def opened(desk: Desk) -> Any:
    return docx.Document(io.BytesIO(desk.workspace.read("report.docx")))


async def pages(desk: Desk) -> list[str]:
    await desk.call("pdf_make", path="report.pdf", source="report.docx")
    return [_flat(p.extract_text()) for p in PdfReader(io.BytesIO(desk.workspace.read("report.pdf"))).pages]


def _flat(text: str) -> str:
    return " ".join(text.replace("\u00a0", " ").split())


async def handed_in(desk: Desk) -> dict[str, Check]:
    answer = await desk.call("inspect_deliverable", path="report.docx")
    return {c.name: c for c in Inspection.model_validate_json(answer.text).checks}


async def test_the_report_has_five_pages_with_contents_notes_and_a_wide_page(desk: Desk) -> None:
    await sample_report.write(desk)
    shown = await pages(desk)
    assert len(shown) == 5
    contents = listed(opened(desk))
    headings = [b["text"] for b in sample_report.BLOCKS if b["type"] == "heading"]
    assert [text for text, _ in contents] == headings
    below = [shown[1].split(contents[-1][0], 1)[1], *shown[2:]]
    assert [next(n for n, page in enumerate(below, 2) if text in page) for text in headings] == [
        int(page) for _, page in contents
    ]
    notes = {
        n: [int(i) for i in re.findall(r"(\d+) (?:\w+\.example/\w+,|[a-z ]+: the agent's own)", page)]
        for n, page in enumerate(shown)
    }
    assert notes == {0: [], 1: [*range(1, 13)], 2: [], 3: [13], 4: []}  # the first ranking cites every price
    sheets = [p.mediabox for p in PdfReader(io.BytesIO(desk.workspace.read("report.pdf"))).pages]
    assert [s.width > s.height for s in sheets] == [False, False, False, False, True]
    assert all(f"Page {n} of 5" in page for n, page in enumerate(shown[1:], 2)) and "Page" not in shown[0]
    checks = await handed_in(desk)
    assert [c for c in checks.values() if not c.ok] == []
    PICTURES.mkdir(parents=True, exist_ok=True)
    for n in range(1, 6):
        await desk.call("pdf_picture", path="report.pdf", page=n)
        (PICTURES / f"report-{n}.png").write_bytes(desk.workspace.read(f"report-page-{n}.png"))


async def test_figures_stand_apart_from_the_words_of_the_next_column(desk: Desk) -> None:
    await sample_report.write(desk)
    row = opened(desk).tables[-1].rows[1].cells
    seats, sso = row[3].paragraphs[0], row[4].paragraphs[0]
    assert (seats.text, sso.text) == ("120", "yes")
    assert seats.paragraph_format.right_indent >= Pt(12) and not row[1].paragraphs[0].paragraph_format.right_indent


@pytest.mark.slow
async def test_a_wrong_page_in_the_contents_is_caught(desk: Desk) -> None:
    await sample_report.write(desk)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(desk.workspace.read("report.docx"))) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            if name == "word/document.xml":
                line = part.index(b"All vendors side by side")
                part = part[:line] + part[line:].replace(b">5<", b">4<", 1)
            new.writestr(name, part)
    desk.workspace.write("report.docx", out.getvalue())
    contents = (await handed_in(desk))["contents"]
    assert not contents.ok and "wrong page for 'All vendors side by side'" in contents.words


def team_template() -> bytes:
    """A template with its own heading, font, header, theme-less table style and some text to leave out."""
    document: Any = docx.Document()
    document.add_paragraph("Delete this text before use.")
    document.styles["Normal"].font.name = "Liberation Serif"
    document.styles["Heading 1"].font.color.rgb = RGBColor(0xB0, 0x30, 0x20)
    document.sections[0].header.paragraphs[0].text = "Northwind Operations"
    document.sections[0].left_margin = Pt(100)
    document.styles.element.append(
        parse_xml(
            f'<w:style {nsdecls("w")} w:type="table" w:customStyle="1" w:styleId="Team"><w:name w:val="Team Table"/>'
            '<w:basedOn w:val="TableNormal"/></w:style>'
        )
    )
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.mark.slow
async def test_a_teams_template_gives_its_styles_and_header_and_no_text(desk: Desk) -> None:
    desk.workspace.write("team.docx", team_template())
    await sample_report.write(desk, template="team.docx")
    document = opened(desk)
    shown = await pages(desk)
    assert all("Northwind Operations" in page for page in shown) and not any("Delete this" in page for page in shown)
    assert document.styles["Heading 1"].font.color.rgb == RGBColor(0xB0, 0x30, 0x20)
    assert {t.style.name for t in document.tables} == {"Team Table"}
    assert document.sections[0].left_margin == Pt(100)
    assert document.styles["Callout"].font.name is None
    assert (await handed_in(desk))["contents"].ok
