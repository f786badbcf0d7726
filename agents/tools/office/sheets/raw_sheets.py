"""Adds sheets to a workbook's parts: empty ones, and ones that openpyxl made."""

import re
from collections.abc import Iterable
from typing import Any

from agents.tools.office import xml
from agents.tools.office.drawing_text import local
from agents.tools.office.sheets import raw_references, rewrite_cell_references
from agents.tools.office.sheets.book_parts import BookParts, SheetPart, child, relation_key
from agents.tools.office.sheets.book_styles import BookStyles
from agents.tools.office.sheets.raw_views import position

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_OPEN = b"http://schemas.openxmlformats.org/"
_STRICT = b"http://purl.oclc.org/ooxml/"
_NAMED_STRICTLY = re.compile(
    _OPEN + rb"(officeDocument|spreadsheetml|drawingml)/2006/(?=relationships|main|chart|spreadsheetDrawing)"
)
_LINKS = "_rels/"
_OF_A_SHEET = ("drawing", "comments", "vmlDrawing", "table", "chart", "image")
"""What belongs to one sheet and goes with it."""


def add_sheet(book: BookParts, title: str) -> SheetPart:
    """Adds an empty sheet behind the others."""
    part = book.free("xl/worksheets/sheet{}.xml")
    book.put(part, f'<worksheet xmlns="{book.names.strip("{}")}"><sheetData/></worksheet>'.encode())
    book.declare(part, _TYPE)
    key = book.link(book.main, "worksheet", part)
    listed = child(book.changing(book.main), "sheets")
    number = max((int(s.get("sheetId") or 0) for s in listed), default=0) + 1
    entry = listed.makeelement(f"{book.names}sheet", {"name": title, "sheetId": str(number)})
    entry.set(f"{{{book.relations}}}id", key)
    listed.append(entry)
    return SheetPart(title, part, "worksheet")


def graft(book: BookParts, made: bytes, titles: Iterable[str]) -> None:
    """Puts these sheets of another workbook into this one, with their charts, tables and comments, in the place of
    sheets with their names."""
    theirs = BookParts(made, book.path)
    styles = BookStyles(book)
    sheet_styles = next(r.target for r in theirs.links(theirs.main) if r.kind == "styles")
    looks: dict[tuple[str, int], int] = {}
    for title in titles:
        source = theirs.sheet(title)
        if source is None:
            continue
        target = book.sheet(title)
        if target is None:
            target = add_sheet(book, title)
        else:
            clear(book, target.part)
            for link in book.links(target.part):
                book.unlink(target.part, link.id)
        tree = theirs.tree(source.part)
        _restyle(tree, theirs.tree(sheet_styles), styles, looks)
        for view in tree.iter(f"{theirs.names}sheetView"):
            view.attrib.pop("tabSelected", None)
        book.put(target.part, _spelled(book, xml.written(tree)))
        _copy_links(book, theirs, source.part, target.part, {})
        _copy_names(book, theirs, title)


def rename(book: BookParts, sheet: SheetPart, to: str) -> None:
    """Renames the sheet; formulas, names, charts and links follow."""
    raw_references.rewrite(book, rewrite_cell_references.renamed(sheet.title, to))
    for entry in book.changing(book.main).iter(f"{book.names}sheet"):
        if entry.get("name") == sheet.title:
            entry.set("name", to)
    for part in [n for n in book.parts if "pivotCacheDefinition" in n and n.endswith(".xml")]:
        for source in book.tree(part).iter(f"{book.names}worksheetSource"):
            if source.get("sheet") == sheet.title:
                book.changing(part)
                source.set("sheet", to)


def move(book: BookParts, sheet: SheetPart, place: int) -> None:
    """Puts the sheet at this place, counted from 0; names that one sheet knows follow their sheets."""
    listed = child(book.changing(book.main), "sheets")
    old = [str(e.get("name")) for e in listed]
    entry = listed[position(book, sheet.title)]
    listed.remove(entry)
    listed.insert(min(place, len(old) - 1), entry)
    _renumber(book, old)


def delete(book: BookParts, sheet: SheetPart) -> None:
    """Removes the sheet with what belongs to it."""
    listed = child(book.changing(book.main), "sheets")
    old = [str(e.get("name")) for e in listed]
    entry = listed[position(book, sheet.title)]
    book.unlink(book.main, relation_key(entry))
    listed.remove(entry)
    clear(book, sheet.part)
    book.remove(sheet.part)
    _renumber(book, old)


