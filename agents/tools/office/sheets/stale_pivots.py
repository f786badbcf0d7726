"""Says which pivot tables show old figures after a change of their cells: only Excel refreshes them."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from openpyxl.utils import column_index_from_string, range_boundaries

from agents.tools.office.drawing_text import local
from agents.tools.office.sheets.book_parts import BookParts, SheetPart
from agents.tools.office.sheets.sheet_rows import CellArea

_TALLEST, _WIDEST = 1_048_576, 16_384


class _Source(NamedTuple):
    """The cells that a pivot table is made of."""

    sheet: str
    left: int
    top: int
    right: int
    bottom: int


def stale_pivots(book: BookParts, sheet: str, written: CellArea) -> str:
    """Returns a sentence about the pivot tables that are made of cells in that area, or of formulas that rest on them
    and have lost their values; empty if there are none."""
    stale, short = list[str](), list[str]()
    for name, source in _pivots(book):
        if source.sheet.lower() == sheet.lower() and _meet(source, written):
            stale.append(name)
        elif source.sheet.lower() == sheet.lower() and _below(source, written):
            short.append(name)
        elif _lacks_values(book, source):
            stale.append(name)
    said = list[str]()
    if stale:
        said.append(f"Pivot table {', '.join(dict.fromkeys(stale))} shows the old figures until Excel refreshes it.")
    if short:
        said.append(
            f"Pivot table {', '.join(dict.fromkeys(short))} doesn't include the rows added below its source; widen it "
            "in Excel (Change Data Source)."
        )
    return " ".join(said)


def _pivots(book: BookParts) -> Iterator[tuple[str, _Source]]:
    for sheet in book.grids:
        for link in book.links(sheet.part):
            if link.kind != "pivotTable" or not book.has(link.target):
                continue
            place = book.tree(link.target).find(f"{book.names}location")
            name = f"{sheet.title}!{'' if place is None else place.get('ref')}"
            for cache in book.links(book.name(link.target)):
                if cache.kind == "pivotCacheDefinition" and book.has(cache.target):
                    yield from ((name, source) for source in _sources(book, sheet, book.tree(cache.target)))


def _sources(book: BookParts, home: SheetPart, cache: Any) -> Iterator[_Source]:
    """Yields them: one range, a named one, a table, or several ranges that are consolidated."""
    for one in cache.iter(f"{book.names}worksheetSource", f"{book.names}rangeSet"):
        sheet, ref = str(one.get("sheet") or home.title), str(one.get("ref") or "")
        if one.get("name"):
            sheet, ref = _named(book, str(one.get("name")))
        if found := _area(ref):
            yield _Source(sheet, *found)


def _named(book: BookParts, name: str) -> tuple[str, str]:
    for entry in book.book.iter(f"{book.names}definedName"):
        if str(entry.get("name")).lower() == name.lower():
            sheet, _, ref = str(entry.text or "").rpartition("!")
            return sheet.strip("'").replace("''", "'"), ref
    for sheet in book.grids:
        for link in book.links(sheet.part):
            if link.kind == "table" and book.has(link.target):
                table = book.tree(link.target)
                if name.lower() in (str(table.get("name")).lower(), str(table.get("displayName")).lower()):
                    return sheet.title, str(table.get("ref") or "")
    return "", ""


def _area(ref: str) -> tuple[int, int, int, int] | None:
    try:
        left, top, right, bottom = range_boundaries(ref.replace("$", ""))
    except (ValueError, TypeError):
        return None
    return left or 1, top or 1, right or _WIDEST, bottom or _TALLEST


def _meet(source: _Source, written: CellArea) -> bool:
    return (
        source.left <= (written.right or _WIDEST)
        and written.left <= source.right
        and source.top <= (written.bottom or _TALLEST)
        and written.top <= source.bottom
    )


def _below(source: _Source, written: CellArea) -> bool:
    return written.top == source.bottom + 1 and _meet(source, written._replace(top=source.bottom))


def _lacks_values(book: BookParts, source: _Source) -> bool:
    sheet = book.sheet(source.sheet)
    if sheet is None:
        return False
    for formula in book.tree(sheet.part).iter(f"{book.names}f"):
        cell = formula.getparent()
        place = str(cell.get("r") or "")
        row, letters = "".join(filter(str.isdigit, place)), "".join(filter(str.isalpha, place))
        if row and letters and not any(local(part) == "v" for part in cell):
            column = column_index_from_string(letters)
            if source.left <= column <= source.right and source.top <= int(row) <= source.bottom:
                return True
    return False
