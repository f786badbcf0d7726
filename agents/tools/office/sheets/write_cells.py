"""Writes a block of entries into a sheet: values, number formats, and cell styles."""

import re
from collections.abc import Sequence
from copy import copy
from datetime import date
from typing import Any

from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import coordinate_to_tuple
from openpyxl.utils.exceptions import CellCoordinatesException

from agents.tools.office import formulas, house_style
from agents.tools.office.cell_input import CellInput
from agents.tools.office.sheets import infer_number_format
from orchestrator.errors import ToolFailed

_TOTAL = re.compile(r"(grand )?(total|sum|average|mean|median|weighted average)\b", re.IGNORECASE)
_PERIOD = re.compile(
    r"(M|Q|H|Y|Month |Year |Week |FY ?|Plan |Actual )?\d{1,4}([ /-]\d{2,4})?E?|Q[1-4]( |')?\d{2,4}|"
    r"(Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?[ '-]*(\d{2,4})?",
    re.IGNORECASE,
)
_UNIT = re.compile(r"units?", re.IGNORECASE)
_HAIR = Side("thin", color=house_style.LINE)
_STRONG = Side("medium", color=house_style.ACCENT)
_TITLE = re.compile(r"[\[\]:*?/\\]")
_MOST_ROWS, _MOST_COLUMNS = 1_048_576, 16_384


def sheet_named(book: Any, name: str) -> Any | None:
    """Returns the sheet with that name (Excel ignores case), or None. Raises ToolFailed for a name Excel refuses."""
    valid_title(name)
    return next((s for s in book.worksheets if s.title.lower() == name.lower()), None)


def valid_title(name: str) -> None:
    """Raises ToolFailed for a name that Excel refuses."""
    if not name.strip() or len(name) > 31 or _TITLE.search(name) or name.startswith("'") or name.endswith("'"):
        raise ToolFailed(f"{name!r} isn't a valid sheet name. Use 1 to 31 characters without [ ] : * ? / or backslash.")


def corner(cell: str, block: Sequence[Sequence[object]]) -> tuple[int, int]:
    """Returns row and column of `cell`. Raises ToolFailed if it isn't an address, or the block doesn't fit below it."""
    try:
        row, column = coordinate_to_tuple(cell.strip().replace("$", "").upper())
    except (CellCoordinatesException, ValueError) as error:
        raise ToolFailed(f"{cell!r} isn't a cell. Use an address like 'A2'.") from error
    widest = max((len(r) for r in block), default=0)
    if row < 1 or row + len(block) - 1 > _MOST_ROWS or column + widest - 1 > _MOST_COLUMNS:
        raise ToolFailed(f"A block of {len(block)} x {widest} cells doesn't fit at {cell!r}. Choose another cell.")
    return row, column


def fill(sheet: Any, top: int, left: int, block: Sequence[Sequence[CellInput]], *, ours: bool) -> None:
    """Writes the block. `ours`: we style the sheet; otherwise a cell keeps its style or takes the one above."""
    for r, line in enumerate(block, top):
        for c, given in enumerate(line, left):
            cell = sheet.cell(r, c)
            if type(cell).__name__ == "MergedCell":
                raise ToolFailed(f"{cell.coordinate!r} is inside merged cells. Write to their first cell instead.")
            cell.value = given.value
            if given.value is not None and isinstance(given.value, str) and not formulas.is_formula(given.value):
                # Text stays text, even "=" alone or what looks like an error value.
                cell.data_type = "s"
    looks: dict[tuple[object, ...], Any] = {}
    for r, line in enumerate(block, top):
        for c, given in enumerate(line, left):
            _dress(sheet, sheet.cell(r, c), given, looks if ours else None)


def words_for(sheet: Any, row: int, column: int) -> str:
    """Returns what a number is: the words above it or, if each row is one kind of number, those at the row's start."""
    value = sheet.cell(row, 1).value if across(sheet) else sheet.cell(1, column).value
    return value if isinstance(value, str) else ""


def across(sheet: Any) -> bool:
    """Returns whether each row is one kind of number, because columns are periods or one of them names the row's
    unit."""
    heads = [sheet.cell(1, c).value for c in range(2, min(sheet.max_column, 40) + 1)]
    if any(isinstance(h, str) and _UNIT.fullmatch(h.strip()) for h in heads):
        return True
    return sum(isinstance(h, date) or bool(_PERIOD.fullmatch(str(h).strip())) for h in heads if h is not None) >= 3


def _dress(sheet: Any, cell: Any, given: CellInput, looks: dict[tuple[object, ...], Any] | None) -> None:
    ours = looks is not None
    if looks is not None:
        _house(sheet, cell, looks)
    elif not cell.has_style and cell.row > 2 and sheet.cell(cell.row - 1, cell.column).has_style:
        cell._style = sheet.cell(cell.row - 1, cell.column)._style  # openpyxl has no public way to copy a whole style
    if given.format:
        cell.number_format = given.format
    elif ours or cell.number_format == "General":
        shape = infer_number_format.number_format(
            given.value, words_for(sheet, cell.row, cell.column), read_by(sheet, given.value)
        )
        if shape:
            cell.number_format = shape


def read_by(sheet: Any, value: Any) -> list[infer_number_format.CellRead]:
    """Returns the cells that a formula reads, at most 200, without creating any."""
    if not formulas.is_formula(value):
        return []
    found: list[infer_number_format.CellRead] = []
    for name, row, column in formulas.reads(value, sheet.title)[:200]:
        place = sheet.parent[name] if name in sheet.parent.sheetnames else None
        # `sheet.cell` would create the cell, and the sheet would seem to grow.
        cell = place._cells.get((row, column)) if place is not None else None
        if cell is not None and cell.value is not None:
            found.append(infer_number_format.CellRead(cell.value, str(cell.number_format)))
    return found


def dress_total(cell: Any) -> None:
    """Formats a total, whatever the cell shows."""
    cell.font = Font(house_style.FONT, size=11, bold=True, color=house_style.INK)
    cell.fill = PatternFill("solid", fgColor=house_style.TINT)
    cell.border = Border(top=_STRONG, bottom=_HAIR)


def _house(sheet: Any, cell: Any, looks: dict[tuple[object, ...], Any]) -> None:
    """Formats one cell. `looks` caches earlier styles, because openpyxl takes long to create one."""
    total = isinstance(first := sheet.cell(cell.row, 1).value, str) and bool(_TOTAL.match(first.strip()))
    number = isinstance(cell.value, int | float) or formulas.is_formula(cell.value)
    side = "center" if isinstance(cell.value, bool) else ("right" if number else "left")
    key = (cell.row == 1, total, side)
    if key not in looks:
        _header(cell) if cell.row == 1 else _body(cell, side, total=total)
        cell.number_format = "General"
        looks[key] = cell._style
    cell._style = copy(looks[key])


def _header(cell: Any) -> None:
    cell.font = Font(house_style.FONT, size=11, bold=True, color=house_style.WHITE)
    cell.fill = PatternFill("solid", fgColor=house_style.ACCENT)
    cell.border = Border()
    cell.alignment = Alignment(vertical="center", wrap_text=True, indent=1)


def _body(cell: Any, side: str, *, total: bool) -> None:
    cell.font = Font(house_style.FONT, size=11, bold=total, color=house_style.INK)
    cell.fill = PatternFill("solid", fgColor=house_style.TINT) if total else PatternFill()
    cell.border = Border(top=_STRONG if total else Side(), bottom=_HAIR)
    wrap, indent = side == "left" or None, int(side != "center")
    cell.alignment = Alignment(horizontal=side, vertical="center", wrap_text=wrap, indent=indent)
