"""Places a chart beside or below the data, never on another chart."""

import itertools
from typing import Any, NamedTuple

from openpyxl.utils import coordinate_to_tuple, get_column_letter

from agents.tools.office.sheets.charts import HEIGHT_CM, WIDTH_CM, title_of

_POINTS_PER_CM = 28.35
_POINTS_PER_CHARACTER = 5.6
_ROW, _COLUMN = 15.0, 8.43
_BESIDE = 5
"""How many columns further right a place still counts as the requested one."""


class _Area(NamedTuple):
    """A part of the sheet, in points."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: "_Area") -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def free_place(sheet: Any, title: str, row: int, column: int) -> str:
    """Returns the wanted cell, or the nearest beside or below it where the chart covers neither data nor another chart.

    A cell inside the data moves beside it. A chart with the same title doesn't count, because it is replaced.
    """
    if row <= sheet.max_row and column <= sheet.max_column:
        row, column = 2, sheet.max_column + 2
    taken = [_area(sheet, *_anchor(chart)) for chart in sheet._charts if title_of(chart) != title]
    beside = next((c for c in range(column, column + _BESIDE) if _free(sheet, row, c, taken)), None)
    if beside is None:
        row = next(r for r in itertools.count(row) if _free(sheet, r, column, taken))
    return f"{get_column_letter(beside or column)}{row}"


def _free(sheet: Any, row: int, column: int, taken: list[_Area]) -> bool:
    return not any(_area(sheet, row, column).meets(other) for other in taken)


def _anchor(chart: Any) -> tuple[int, int]:
    if isinstance(chart.anchor, str):
        return coordinate_to_tuple(chart.anchor)
    return chart.anchor._from.row + 1, chart.anchor._from.col + 1


def _area(sheet: Any, row: int, column: int) -> _Area:
    left = sum(_width(sheet, c) for c in range(1, column))
    top = sum(_height(sheet, r) for r in range(1, row))
    return _Area(left, top, left + WIDTH_CM * _POINTS_PER_CM, top + HEIGHT_CM * _POINTS_PER_CM)


def _width(sheet: Any, column: int) -> float:
    letter = get_column_letter(column)
    known = sheet.column_dimensions[letter].width if letter in sheet.column_dimensions else _COLUMN
    return float(known or _COLUMN) * _POINTS_PER_CHARACTER


def _height(sheet: Any, row: int) -> float:
    return float((sheet.row_dimensions[row].height if row in sheet.row_dimensions else None) or _ROW)
