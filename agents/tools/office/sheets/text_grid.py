"""Renders cells as text: what a person sees, and small tables with addresses for the model."""

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from openpyxl.utils import get_column_letter

from agents.tools.office.displayed_value import shown
from agents.tools.office.formulas import formula_text

_MOST_CELL, _USUAL = 240, 8.43
_EXTENTS = (
    dict.fromkeys(" ijl.,:;'|!", 0.48)
    | dict.fromkeys("ftrs()[]-/", 0.72)
    | dict.fromkeys("mwMW@%—", 1.6)
    | dict.fromkeys("czkvxyJ", 0.88)
)


def column_width(sheet: Any, column: int) -> float:
    """Returns how many digits fit; 0 for a hidden column. Excel stores the width of equal neighbors once, at the
    first."""
    for of in sheet.column_dimensions.values():
        if (of.min or 0) <= column <= (of.max or 0):
            return 0.0 if of.hidden else float(of.width or _USUAL)
    own = sheet.column_dimensions.get(get_column_letter(column))
    return float(own.width or _USUAL) if own is not None else float(sheet.sheet_format.defaultColWidth or _USUAL)


def wide(text: str) -> int:
    """Returns the width in characters; Chinese, Japanese and Korean ones count twice."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def extent(text: str) -> float:
    """Returns the width in digits of the house font, which is Excel's unit for columns; letters differ a lot."""
    return sum(_EXTENTS.get(c) or (1.18 if c.isupper() else wide(c) * 0.98) for c in text)


def table(
    rows: Iterable[tuple[int, Sequence[str]]],
    left: int = 1,
    *,
    columns: Sequence[int] | None = None,
    longest: int = _MOST_CELL,
) -> str:
    """Returns rows with their numbers under a line of column letters; `columns` if they aren't neighbors."""
    listed = [(number, [one_line(c, longest) for c in cells]) for number, cells in rows]
    widest = max((len(cells) for _, cells in listed), default=0)
    head = "   | " + " | ".join(map(get_column_letter, columns or range(left, left + widest)))
    return "\n".join([head, *(f"{number:>3}| " + " | ".join(cells).rstrip(" |") for number, cells in listed)])


def one_line(text: str, longest: int = _MOST_CELL) -> str:
    flat = " ".join(text.split()).replace("|", "¦")
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def cell_words(value: Any, shape: str, cached: Mapping[str, Any], address: str) -> str:
    """Returns a value as shown; a formula with its last computed value, if there is one."""
    formula = formula_text(value)
    if formula is not None:
        known = cached.get(address)
        written = formula if isinstance(value, str) else f"{{{formula}}}"
        return written if known is None else f"{written} → {shown(known, shape)}"
    return shown(value, shape)
