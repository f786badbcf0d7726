"""Renders cells as text: what a person sees, and small tables with addresses for the model."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from openpyxl.utils import get_column_letter

_MOST_CELL, _USUAL = 240, 8.43
_EXTENTS = (
    dict.fromkeys(" ijl.,:;'|!", 0.48)
    | dict.fromkeys("ftrs()[]-/", 0.72)
    | dict.fromkeys("mwMW@%—", 1.6)
    | dict.fromkeys("czkvxyJ", 0.88)
)


def shown(value: Any, shape: str = "General") -> str:
    """Approximates what Excel shows for a value under a number format; exact enough for widths and for reading."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M") if value.time() != time() else value.strftime("%Y-%m-%d")
    if isinstance(value, date):
        return value.isoformat()
    if not isinstance(value, int | float):
        return str(value)
    decimals = len(m[1]) if (m := re.search(r"0\.(0+)", shape)) else 0
    if shape.rstrip().endswith("%"):
        return f"{value * 100:.{decimals}f}%"
    if shape == "0":
        return f"{value:.0f}"
    if "#,##0" in shape:
        head, _, tail = shape.partition("#,##0")
        return f"{_quoted(head)}{value:,.{decimals}f}{_quoted(tail.lstrip('.0'))}"
    return f"{value:.10g}"


def column_width(sheet: Any, column: int) -> float:
    """Returns how many digits fit; 0 for a hidden column. Excel stores the width of equal neighbours once, at the
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


def table(rows: Iterable[tuple[int, Sequence[str]]], left: int = 1) -> str:
    """Lines such as `2 | A: Acme | B: 49`-like rows under a line of column letters."""
    listed = [(number, [one_line(c) for c in cells]) for number, cells in rows]
    columns = max((len(cells) for _, cells in listed), default=0)
    head = "   | " + " | ".join(get_column_letter(left + i) for i in range(columns))
    return "\n".join([head, *(f"{number:>3}| " + " | ".join(cells).rstrip(" |") for number, cells in listed)])


def one_line(text: str) -> str:
    flat = " ".join(text.split()).replace("|", "¦")
    return flat if len(flat) <= _MOST_CELL else flat[: _MOST_CELL - 1] + "…"


def cell_words(value: Any, shape: str, cached: Mapping[str, Any], address: str) -> str:
    """Returns a value as shown; a formula with its last computed value, if there is one."""
    if isinstance(value, str) and value.startswith("="):
        known = cached.get(address)
        return value if known is None else f"{value} → {shown(known, shape)}"
    return shown(value, shape)


def _quoted(text: str) -> str:
    return text.replace('"', "").replace("\\", "")