def _renumber(book: BookParts, old: list[str]) -> None:
    """Lets what counts sheets mean the same ones as in the `old` order."""
    new = {str(e.get("name")): n for n, e in enumerate(book.book.iter(f"{book.names}sheet"))}
    for entry in list(book.book.iter(f"{book.names}definedName")):
        if (key := entry.get("localSheetId")) is not None:
            title = old[int(key)]
            entry.set("localSheetId", str(new[title])) if title in new else entry.getparent().remove(entry)
    for view in book.book.iter(f"{book.names}workbookView"):
        for key in ("activeTab", "firstSheet"):
            if (n := str(view.get(key) or "")).isdigit() and int(n) < len(old):
                view.set(key, str(new.get(old[int(n)], 0)))


def clear(book: BookParts, part: str) -> None:
    """Removes what belongs to the sheet, with its relations; the sheet itself stays."""
    for link in book.links(part):
        if not link.external and link.kind in _OF_A_SHEET and book.has(link.target):
            book.unlink(part, link.id)
            if not _linked(book, link.target):
                clear(book, link.target)
                book.remove(link.target)


def _linked(book: BookParts, part: str) -> bool:
    owners = (n.replace(_LINKS, "").removesuffix(".rels") for n in list(book.parts) if n.endswith(".rels"))
    return any(link.target == part for owner in owners for link in book.links(owner))


def _restyle(tree: Any, theirs: Any, styles: BookStyles, looks: dict[tuple[str, int], int]) -> None:
    """Turns their numbers of styles into ours."""
    for element in tree.iter():
        kind = local(element)
        key = {"c": "s", "row": "s", "col": "style"}.get(kind)
        if key and element.get(key):
            number = int(element.get(key))
            if (key, number) not in looks:
                looks["s", number] = looks["style", number] = styles.adopted(theirs, number)
            element.set(key, str(looks[key, number]))
        elif kind == "cfRule" and element.get("dxfId"):
            number = int(element.get("dxfId"))
            if ("dxf", number) not in looks:
                space = str(theirs.tag).rpartition("}")[0] + "}"
                looks["dxf", number] = styles.rule_look(theirs.find(f"{space}dxfs")[number])
            element.set("dxfId", str(looks["dxf", number]))


def _copy_links(book: BookParts, theirs: BookParts, source: str, target: str, copied: dict[str, str]) -> None:
    for link in theirs.links(source):
        if link.external:
            key = book.link(target, link.kind, link.target, external=True)
        elif theirs.has(link.target):
            key = book.link(target, link.kind, _copied(book, theirs, link.target, copied))
        else:
            continue
        if key != link.id:
            book.rename_link(target, key, link.id)


def _copied(book: BookParts, theirs: BookParts, part: str, copied: dict[str, str]) -> str:
    """Copies a part and what it points to; returns its name here."""
    if part not in copied:
        stem, dot, suffix = part.rpartition(".")
        name = book.free(f"{stem.rstrip('0123456789')}{{}}{dot}{suffix}")
        copied[part] = name
        book.put(name, _spelled(book, _numbered(book, part, theirs.parts[part])))
        book.declare(name, theirs.declared(part))
        _copy_links(book, theirs, part, name, copied)
    return copied[part]


def _numbered(book: BookParts, part: str, content: bytes) -> bytes:
    """Gives a table a number that no other table has."""
    if "/tables/" not in part:
        return content
    tables = [n for n in book.parts if "/tables/table" in n and n.endswith(".xml")]
    known = [str(book.tree(n).get("id") or "") for n in tables]
    tree = xml.parsed(content)
    tree.set("id", str(max((int(k) for k in known if k.isdigit()), default=0) + 1))
    return xml.written(tree)


def _copy_names(book: BookParts, theirs: BookParts, title: str) -> None:
    """Copies the names that only this sheet knows, such as its print titles."""
    here, there = (position(b, title) for b in (book, theirs))
    wanted = [e for e in theirs.book.iter(f"{theirs.names}definedName") if e.get("localSheetId") == str(there)]
    old = [e for e in book.book.iter(f"{book.names}definedName") if e.get("localSheetId") == str(here)]
    if not wanted and not old:
        return
    listed = child(book.changing(book.main), "definedNames")
    for entry in old:
        listed.remove(entry)
    for entry in wanted:
        made = listed.makeelement(f"{book.names}definedName", dict(entry.attrib) | {"localSheetId": str(here)})
        made.text = entry.text
        listed.append(made)


def _spelled(book: BookParts, content: bytes) -> bytes:
    """Returns the part with the namespaces of this workbook."""
    return _NAMED_STRICTLY.sub(_STRICT + rb"\1/", content) if book.strict else content
