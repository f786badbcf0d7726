"""Formulas that a workbook has no values for are computed by LibreOffice before anything is read from it."""

import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]
from openpyxl.worksheet.formula import ArrayFormula

from agents.tools.office.libreoffice import convert
from agents.tools.office.sheets.formulas_without_values import FilledBook, filled, formulas_found
from agents.tools.office.sheets.read_workbook import opened, read_workbook
from tests.office_workspace import Desk
from tests.world.files.office_packages import line, strict, workbook


def _book(cells: str, *, computing: bool = False) -> bytes:
    rows = f'<row r="1"><c r="A1"><v>2</v></c>{cells}</row>'
    made = workbook({"Plan": rows})
    if not computing:
        return made
    wants = '<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" NAMES><sheets>'
    wants += '<sheet name="Plan" sheetId="1" r:id="rId1"/></sheets><calcPr fullCalcOnLoad="1"/></workbook>'
    return workbook({"Plan": rows}, {"xl/workbook.xml": wants})


@pytest.mark.parametrize(
    ("cells", "computing", "found"),
    [
        ('<c r="B1"><f>A1*2</f></c>', False, (True, False)),
        ('<c r="B1"><f>A1*2</f><v></v></c>', False, (True, False)),
        ('<c r="B1"><f t="shared" si="0"/><v/></c>', False, (True, False)),
        ('<c r="B1" t="str"><f>IF(A1&gt;1,"","x")</f><v></v></c>', False, (False, False)),
        ('<c r="B1" t="e"><f>A1/0</f><v>#DIV/0!</v></c>', False, (False, False)),
        ('<c r="B1"><f>A1*2</f><v>4</v></c>', True, (False, False)),
        ('<c r="B1"><f>A1*2</f><v>0</v></c>', True, (False, True)),
        ('<c r="B1"><f>A1*0</f><v>0</v></c>', False, (False, False)),
        ("", False, (False, False)),
    ],
)
def test_missing_and_dummy_values_are_found(cells: str, computing: bool, found: tuple[bool, bool]) -> None:
    assert formulas_found(_book(cells, computing=computing), "a.xlsx") == found


def _shown(book: FilledBook) -> str:
    found = opened(book.content, "a.xlsx")._replace(computed=book.computed)
    return read_workbook(found, None, None)


def test_computed_values_are_shown_and_named() -> None:
    text = _shown(filled(_book('<c r="B1"><f>A1*2</f></c>'), "a.xlsx", _book('<c r="B1"><f>A1*2</f><v>4</v></c>')))
    assert "2 | =A1*2 → 4" in text
    assert "[1 value not stored in the file, computed by LibreOffice for this reading: B1]" in text
    assert "without a stored value" not in text


def test_values_of_the_file_stay_also_where_libreoffice_says_something_else() -> None:
    theirs = (
        '<c r="B1"><f>ACME(A1)</f><v>7</v></c><c r="C1" t="e"><f>A1/0</f><v>#DIV/0!</v></c><c r="D1"><f>B1+1</f></c>'
    )
    made = '<c r="B1" t="e"><f>1</f><v>#NAME?</v></c><c r="C1"><f>1</f><v>1</v></c><c r="D1"><f>1</f><v>8</v></c>'
    text = _shown(filled(_book(theirs), "a.xlsx", _book(made)))
    assert "=ACME(A1) → 7 | =A1/0 → #DIV/0! | =B1+1 → 8" in text and "for this reading: D1]" in text


def test_what_libreoffice_cannot_compute_has_no_value_nor_has_what_reads_it() -> None:
    theirs = '<c r="B1"><f>_xlfn.UNIQUE(A1:A1)</f></c><c r="C1"><f>B1+1</f></c><c r="D1"><f>A1/0</f></c>'
    made = (
        '<c r="B1" t="e"><f>UNIQUE(A1:A1)</f><v>#NAME?</v></c><c r="C1" t="e"><f>B1+1</f><v>#NAME?</v></c>'
        '<c r="D1" t="e"><f>A1/0</f><v>#DIV/0!</v></c>'
    )
    text = _shown(filled(_book(theirs), "a.xlsx", _book(made)))
    assert "=_xlfn.UNIQUE(A1:A1) | =B1+1 | =A1/0 → #DIV/0!" in text and "2 formulas without a stored value" in text


