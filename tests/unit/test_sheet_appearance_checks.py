"""Each fault that was planted in how a workbook looks is named, and a sound one passes."""

from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.worksheet.properties import PageSetupProperties

from agents.tools.office.content_checks import columns_wide_enough
from agents.tools.office.inspect.sheet_appearance_checks import looks


def book(plant: Callable[[Any], None] | None = None) -> Any:
    made: Any = openpyxl.Workbook()
    for row in (["Item", "Price"], ["Apple", 2.5], ["A pear from the north", 3]):
        made.active.append(row)
    made.active.column_dimensions["A"].width = 25
    if plant:
        plant(made.active)
    return made


def told(made: Any) -> dict[str, str]:
    return {c.name: c.words for c in looks(made, made.sheetnames) if not c.ok}


def narrow(sheet: Any) -> None:
    sheet.column_dimensions["A"].width = 9


def pale(sheet: Any) -> None:
    sheet["B2"].fill, sheet["B2"].font = PatternFill("solid", fgColor="FFF8E1"), Font(color="FFE08A")


def many_columns(sheet: Any) -> None:
    for n in range(1, 21):
        sheet.cell(1, n, f"Column {n}")


def fitted(sheet: Any) -> None:
    many_columns(sheet)
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)


def wrapped(sheet: Any) -> None:
    narrow(sheet)
    sheet["A3"].alignment = Alignment(wrap_text=True)


def printed_in_part(sheet: Any) -> None:
    many_columns(sheet)
    sheet.print_area = "A1:B3"


@pytest.mark.parametrize("plant", [None, fitted, wrapped, printed_in_part])
def test_a_sound_sheet_passes(plant: Callable[[Any], None] | None) -> None:
    assert told(book(plant)) == {}


@pytest.mark.parametrize(
    ("plant", "name", "words"),
    [
        (narrow, "cut off", "text cut off by the next cell; wrap it or widen the column: Sheet!A3"),
        (pale, "contrast", "hard to read against their fill: Sheet!B2"),
        (many_columns, "print width", "too wide for the page: 'Sheet' is 3 pages wide"),
    ],
)
def test_a_planted_fault_is_named_by_its_place(plant: Callable[[Any], None], name: str, words: str) -> None:
    assert told(book(plant)) == {name: words}


def test_in_a_sheet_of_somebody_else_it_is_only_mentioned() -> None:
    cut = looks(book(narrow), ["Another"])[0]
    assert cut.ok and cut.words.endswith("Sheet!A3")


def test_one_width_said_for_several_columns_counts_for_each() -> None:
    made = book()
    sheet = made.active
    sheet["C2"], sheet["C2"].number_format = 123_456_789, "#,##0"
    sheet.column_dimensions.group("B", "D", hidden=False)
    sheet.column_dimensions["B"].width = 16
    assert columns_wide_enough(made, {}).ok
    sheet.column_dimensions["B"].width = 6
    assert columns_wide_enough(made, {}).words == "columns too narrow, showing ####: Sheet!C2"
