"""Moves what is around a sheet's cells when rows or columns move: rules, links, notes, drawings, tables, views."""

from collections.abc import Callable
from typing import Any

from agents.tools.office.drawing_text import local
from agents.tools.office.sheets import rewrite_cell_references
from agents.tools.office.sheets.book_parts import BookParts, SheetPart
from agents.tools.office.sheets.rewrite_cell_references import Move, RowOrColumnSpan

_AREAS = {"ref", "sqref"}
_CELLS = {"activeCell", "topLeftCell"}
_SINGLE = {"inputCells", "cellWatch", "cellSmartTags", "singleXmlCell"}
"""Elements whose `r` is a cell."""
_OF_CELLS = {"row", "c", "v", "is", "t"}
_VIEWS = {"selection", "pane", "sheetView", "customSheetView", "dimension"}
"""Elements that stay where their cells go."""
_COUNTED = {"mergeCells", "dataValidations", "hyperlinks", "protectedRanges", "ignoredErrors", "cellWatches",
            "rowBreaks", "colBreaks", "conditionalFormattings", "sparklines", "sparklineGroup", "sparklineGroups",
            "smartTags", "ext", "extLst"}  # fmt: skip
"""Lists that may not be empty, each after what holds it."""


def follow(book: BookParts, sheet: SheetPart, span: RowOrColumnSpan, move: Move) -> None:
    """Moves everything of the sheet but its cells and formulas."""
    tree = book.changing(sheet.part)
    _attributes(tree, span, move)
    _breaks(tree, span)
    _panes(tree, span)
    _anchors(tree, span)
    _empty(tree)
    for link in book.links(sheet.part):
        known = _PARTS.get(link.kind)
        if known is not None and not link.external and book.has(link.target):
            known(book.changing(link.target), span, move)
    for part in [n for n in book.parts if "pivotCacheDefinition" in n and n.endswith(".xml")]:
        for source in book.tree(part).iter(f"{book.names}worksheetSource"):
            new = rewrite_cell_references.cells_of(str(source.get("ref") or ""), sheet.title, move)
            if str(source.get("sheet") or "").lower() == sheet.title.lower() and new and new != source.get("ref"):
                book.changing(part)
                source.set("ref", new)


def _attributes(tree: Any, span: RowOrColumnSpan, move: Move) -> None:
    """Moves the ranges that elements have as attributes, or as text in newer ones; what is left with none goes."""
    for element in [e for e in tree.iter() if isinstance(e.tag, str) and local(e) not in _OF_CELLS]:
        name = local(element)
        keys = (_AREAS | _CELLS | ({"r"} if name in _SINGLE else set[str]())) & set(element.attrib)
        if name == "f":
            keys = {k for k in ("ref", "r1", "r2") if element.get(k)}
        if name == "dataRef" and str(element.get("sheet") or "").lower() not in ("", span.sheet.lower()):
            continue
        for key in keys:
            _area(element, str(element.get(key)), lambda new, e=element, k=key: e.set(k, new), span, move)
        if name == "sqref" and element.text:
            _area(element, str(element.text), lambda new, e=element: setattr(e, "text", new), span, move)


def _area(element: Any, text: str, put: Callable[[str], None], span: RowOrColumnSpan, move: Move) -> None:
    new = " ".join(area for one in text.split() if (area := rewrite_cell_references.cells_of(one, span.sheet, move)))
    if local(element) == "mergeCell" and ":" in new and len(set(new.split(":"))) == 1:
        new = ""
    if new:
        put(new) if new != text else None
    elif local(element) in _VIEWS:
        put(_nearest(text, span))
    else:
        _drop(element)


def _nearest(text: str, span: RowOrColumnSpan) -> str:
    """Returns the cell that takes the place of a deleted one."""
    cell = text.split()[0].partition(":")[0].replace("$", "")
    letters = cell.rstrip("0123456789")
    return f"{letters}{max(1, span.at)}" if span.rows else f"{_letter(span.at)}{cell[len(letters) :]}"