def test_texts_truth_and_arrays_are_taken_in_strict_files_too() -> None:
    theirs = (
        '<c r="B1"><f>A1&amp;"x"</f></c><c r="C1"><f>A1&gt;1</f></c><c r="D1"><f t="array" ref="D1:E1">A1:B1</f></c>'
    )
    made = (
        '<c r="B1" t="str"><f>1</f><v>2x</v></c><c r="C1" t="b"><f>1</f><v>1</v></c>'
        '<c r="D1"><f t="array" ref="D1:E1">A1:B1</f><v>2</v></c><c r="E1" t="str"><v>2x</v></c>'
    )
    text = _shown(filled(strict(_book(theirs)), "a.xlsx", _book(made)))
    assert '=A1&"x" → 2x | =A1>1 → TRUE | {=A1:B1} → 2 | 2x' in text and "B1, C1, D1, E1]" in text


def test_dummies_are_replaced() -> None:
    theirs, made = '<c r="B1"><f>A1*2</f><v>0</v></c>', '<c r="B1"><f>A1*2</f><v>4</v></c>'
    assert "=A1*2 → 4" in _shown(filled(_book(theirs), "a.xlsx", _book(made), every=True))


async def test_without_libreoffice_the_reader_says_that_values_are_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(convert, "soffice", lambda: None)
    desk = Desk(tmp_path)
    desk.workspace.write("a.xlsx", _book('<c r="B1"><f>A1*2</f></c>'))
    assert "[1 formula without a stored value]" in (await desk.call("sheet_read", path="a.xlsx")).text


@pytest.mark.slow
async def test_every_reader_has_the_values_of_other_programs_files(tmp_path: Path) -> None:
    desk, book = Desk(tmp_path), openpyxl.Workbook()
    sheet: Any = book.active
    sheet.append(["Item", "Count", "Twice"])
    for n in range(2, 5):
        sheet.append([f"i{n}", n, f"=B{n}*2"])
    sheet["E2"] = ArrayFormula("E2:E4", "=B2:B4*10")
    book.save(tmp_path / "a.xlsx")
    other: Any = xlsxwriter.Workbook(str(tmp_path / "b.xlsx"))
    page = other.add_worksheet()
    page.write(0, 0, 3)
    page.write_formula(0, 1, "=A1*2")
    other.close()
    text = (await desk.call("sheet_read", path="a.xlsx")).text
    assert "=B2*2 → 4 |  | {=B2:B4*10} → 20" in text and "C2:C4, E2:E4]" in text
    assert "=A1*2 → 6" in (await desk.call("sheet_read", path="b.xlsx")).text
    await desk.call("pdf_make", path="b.pdf", source="b.xlsx")
    printed = (await desk.call("document_read", path="b.pdf")).text
    assert re.findall(r"\b[036]\b", printed) == ["3", "6"]
    drawn = await desk.call(
        "chart_picture", path="c.png", kind="bar", title="Twice", file="a.xlsx", range="B1:C4", unit="pieces"
    )
    assert "computed by LibreOffice for this reading" in drawn.text
    assert openpyxl.load_workbook(tmp_path / "a.xlsx", data_only=True).worksheets[0]["C2"].value is None
    await convert.close()


async def test_an_empty_column_is_still_called_empty(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.workspace.write("a.xlsx", workbook({"Plan": line(1, "Name", "Sum") + line(2, "Ada")}))
    assert "LibreOffice" not in (await desk.call("sheet_read", path="a.xlsx")).text
