"""Refuses to move rows or columns where something on the sheet couldn't follow."""

import re
from typing import Any

from openpyxl.utils import range_boundaries

from agents.tools.office.drawing_text import local
from agents.tools.office.sheets.book_parts import BookParts, SheetPart
from agents.tools.office.sheets.find_or_add_raw_cells import RawGrid
from agents.tools.office.sheets.rewrite_cell_references import LAST_COLUMN, LAST_ROW, RowOrColumnSpan
from orchestrator.errors import ToolFailed

_SEVERAL_SHEETS = re.compile(r"('(?:[^']|'')+:(?:[^']|'')+'|\b[\w.]+:[\w.]+)!")


def refuse(book: BookParts, sheet: SheetPart, span: RowOrColumnSpan) -> None:
    """Raises ToolFailed with what stands in the way and what to do instead."""
    words = "rows" if span.rows else "columns"
    if any(name.startswith("xl/revisions/") for name in book.parts):
        raise ToolFailed(f"{book.path!r} records people's changes (a shared workbook). Turn that off in Excel first.")
    _arrays(book, sheet, span, words)
    _tables(book, sheet, span, words)
    for link in book.links(sheet.part):
        if link.kind == "pivotTable" and book.has(link.target):
            place = book.tree(link.target).find(f"{book.names}location")
            if place is not None and _cuts(str(place.get("ref") or ""), span):
                raise ToolFailed(
                    f"Those {words} go through a pivot table on {sheet.title!r}, which would break. Use other {words}."
                )
    if not span.gone:
        _enough_room(book, sheet, span, words)
    _several_sheets(book, sheet)
    _filters(book, sheet, span)


def _arrays(book: BookParts, sheet: SheetPart, span: RowOrColumnSpan, words: str) -> None:
    for formula in book.tree(sheet.part).iter(f"{book.names}f"):
        ref = str(formula.get("ref") or "")
        if formula.get("t") in ("array", "dataTable") and ":" in ref and _cuts(ref, span, whole=True):
            raise ToolFailed(
                f"Those {words} go through {ref}, which one formula fills. Rewrite the formula in other cells first."
            )


def _tables(book: BookParts, sheet: SheetPart, span: RowOrColumnSpan, words: str) -> None:
    for link in book.links(sheet.part):
        if link.kind != "table" or not book.has(link.target):
            continue
        table = book.tree(link.target)
        name, ref = str(table.get("displayName") or table.get("name") or ""), str(table.get("ref") or "")
        if not span.rows and _cuts(ref, span):
            raise ToolFailed(f"Those columns are part of the table {name!r}. Change the table first.")
        first, last = _edges(ref, span)
        if not span.rows or not span.gone or span.at > last or span.at + span.many <= first:
            continue
        header, totals = table.get("headerRowCount") != "0", int(table.get("totalsRowCount") or 0)
        end = span.at + span.many
        body = range(first + header, last - totals + 1)
        left = [n for n in body if not span.at <= n < end]
        if (header and span.at <= first) or (totals and end > last) or not left:
            raise ToolFailed(
                f"Those {words} are the header, the totals, or all of the table {name!r}. Change the table first."
            )


def _enough_room(book: BookParts, sheet: SheetPart, span: RowOrColumnSpan, words: str) -> None:
    grid = RawGrid(book.tree(sheet.part))
    filled = (n for n in grid.rows for c in grid.line(n).values() if len(c)) if span.rows else (
        column for n in grid.rows for column, c in grid.line(n).items() if len(c)
    )  # fmt: skip
    last, most = max(filled, default=0), LAST_ROW if span.rows else LAST_COLUMN
    if last >= span.at and last + span.many > most:
        raise ToolFailed(f"{span.many} more {words} would push cells with content off the sheet. Insert fewer.")


def _several_sheets(book: BookParts, sheet: SheetPart) -> None:
    """A reference through several sheets means the same cells on each, so it can't follow on one."""
    titles = [s.title.lower() for s in book.sheets]
    here = titles.index(sheet.title.lower())
    for other in book.grids:
        if b"!" not in book.parts[other.part]:
            continue
        for formula in book.tree(other.part).iter(f"{book.names}f"):
            for found in _SEVERAL_SHEETS.findall(str(formula.text or "")):
                first, _, last = found.strip("'").replace("''", "'").lower().partition(":")
                if first in titles and last in titles and titles.index(first) <= here <= titles.index(last):
                    raise ToolFailed(
                        f"{other.title}!{formula.getparent().get('r')} refers to several sheets at once ({found}), so "
                        "it wouldn't follow. Change it first."
                    )


def _filters(book: BookParts, sheet: SheetPart, span: RowOrColumnSpan) -> None:
    if span.rows:
        return
    for found in book.tree(sheet.part).iter(f"{book.names}autoFilter"):
        active = any(local(e) == "filterColumn" for e in found)
        if active and _cuts(str(found.get("ref") or ""), span):
            raise ToolFailed(f"A filter is set on those columns of {sheet.title!r}. Clear it first.")


def _edges(ref: str, span: RowOrColumnSpan) -> tuple[int, int]:
    """Returns the first and last row or column of a range."""
    box: tuple[Any, ...] = range_boundaries(ref)
    left, top, right, bottom = (int(edge or 1) for edge in box)
    return (top, bottom) if span.rows else (left, right)


def _cuts(ref: str, span: RowOrColumnSpan, *, whole: bool = False) -> bool:
    """Returns whether the rows or columns go through the range; with `whole`, deleting all of it doesn't count."""
    if not ref:
        return False
    first, last = _edges(ref, span)
    if not span.gone:
        return first < span.at <= last
    end = span.at + span.many
    return first < end and span.at <= last and not (whole and span.at <= first and last < end)