def _letter(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters or "A"


def _drop(element: Any) -> None:
    """Removes an element whose cells are gone; of a newer rule, the rule with it."""
    target = element.getparent() if local(element) == "sqref" else element
    if target is not None and target.getparent() is not None:
        target.getparent().remove(target)


def _empty(tree: Any) -> None:
    """Removes lists of which nothing is left, and counts the others."""
    for element in reversed([e for e in tree.iter() if local(e) in _COUNTED]):
        parent = element.getparent()
        if not len(element) and parent is not None:
            parent.remove(element)
        elif element.get("count"):
            element.set("count", str(len(element)))


def _breaks(tree: Any, span: RowOrColumnSpan) -> None:
    """Moves page breaks, which come after the row or column of their number."""
    for listed in [e for e in tree.iter() if local(e) == ("rowBreaks" if span.rows else "colBreaks")]:
        for each in list(listed):
            number = int(each.get("id") or 0)
            if span.gone and span.at <= number < span.at + span.many:
                listed.remove(each)
            elif number >= span.at:
                each.set("id", str(number - span.many if span.gone else number + span.many))
        for key in ("count", "manualBreakCount"):
            if listed.get(key):
                listed.set(key, str(len(listed)))


def _panes(tree: Any, span: RowOrColumnSpan) -> None:
    """Keeps the same rows or columns frozen."""
    key = "ySplit" if span.rows else "xSplit"
    for pane in [e for e in tree.iter() if local(e) == "pane" and e.get("state") in ("frozen", "frozenSplit")]:
        split = str(pane.get(key) or "")
        if not split.isdigit() or span.at > int(split):
            continue
        last = min(span.at + span.many - 1, int(split))
        new = int(split) - (last - span.at + 1) if span.gone else int(split) + span.many
        pane.set(key, str(max(1, new)))


def _anchors(tree: Any, span: RowOrColumnSpan) -> None:
    """Moves the corners of drawings and controls; those that don't move with cells stay."""
    name = "row" if span.rows else "col"
    for corner in [e for e in tree.iter() if local(e) in ("from", "to")]:
        holder = corner.getparent()
        fixed = holder.get("editAs") == "absolute" or (local(holder) == "anchor" and not holder.get("moveWithCells"))
        here = next((e for e in corner if local(e) == name), None)
        if fixed or here is None or not str(here.text or "").strip().isdigit():
            continue
        if local(corner) == "to" and holder.get("editAs") == "oneCell":
            continue
        before = int(here.text)
        here.text = str(_index(before, span))
        end = next((e for e in holder if local(e) == "to"), None) if holder.get("editAs") == "oneCell" else None
        other = next((e for e in end if local(e) == name), None) if end is not None else None
        if other is not None and str(other.text or "").strip().isdigit():
            other.text = str(int(other.text) + int(here.text) - before)


def _index(number: int, span: RowOrColumnSpan) -> int:
    """Returns where a row or column, counted from 0, is afterward; a deleted one is where its successor comes."""
    if number + 1 < span.at:
        return number
    return max(span.at - 1, number - span.many) if span.gone else number + span.many


def _notes(tree: Any, span: RowOrColumnSpan, move: Move) -> None:
    for note in [e for e in tree.iter() if local(e) in ("comment", "threadedComment")]:
        new = rewrite_cell_references.cells_of(str(note.get("ref") or ""), span.sheet, move)
        if new is None:
            note.getparent().remove(note)
        elif new != note.get("ref"):
            note.set("ref", new)


def _boxes(tree: Any, span: RowOrColumnSpan, move: Move) -> None:
    """Moves the boxes of notes and controls; those of deleted cells go with their notes."""
    name, edges = ("Row", (2, 6)) if span.rows else ("Column", (0, 4))
    for data in [e for e in tree.iter() if local(e) == "ClientData"]:
        place = next((e for e in data if local(e) == name), None)
        anchor = next((e for e in data if local(e) == "Anchor"), None)
        if place is not None and data.get("ObjectType") == "Note" and str(place.text or "").strip().isdigit():
            if span.gone and span.at <= int(place.text) + 1 < span.at + span.many:
                _drop(data.getparent())
                continue
            place.text = str(_index(int(place.text), span))
        numbers = [n.strip() for n in str(anchor.text or "").split(",")] if anchor is not None else []
        if anchor is not None and len(numbers) == 8 and all(n.lstrip("-").isdigit() for n in numbers):
            by = _index(int(numbers[edges[0]]), span) - int(numbers[edges[0]])
            for n in edges:
                numbers[n] = str(int(numbers[n]) + by)
            anchor.text = ", ".join(numbers)


def _pivot(tree: Any, span: RowOrColumnSpan, move: Move) -> None:
    """Moves the table's place; ranges inside it count from there."""
    for place in [e for e in tree if local(e) == "location"]:
        place.set(
            "ref",
            rewrite_cell_references.cells_of(str(place.get("ref") or ""), span.sheet, move) or str(place.get("ref")),
        )


def _drawn(tree: Any, span: RowOrColumnSpan, move: Move) -> None:
    _anchors(tree, span)


_PARTS: dict[str, Callable[[Any, RowOrColumnSpan, Move], None]] = {
    "comments": _notes,
    "threadedComment": _notes,
    "vmlDrawing": _boxes,
    "drawing": _drawn,
    "table": _attributes,
    "pivotTable": _pivot,
    "tableSingleCells": _attributes,
}
