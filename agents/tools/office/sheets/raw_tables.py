"""Adds Excel tables to a workbook's parts."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from openpyxl.worksheet.cell_range import CellRange

from agents.tools.office import xml
from agents.tools.office.sheets.book_parts import BookParts, SheetPart, child
from orchestrator.errors import ToolFailed

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.table+xml"


class _Known(NamedTuple):
    sheet: str
    link: str
    part: str
    table: Any


def put_table(book: BookParts, sheet: SheetPart, made: bytes) -> None:
    """Adds this table's part, in the place of one with its name. Raises ToolFailed if name or cells are taken."""
    tree = xml.parsed(made.replace(_space(made), book.names.strip("{}").encode()))
    name, area = str(tree.get("displayName")), CellRange(tree.get("ref"))
    known = list(_tables(book))
    names = {str(e.get("name")).lower() for e in book.book.iter(f"{book.names}definedName")}
    same = [t for t in known if _name(t) == name.lower()]
    if name.lower() in names or any(t.sheet != sheet.title for t in same):
        raise ToolFailed(f"The name {name!r} is taken in this workbook. Use another one.")
    for other in (t for t in known if t.sheet == sheet.title and t not in same):
        if not area.isdisjoint(CellRange(other.table.get("ref"))):
            taken = str(other.table.get("displayName"))
            raise ToolFailed(f"{area.coord!r} overlaps the table {taken!r}. Use another range.")
    numbers = [int(n) for t in known if t not in same and (n := str(t.table.get("id"))).isdigit()]
    tree.set("id", str(max(numbers, default=0) + 1))
    filtered = book.tree(sheet.part).find(f"{book.names}autoFilter")
    if filtered is not None and not area.isdisjoint(CellRange(str(filtered.get("ref")).replace("$", ""))):
        for own in tree.findall(f"{book.names}autoFilter"):
            tree.remove(own)  # Excel allows one filter per cell, and the person's stays
    for old in same:
        _remove(book, sheet, old)
    part = book.free("xl/tables/table{}.xml")
    book.put(part, xml.written(tree))
    book.declare(part, _TYPE)
    listed = child(book.changing(sheet.part), "tableParts")
    entry = listed.makeelement(f"{book.names}tablePart", {})
    entry.set(f"{{{book.relations}}}id", book.link(sheet.part, "table", part))
    listed.append(entry)
    listed.set("count", str(len(listed)))


def _tables(book: BookParts) -> Iterator[_Known]:
    for sheet in book.grids:
        for link in book.links(sheet.part):
            if link.kind == "table" and book.has(link.target):
                yield _Known(sheet.title, link.id, link.target, book.tree(link.target))


def _name(known: _Known) -> str:
    return str(known.table.get("displayName") or known.table.get("name") or "").lower()


def _remove(book: BookParts, sheet: SheetPart, old: _Known) -> None:
    listed = child(book.changing(sheet.part), "tableParts")
    for entry in [e for e in listed if old.link in e.attrib.values()]:
        listed.remove(entry)
    book.unlink(sheet.part, old.link)
    book.remove(old.part)


def _space(content: bytes) -> bytes:
    return str(xml.parsed(content).tag).rpartition("}")[0].lstrip("{").encode()
