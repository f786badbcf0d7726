"""A person's workbook with things our library would drop: its cells can be written, and all else stays as it is."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.chart import BarChart, Reference

from agents.tools.office import zip_package
from agents.tools.office.libreoffice import convert
from agents.tools.office.sheets.open_and_save_workbook import read_book
from orchestrator.domain.deliverables import Inspection
from orchestrator.errors import ToolFailed
from tests.office_workspace import Desk

RICH = b'<is><r><rPr><b/><sz val="11"/></rPr><t xml:space="preserve">Bold </t></r><r><t>and plain</t></r></is>'


def a_persons_book() -> bytes:
    """Letters of two looks in one cell, sparklines, a chart with Excel's style part, a table, merged cells."""
    book: Any = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "Plan"
    for row in (["Item", "Price", "Worth"], ["WORDS", 10, "=B2*2"], ["Lamp", 20, "=B3*2"]):
        sheet.append(row)
    sheet["B3"].number_format = "$#,##0"
    sheet["A8"] = "merged"
    sheet.merge_cells("A8:C8")
    chart: Any = BarChart()
    chart.add_data(Reference(sheet, 2, 1, 2, 3), titles_from_data=True)
    sheet.add_chart(chart, "E2")
    out = io.BytesIO()
    book.save(out)
    parts = zip_package.parts(out.getvalue(), "a person's")
    sheet1 = "xl/worksheets/sheet1.xml"
    parts[sheet1] = parts[sheet1].replace(b"<is><t>WORDS</t></is>", RICH)
    spark = (
        b'<extLst><ext uri="{05C60535-1F16-4fd2-B633-F4F36F0B64E0}" '
        b'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"><x14:sparklineGroups '
        b'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"><x14:sparklineGroup><x14:sparklines>'
        b"<x14:sparkline><xm:f>Plan!B2:B3</xm:f><xm:sqref>D2</xm:sqref></x14:sparkline></x14:sparklines>"
        b"</x14:sparklineGroup></x14:sparklineGroups></ext></extLst></worksheet>"
    )
    parts[sheet1] = parts[sheet1].replace(b"</worksheet>", spark)
    parts["xl/charts/style1.xml"] = b"<cs:chartStyle/>"
    return zip_package.pack(parts)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    (tmp_path / "plan.xlsx").write_bytes(a_persons_book())
    return Desk(tmp_path)


async def write(desk: Desk, cell: str, *rows: list[Any], sheet: str = "Plan") -> str:
    return (await desk.call("sheet_write", path="plan.xlsx", sheet=sheet, cell=cell, rows=list(rows))).text


def parts(desk: Desk) -> dict[str, bytes]:
    return zip_package.parts((desk.folder / "plan.xlsx").read_bytes(), "plan.xlsx")


async def test_cells_are_written_and_everything_else_stays(desk: Desk) -> None:
    before = parts(desk)
    told = await write(desk, "A4", ["Pen", {"value": 2.5, "finding": "f1"}, "=B4*2"], ["=A4", True, "2026-03-01"])
    sheet = read_book(desk.workspace.read("plan.xlsx"), "plan.xlsx")["Plan"]
    assert "everything else is unchanged" in told
    assert [c.value for c in sheet[4][:3]] == ["Pen", 2.5, "=B4*2"]
    assert (sheet["A5"].value, sheet["B5"].value, sheet["C5"].value.isoformat()[:10]) == ("=A4", True, "2026-03-01")
    assert (sheet["B4"].number_format, sheet["C5"].number_format) == ("$#,##0", "yyyy-mm-dd")
    after = parts(desk)
    assert RICH in after["xl/worksheets/sheet1.xml"]
    assert b"<x14:sparkline>" in after["xl/worksheets/sheet1.xml"]
    changed = {name for name in before if before[name] != after.get(name)}
    assert changed <= {"xl/worksheets/sheet1.xml", "xl/styles.xml", "xl/workbook.xml"}
    assert before.keys() == after.keys()
    assert "Plan!B4" in (desk.folder / ".threadwork/provenance/plan.xlsx.json").read_text()


async def test_writing_the_same_again_changes_nothing(desk: Desk) -> None:
    await write(desk, "A4", ["Pen", {"value": 2.5, "format": "decimal"}, "=B4*2"])
    before = (desk.folder / "plan.xlsx").read_bytes()
    await write(desk, "A4", ["Pen", {"value": 2.5, "format": "decimal"}, "=B4*2"])
    assert (desk.folder / "plan.xlsx").read_bytes() == before


@pytest.mark.skipif(convert.soffice() is None, reason="LibreOffice is not installed")
async def test_what_was_written_is_computed_at_hand_in(desk: Desk) -> None:
    await write(desk, "B2", [11])
    answer = await desk.call("inspect_deliverable", path="plan.xlsx")
    found = Inspection.model_validate_json(answer.text)
    assert [c.words for c in found.checks if not c.ok] == []
    values = read_book(desk.workspace.read("plan.xlsx"), "plan.xlsx", values=True)["Plan"]
    assert [values[c].value for c in ("C2", "C3")] == [22, 40]


def array(content: bytes) -> bytes:
    return content.replace(b"<f>B2*2</f>", b'<f t="array" ref="C2:C3">B2:B3*2</f>').replace(b"<f>B3*2</f>", b"")


@pytest.mark.parametrize(
    ("cell", "change", "words"),
    [
        ("B8", None, "B8 is inside merged cells"),
        ("C3", array, "C3 is part of a formula that fills several cells"),
    ],
)
async def test_what_would_break_something_is_refused_and_the_file_stays(
    desk: Desk, cell: str, change: Callable[[bytes], bytes] | None, words: str
) -> None:
    if change:
        made = parts(desk)
        made["xl/worksheets/sheet1.xml"] = change(made["xl/worksheets/sheet1.xml"])
        desk.workspace.write("plan.xlsx", zip_package.pack(made))
    before = desk.workspace.read("plan.xlsx")
    with pytest.raises(ToolFailed, match=words):
        await write(desk, cell, [1])
    assert desk.workspace.read("plan.xlsx") == before


async def test_what_is_around_the_cells_changes_and_everything_else_stays(desk: Desk) -> None:
    before = parts(desk)
    await desk.call("sheet_change", path="plan.xlsx", sheet="Plan", changes=[{"do": "freeze", "cell": "B2"}])
    after = parts(desk)
    assert [name for name in before if before[name] != after[name]] == ["xl/worksheets/sheet1.xml"]
    assert b"<x14:sparkline>" in after["xl/worksheets/sheet1.xml"]
