"""A financial model is built by tool calls and computed; its pages are to be looked at in `tests/output/office/`."""

import io
import shutil
from datetime import datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from agents.pdf_reading.letters import letters
from agents.pdf_reading.open_pdf import drawable
from agents.pdf_reading.reading_order import cell_rows
from agents.tools.office.libreoffice import convert
from orchestrator.domain.deliverables import Inspection
from tests import financial_model
from tests.office_workspace import Desk

OUTPUT = Path(__file__).parents[1] / "output/office"
pytestmark = [
    pytest.mark.skipif(convert.soffice() is None, reason="LibreOffice is not installed"),
    pytest.mark.skipif(shutil.which("pdftoppm") is None, reason="pdftoppm is not installed"),
]


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path, financial_model.FINDINGS)
    await financial_model.build(made)
    return made


async def handed_in(desk: Desk) -> tuple[Inspection, Any]:
    """What the checks say, and the workbook with its computed values."""
    answer = await desk.call("inspect_deliverable", path=financial_model.PATH)
    return Inspection.model_validate_json(answer.text), openpyxl.load_workbook(
        io.BytesIO(desk.shelf["model.xlsx"]), data_only=True
    )


def agrees(inspection: Inspection, book: Any, scenario: str) -> None:
    assert all(c.ok for c in inspection.checks), inspection.checks
    for row, values in financial_model.expected(scenario).items():
        assert [c.value for c in book["Months"][row][1:14]] == pytest.approx(values), f"{scenario}, row {row}"


async def test_a_model_computes_what_plain_python_does_in_each_scenario(desk: Desk) -> None:
    inspection, book = await handed_in(desk)
    agrees(inspection, book, "Base")
    assert book.sheetnames == ["Summary", "Inputs", "Months", "Sources"]
    assert len(inspection.previews) == 4, "each sheet prints on one page"
    OUTPUT.mkdir(parents=True, exist_ok=True)
    for n, page in enumerate(inspection.previews, 1):
        OUTPUT.joinpath(f"model-{n}.png").write_bytes(desk.shelf[page.name])

    await financial_model.choose(desk, "Downside")
    inspection, book = await handed_in(desk)
    agrees(inspection, book, "Downside")
    summary = {line[0].value: line[1].value for line in book["Summary"].iter_rows(2)}
    down = financial_model.expected("Downside")
    first = next((m for m, v in zip(financial_model.MONTHS, down[17], strict=False) if v > 0), None)
    assert summary["Scenario"] == "Downside"
    assert summary["Lowest cash, USD"] == pytest.approx(min(down[19][:12]))
    assert summary["First month with a profit"] == (datetime.combine(first, time()) if first else "none in 2027")


async def test_a_number_that_prints_as_hashes_is_found_on_its_page(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    rows = [["Item", "Price"], ["Yacht", {"value": 12_345_678, "format": "integer"}]]
    await desk.call("sheet_write", path=financial_model.PATH, sheet="Prices", cell="A1", rows=rows)
    await financial_model.change(desk, "Prices", {"do": "width", "columns": "B", "width": 4})
    inspection, _ = await handed_in(desk)
    assert {c.name: c.words for c in inspection.checks if not c.ok} == {
        "widths": "columns too narrow, showing ####: Prices!B2",
        "printed": "### instead of a number or date; widen the column: page 1",
    }


async def test_numbers_of_all_formats_print_as_far_from_the_edge_as_their_header(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    formats = ("integer", "currency", "percent", "0.000")
    body = [[name, *({"value": 1, "format": f} for f in formats)] for name in ("North", "South")]
    rows = [["Item", "One", "Two", "Three", "Four"], *body]
    for _ in range(2):
        await desk.call("sheet_write", path="edges.xlsx", sheet="Edges", cell="A1", rows=rows)
    program = convert.soffice()
    assert program
    pdf = await convert.convert((tmp_path / "edges.xlsx").read_bytes(), ".xlsx", "pdf", program=program)
    assert pdf
    with drawable(pdf, "edges.pdf") as made:
        rows = cell_rows(letters(made[0]))[:3]
    heads, *below = [[piece.box.right for piece in row.pieces[1:]] for row in rows]
    numbers = [right for row in below for right in row]
    assert [row.pieces[0].text for row in rows] == ["Item", "North", "South"]
    assert numbers == pytest.approx(heads * 2, abs=1)
