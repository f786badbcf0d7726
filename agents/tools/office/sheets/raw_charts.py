"""Adds a chart that openpyxl made to a worksheet's part, beside the drawings that are there."""

from typing import Any

from agents.tools.office import xml
from agents.tools.office.drawing_text import local
from agents.tools.office.sheets.book_parts import BookParts, SheetPart, child, relation_key
from orchestrator.errors import ToolFailed

_CHART = "application/vnd.openxmlformats-officedocument.drawingml.chart+xml"
_DRAWING = "application/vnd.openxmlformats-officedocument.drawing+xml"
_EMPTY = b'<xdr:wsDr xmlns:xdr="http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing"/>'


def add_chart(book: BookParts, sheet: SheetPart, made: bytes, title: str) -> None:
    """Adds the only chart on the sheet of that name in the workbook `made`, in the place of one with its title."""
    if book.strict:
        raise ToolFailed(f"{book.path!r} is in strict Open XML, which no chart can be added to. Use a new file.")
    theirs = BookParts(made, book.path)
    source = next(k.target for k in theirs.links(_sheet(theirs, sheet).part) if k.kind == "drawing")
    chart = next(k.target for k in theirs.links(source) if k.kind == "chart")
    (anchor,) = xml.parsed(xml.written(theirs.tree(source)))
    part = _drawing(book, sheet)
    drawing = book.changing(part)
    _remove_same(book, part, drawing, title)
    new = book.free("xl/charts/chart{}.xml")
    book.put(new, theirs.parts[chart])
    book.declare(new, _CHART)
    key = book.link(part, "chart", new)
    for element in anchor.iter():
        if local(element) == "chart":
            element.set(f"{{{theirs.relations}}}id", key)
        elif local(element) == "cNvPr":
            numbers = [int(n) for e in drawing.iter() if local(e) == "cNvPr" and (n := str(e.get("id"))).isdigit()]
            element.set("id", str(max(numbers, default=1) + 1))
    drawing.append(anchor)


def _sheet(book: BookParts, sheet: SheetPart) -> SheetPart:
    return next(s for s in book.grids if s.title == sheet.title)


def _drawing(book: BookParts, sheet: SheetPart) -> str:
    """Returns the part with the sheet's drawings; created if it has none."""
    known = next((k.target for k in book.links(sheet.part) if k.kind == "drawing" and book.has(k.target)), "")
    if known:
        return book.name(known)
    part = book.free("xl/drawings/drawing{}.xml")
    book.put(part, _EMPTY)
    book.declare(part, _DRAWING)
    child(book.changing(sheet.part), "drawing").set(f"{{{book.relations}}}id", book.link(sheet.part, "drawing", part))
    return part


def _remove_same(book: BookParts, part: str, drawing: Any, title: str) -> None:
    targets = {k.id: k.target for k in book.links(part) if k.kind == "chart" and book.has(k.target)}
    for anchor in list(drawing):
        keys = [relation_key(e) for e in anchor.iter() if local(e) == "chart"]
        if len(keys) == 1 and keys[0] in targets and _title(book.tree(targets[keys[0]])) == title:
            drawing.remove(anchor)
            book.unlink(part, keys[0])
            book.remove(targets[keys[0]])


def _title(chart: Any) -> str:
    found = next((e for e in chart.iter() if local(e) == "title"), None)
    return "".join(e.text or "" for e in found.iter() if local(e) == "t") if found is not None else ""
