"""Finishes a sheet of ours: widths, heights, decimals, frozen header, print setup. Idempotent."""

import math
from collections.abc import Mapping, Sequence
from copy import copy
from datetime import date
from typing import Any

from openpyxl.styles import Alignment
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.views import Selection

from agents.tools.office.displayed_value import shown
from agents.tools.office.formulas import is_formula
from agents.tools.office.provenance_file import PrintSettings, Sidecar
from agents.tools.office.sheets import infer_number_format
from agents.tools.office.sheets.text_grid import extent, wide
from agents.tools.office.sheets.write_cells import across, read_by

_NARROWEST, _WIDEST, _MOST_ROWS = 9.0, 44.0, 2000
_LINE = 15.0
_BOLD, _SPACE = 1.06, 0.45
_SANS = 2
_PAGE_ROWS = 30
"""About what fits on one landscape page; longer tables repeat their header."""


def finish(sheet: Any, sidecar: Sidecar) -> None:
    """Finishes a sheet of ours as requested; in a person's sheet, only the requested widths are set."""
    asked = {
        letter: width
        for place, width in sidecar.widths.items()
        for name, _, letter in [place.rpartition("!")]
        if name == sheet.title
    }
    if sheet.title in sidecar.sheets:
        polish(sheet, asked, freeze=sidecar.freezes.get(sheet.title), page=sidecar.pages.get(sheet.title))
    else:
        for letter, width in asked.items():
            sheet.column_dimensions[letter].width = width


def polish(
    sheet: Any, asked: Mapping[str, float], *, freeze: str | None = None, page: PrintSettings | None = None
) -> None:
    """Finishes the sheet. `asked`: requested column widths by letter."""
    sheet.sheet_view.showGridLines = False
    freeze = freeze or ("B2" if sheet.max_column >= 7 else "A2")
    if sheet.freeze_panes != freeze:
        # Setting it again would list the same selections twice.
        sheet.sheet_view.selection = [Selection()]
        sheet.freeze_panes = freeze
    _even_decimals(sheet)
    for column in range(1, sheet.max_column + 1):
        _align_header(sheet, column)
        letter = get_column_letter(column)
        sheet.column_dimensions[letter].width = asked.get(letter) or fitted(sheet, column)
    for row in range(1, min(sheet.max_row, _MOST_ROWS) + 1):
        sheet.row_dimensions[row].height = _height(sheet, row)
    _tell_apart(sheet)
    _print_setup(sheet, page or PrintSettings(one_page=bool(sheet._charts) and sheet.max_row <= _PAGE_ROWS))


def _even_decimals(sheet: Any) -> None:
    """Gives numbers of one kind the same number of decimals: those of a column or, in `across`, those of a row."""
    rows = [*sheet.iter_rows(2, min(sheet.max_row, _MOST_ROWS))]
    for line in rows if across(sheet) else zip(*rows, strict=True):
        _even(line)


def _even(cells: Sequence[Any]) -> None:
    voting = [c for c in cells if c.value is not None and not infer_number_format.is_mean(c.value)]
    places = [d for c in voting if (d := infer_number_format.decimals(c.number_format)) is not None]
    for cell in voting:
        cell.number_format = infer_number_format.with_decimals(cell.number_format, max(places, default=0))


def _align_header(sheet: Any, column: int) -> None:
    below = [sheet.cell(r, column) for r in range(2, min(sheet.max_row, 50) + 1)]
    filled = [c for c in below if c.value is not None]
    right = sum(c.alignment.horizontal == "right" for c in filled)
    centre = sum(c.alignment.horizontal == "center" for c in filled)
    side = (
        "right" if filled and right * 2 > len(filled) else "center" if filled and centre * 2 > len(filled) else "left"
    )
    indent = int(side != "center")
    sheet.cell(1, column).alignment = Alignment(horizontal=side, vertical="center", wrap_text=True, indent=indent)


def _tell_apart(sheet: Any) -> None:
    """Alternates the font family of right-aligned neighbors, which changes nothing visible.

    Works around LibreOffice, which drops the right indent of a cell that differs from the previous one only in number
    format.
    """
    made: dict[tuple[int, int | None], int] = {}
    family: int | None = None
    for row in sheet.iter_rows(max_row=min(sheet.max_row, _MOST_ROWS)):
        for cell in row:
            if cell.value is None or cell.alignment.horizontal != "right":
                continue
            family = None if family else _SANS
            if cell.font.family == family:
                continue
            key = (cell._style.fontId, family)
            if key not in made:
                font = copy(cell.font)
                font.family = family
                cell.font = font
                made[key] = cell._style.fontId
            cell._style.fontId = made[key]


def fitted(sheet: Any, column: int) -> float:
    """Fits widths to the content: numbers must fit, text may wrap, and long text gets a readable width."""
    needed = _NARROWEST
    for row in range(1, min(sheet.max_row, _MOST_ROWS) + 1):
        cell = sheet.cell(row, column)
        if cell.value is None:
            continue
        if is_formula(cell.value):
            size = infer_number_format.estimate(cell.value, read_by(sheet, cell.value))
            needed = max(needed, 14.0, wide(shown(size or 0, cell.number_format)) * 1.05 + 3)
        elif isinstance(cell.value, bool | int | float | date):
            needed = max(needed, wide(shown(cell.value, cell.number_format)) * 1.05 + 3)
        else:
            needed = max(needed, _text_width(cell.value, header=row == 1))
    return round(min(needed, _WIDEST), 1)


def _text_width(text: str, *, header: bool) -> float:
    longest = max((extent(line) for line in text.splitlines()), default=0.0)
    words = max((extent(word) for word in text.split()), default=0.0)
    # A header may take two lines; a word isn't broken.
    needed = max(words, longest * 0.6) if header and longest > 14 else longest
    return needed * (_BOLD if header else 1.0) + 3.5


def _height(sheet: Any, row: int) -> float:
    lines = 1
    for column in range(1, sheet.max_column + 1):
        cell = sheet.cell(row, column)
        if isinstance(cell.value, str) and not is_formula(cell.value):
            room = max(4.0, sheet.column_dimensions[get_column_letter(column)].width - 2.2)
            factor = _BOLD if row == 1 else 1.0
            lines = max(lines, sum(_lines(part, room / factor) for part in cell.value.splitlines()))
    return max(30.0, lines * _LINE + 8) if row == 1 else min(lines * _LINE + 6, 400.0)


def _lines(text: str, room: float) -> int:
    """Returns how many lines the text takes when it wraps between words."""
    lines, used = 1, 0.0
    for word in text.split():
        length = extent(word)
        if used and used + _SPACE + length > room:
            lines, used = lines + 1, 0.0
        lines += max(0, math.ceil(length / room) - 1)
        used += length + (_SPACE if used else 0)
    return lines


def _print_setup(sheet: Any, wanted: PrintSettings) -> None:
    page = sheet.page_setup
    page.orientation, page.paperSize = "landscape" if wanted.landscape else "portrait", 9
    # A table with its charts belongs on one page; a long one may take more.
    page.fitToWidth, page.fitToHeight = 1, int(wanted.one_page)
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    sheet.print_title_rows = wanted.repeat_rows or ("1:1" if sheet.max_row > _PAGE_ROWS else None)
    sheet.page_margins.left = sheet.page_margins.right = 0.5
    sheet.page_margins.top = sheet.page_margins.bottom = 0.6
    sheet.oddFooter.left.text, sheet.oddFooter.right.text = "&A", "Page &P of &N"
    sheet.oddFooter.left.size = sheet.oddFooter.right.size = 9
