"""Checks how a workbook looks: cut-off text, contrast, print width, #### on a page."""

import math
import re
from collections.abc import Collection, Iterator
from itertools import pairwise
from typing import Any

from openpyxl.utils import range_boundaries

from agents.pdf_reading.pdf_text import pdf_pages
from agents.tools.office.content_checks import listed
from agents.tools.office.formulas import formula_text
from agents.tools.office.inspect.contrast import contrast
from agents.tools.office.sheets.text_grid import column_width, extent
from orchestrator.domain.deliverables import Check
from orchestrator.errors import ToolFailed

_MOST_ROWS = 5000
_HASHES = re.compile(r"(?<!\S)#{3,}(?!\S)")
_SLACK = 1.1
"""Widths are estimates; beyond this margin text is certainly cut off."""
_READABLE = 4.5
_PAPER: dict[int, tuple[int, int]] = {1: (612, 792), 5: (612, 1008), 8: (842, 1191), 9: (595, 842), 11: (420, 595)}
"""Width and height in points by the number of the paper: letter, legal, A3, A4, A5."""


def looks(book: Any, ours: Collection[str]) -> list[Check]:
    """Checks what can be seen without drawing a page. Only mentions sheets that aren't `ours`."""
    cut = [(s.title, place) for s in book.worksheets for place in _cut_off(s)]
    pale = [(s.title, place) for s in book.worksheets for place in _pale(s)]
    visible = [s for s in book.worksheets if s.sheet_state == "visible"]
    spread = [(s.title, f"{s.title!r} is {n} pages wide") for s in visible if (n := _across(s)) > 1]
    kinds = (
        ("cut off", cut, "text cut off by the next cell; wrap it or widen the column", "no text is cut off"),
        ("contrast", pale, "hard to read against their fill", "all filled cells are readable"),
        ("print width", spread, "too wide for the page", "every sheet prints one page wide"),
    )
    return [
        _said(name, [place for _, place in found], wrong, right, ok=not any(title in ours for title, _ in found))
        for name, found, wrong, right in kinds
    ]


def of_pages(pdf: bytes | None) -> list[Check]:
    """Checks that numbers and dates fit their columns on the printed pages; returns nothing without pages."""
    try:
        pages = pdf_pages(pdf, "the printed pages") if pdf else []
    except ToolFailed:
        return []
    bad = [f"page {n}" for n, text in enumerate(pages, 1) if _HASHES.search(text)]
    words = "### instead of a number or date; widen the column"
    return [_said("printed", bad, words, "no ### on the printed pages", ok=not bad)] if pages else []


def _said(name: str, bad: list[str], wrong: str, right: str, *, ok: bool) -> Check:
    return Check(name=name, ok=ok, words=f"{wrong}: {listed(bad)}" if bad else right)


def _cut_off(sheet: Any) -> Iterator[str]:
    """Finds text wider than its cell if the next cell is filled."""
    merged = {at for area in sheet.merged_cells.ranges for at in area.cells}
    for row in sheet.iter_rows(max_row=min(sheet.max_row, _MOST_ROWS)):
        for cell, beside in pairwise(row):
            if not isinstance(cell.value, str) or formula_text(cell.value) or beside.value is None:
                continue
            how = cell.alignment
            free = how.wrap_text or how.shrink_to_fit or how.horizontal in ("right", "center") or how.textRotation
            if not free and (cell.row, cell.column) not in merged:
                longest = max((extent(line) for line in cell.value.splitlines()), default=0.0)
                if longest + (how.indent or 0) > column_width(sheet, cell.column) * _SLACK:
                    yield f"{sheet.title}!{cell.coordinate}"


def _pale(sheet: Any) -> Iterator[str]:
    known: dict[int, bool] = {}
    for row in sheet.iter_rows(max_row=min(sheet.max_row, _MOST_ROWS)):
        for cell in row:
            if cell.value is None or not cell.has_style:
                continue
            if cell.style_id not in known:
                known[cell.style_id] = _is_pale(cell)
            if known[cell.style_id]:
                yield f"{sheet.title}!{cell.coordinate}"


def _is_pale(cell: Any) -> bool:
    """Checks contrast on a plain fill. Theme colors are unknown here, so they aren't judged."""
    letters = _colour(cell.font.color) if cell.font.color is not None else "000000"
    behind = _colour(cell.fill.fgColor) if cell.fill.fill_type == "solid" else None
    return letters is not None and behind is not None and contrast(letters, behind) < _READABLE


def _colour(colour: Any) -> str | None:
    return colour.rgb[-6:] if colour.type == "rgb" and isinstance(colour.rgb, str) else None


def _across(sheet: Any) -> int:
    """Returns how many pages the sheet prints side by side."""
    page, fitted = sheet.page_setup, sheet.sheet_properties.pageSetUpPr
    if fitted is not None and fitted.fitToPage and page.fitToWidth != 0:
        return 1 if page.fitToWidth is None else int(page.fitToWidth)
    width, height = _PAPER.get(int(page.paperSize or 9), _PAPER[9])
    margins = float(sheet.page_margins.left) + float(sheet.page_margins.right)
    room = (height if page.orientation == "landscape" else width) - 72 * margins
    first, last = _printed(sheet)
    # A character is seven pixels wide, and a column has five more.
    points: float = sum((w * 7 + 5) * 0.75 for c in range(first, last + 1) if (w := column_width(sheet, c)))
    return max(1, math.ceil(points * int(page.scale or 100) / 100 / room - 0.02))


def _printed(sheet: Any) -> tuple[int, int]:
    """Returns the first and last column that print."""
    if area := str(sheet.print_area or "").split(",")[0].rpartition("!")[2]:
        left, _, right, _ = range_boundaries(area.replace("$", ""))
        return int(left or 1), int(right or sheet.max_column)
    filled = [c.column for row in sheet.iter_rows() for c in row if c.value is not None]
    return 1, max(filled, default=1)
