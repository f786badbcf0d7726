"""What makes a sheet of ours look finished: widths, heights, decimals, frozen header, print set-up. Safe to repeat."""

import math
from collections.abc import Mapping
from datetime import date
from typing import Any

from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties

from agents.tools.office import formats
from agents.tools.office.grid import shown, wide

_NARROWEST, _WIDEST, _MOST_ROWS = 9.0, 44.0, 2000
_LINE = 15.0


def polish(sheet: Any, asked: Mapping[str, float]) -> None:
    """Finishes the sheet. `asked` are column widths by letter that somebody chose."""
    sheet.sheet_view.showGridLines = False
    sheet.freeze_panes = "B2" if sheet.max_column >= 7 else "A2"
    for column in range(1, sheet.max_column + 1):
        _even_decimals(sheet, column)
        _align_header(sheet, column)
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = asked.get(letter) or _width(sheet, column)
    for row in range(1, min(sheet.max_row, _MOST_ROWS) + 1):
        sheet.row_dimensions[row].height = _height(sheet, row)
    _print_setup(sheet)


def _even_decimals(sheet: Any, column: int) -> None:
    """Numbers of one kind in one column show the same number of decimals."""
    cells = [sheet.cell(r, column) for r in range(2, min(sheet.max_row, _MOST_ROWS) + 1)]
    places = [d for c in cells if c.value is not None and (d := formats.decimals(c.number_format)) is not None]
    for cell in cells:
        if cell.value is not None and places:
            cell.number_format = formats.with_decimals(cell.number_format, max(places))


def _align_header(sheet: Any, column: int) -> None:
    below = [sheet.cell(r, column) for r in range(2, min(sheet.max_row, 50) + 1)]
    filled = [c for c in below if c.value is not None]
    right = sum(c.alignment.horizontal == "right" for c in filled)
    centre = sum(c.alignment.horizontal == "center" for c in filled)
    side = "right" if filled and right * 2 > len(filled) else "center" if filled and centre * 2 > len(filled) else "left"
    indent = 0 if side == "center" else 1
    sheet.cell(1, column).alignment = Alignment(horizontal=side, vertical="center", wrap_text=True, indent=indent)


def _width(sheet: Any, column: int) -> float:
    """From the content: numbers must fit, text may wrap, and long text gets a width that reads well."""
    needed = _NARROWEST
    for row in range(1, min(sheet.max_row, _MOST_ROWS) + 1):
        cell = sheet.cell(row, column)
        if cell.value is None:
            continue
        if isinstance(cell.value, str) and cell.value.startswith("="):
            needed = max(needed, 14.0)
        elif isinstance(cell.value, bool | int | float | date):
            needed = max(needed, wide(shown(cell.value, cell.number_format)) * 1.1 + 4)
        else:
            factor = 1.15 if row == 1 else 1.05
            longest = max(wide(line) for line in str(cell.value).splitlines() or [""])
            words = max((wide(word) for word in str(cell.value).split()), default=0)
            # A header may take two lines; a word is not broken.
            text = max(words, longest * (0.6 if row == 1 and longest > 14 else 1))
            needed = max(needed, text * factor + 4)
    return round(min(needed, _WIDEST), 1)


def _height(sheet: Any, row: int) -> float:
    lines = 1
    for column in range(1, sheet.max_column + 1):
        cell = sheet.cell(row, column)
        if isinstance(cell.value, str) and not cell.value.startswith("="):
            room = max(4.0, sheet.column_dimensions[get_column_letter(column)].width - 3)
            factor = 1.12 if row == 1 else 1.0
            lines = max(lines, sum(_lines(part, room / factor) for part in cell.value.splitlines()))
    return max(30.0, lines * _LINE + 8) if row == 1 else min(lines * _LINE + 6, 400.0)


def _lines(text: str, room: float) -> int:
    """How many lines the text takes when it wraps between words."""
    lines, used = 1, 0.0
    for word in text.split():
        length = wide(word)
        if used and used + 1 + length > room:
            lines, used = lines + 1, 0.0
        lines += max(0, math.ceil(length / room) - 1)
        used += length + (1 if used else 0)
    return lines


def _print_setup(sheet: Any) -> None:
    page = sheet.page_setup
    page.orientation, page.paperSize = "landscape", 9
    page.fitToWidth, page.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = "1:1"
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.page_margins.top = sheet.page_margins.bottom = 0.6
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = "&A", "Page &P of &N"
    sheet.oddFooter.left.size = sheet.oddFooter.right.size = 9
