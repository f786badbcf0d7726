"""Writes notes into a workbook's parts: the text, and the box that Excel shows."""

from typing import Any

from agents.tools.office import xml
from agents.tools.office.sheets.book_parts import BookParts, SheetPart, child
from agents.tools.office.sheets.cell_storage import address
from orchestrator.errors import ToolFailed

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWN = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_AUTHOR = "agent"
_BOXES = (
    b'<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    b'xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shapetype id="_x0000_t202" coordsize="21600,21600" '
    b'o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    b'<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype></xml>'
)
_BOX = (
    '<v:shape xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel" id="_x0000_s{number}" type="#_x0000_t202" '
    'style="position:absolute;width:210pt;height:90pt;z-index:1;visibility:hidden" fillcolor="#ffffe1" '
    'o:insetmode="auto"><v:fill color2="#ffffe1"/><v:shadow color="black" obscured="t"/>'
    '<v:path o:connecttype="none"/><v:textbox/><x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)
_EXCEL = "{urn:schemas-microsoft-com:office:excel}"


def write_note(book: BookParts, sheet: SheetPart, cell: str, text: str) -> None:
    """Gives the cell this note, or removes its note if the text is empty. Raises ToolFailed for a discussion."""
    if any(k.kind == "threadedComment" and f'ref="{cell}"'.encode() in _bytes(book, k.target)
           for k in book.links(sheet.part)):  # fmt: skip
        raise ToolFailed(f"{cell} has a discussion between people. Write the note on another cell.")
    part = next((k.target for k in book.links(sheet.part) if k.kind == "comments" and book.has(k.target)), "")
    if not part and not text:
        return
    notes = _list(book, book.changing(part or _added(book, sheet)))
    for old in [e for e in notes if e.get("ref") == cell]:
        notes.remove(old)
    boxes, row, column = _boxes(book, sheet), *address(cell)
    for box in [b for b in boxes if _place(b) == (row - 1, column - 1)]:
        boxes.remove(box)
    if not text:
        return
    made = notes.makeelement(f"{book.names}comment", {"ref": cell, "authorId": _author(book, notes.getparent())})
    words = made.makeelement(f"{book.names}text", {})
    made.append(words)
    xml.add(words, f"{book.names}t", text)
    after = next((e for e in notes if address(str(e.get("ref"))) > (row, column)), None)
    notes.append(made) if after is None else after.addprevious(made)
    numbers = [int(n) for b in boxes if (n := str(b.get("id") or "").rpartition("_s")[2]).isdigit()]
    boxes.append(
        xml.parsed(_BOX.format(number=max(numbers, default=1024) + 1, row=row - 1, column=column - 1).encode())
    )


def _bytes(book: BookParts, name: str) -> bytes:
    return book.parts[book.name(name)] if book.has(name) else b""


def _added(book: BookParts, sheet: SheetPart) -> str:
    part = book.free("xl/comments{}.xml")
    space = book.names.strip("{}")
    book.put(part, f'<comments xmlns="{space}"><authors/><commentList/></comments>'.encode())
    book.declare(part, _TYPE)
    book.link(sheet.part, "comments", part)
    return part


def _list(book: BookParts, tree: Any) -> Any:
    found = tree.find(f"{book.names}commentList")
    if found is None:
        found = tree.makeelement(f"{book.names}commentList", {})
        tree.append(found)
    return found


def _author(book: BookParts, tree: Any) -> str:
    """Returns our number among the authors."""
    authors = tree.find(f"{book.names}authors")
    names = [str(a.text or "") for a in authors]
    if _AUTHOR not in names:
        xml.add(authors, f"{book.names}author", _AUTHOR)
        names.append(_AUTHOR)
    return str(names.index(_AUTHOR))


def _boxes(book: BookParts, sheet: SheetPart) -> Any:
    """Returns the drawing of the sheet's notes; created if it has none."""
    tree = book.changing(sheet.part)
    part = next(
        (k.target for k in book.links(sheet.part) if k.kind == "vmlDrawing" and _is_legacy(tree, book, k.id)), ""
    )
    if not part or not book.has(part):
        part = book.free("xl/drawings/vmlDrawing{}.vml")
        book.put(part, _BOXES)
        book.declare(part, _DRAWN)
        child(tree, "legacyDrawing").set(f"{{{book.relations}}}id", book.link(sheet.part, "vmlDrawing", part))
    return book.changing(part)


def _is_legacy(tree: Any, book: BookParts, key: str) -> bool:
    """Returns whether this drawing holds notes; another one may hold a header's pictures."""
    element = tree.find(f"{book.names}legacyDrawing")
    return element is not None and key in element.attrib.values()


def _place(box: Any) -> tuple[int, int] | None:
    """Returns the row and column, from 0, of the note that a box shows."""
    row, column = (next((str(e.text) for e in box.iter(f"{_EXCEL}{name}")), "") for name in ("Row", "Column"))
    return (int(row), int(column)) if row.isdigit() and column.isdigit() else None
