"""Reads what a sheet says beside its cells: comments, text boxes, charts, pictures, headers and footers."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from openpyxl.utils import get_column_letter

from agents.tools.office import xml
from agents.tools.office.drawing_text import descendants, graphic_lines, local, paragraphs
from agents.tools.office.sheets.xlsx_reader import ListedSheet, XlsxReader, rich_text

_CODES = re.compile(r'&"[^"]*"|&K[0-9A-Fa-f]{6}|&K\d\d[+-]\d{3}|&\d+|&[BIUESXYOH]')
_FIELDS = {"&P": "[page]", "&N": "[pages]", "&D": "[date]", "&T": "[time]", "&F": "[file]", "&A": "[sheet]",
           "&Z": "[folder]", "&G": "[picture]", "&L": " ", "&C": " | ", "&R": " | "}  # fmt: skip
_LINK = re.compile(rb"<(?:\w+:)?hyperlink\b[^>]*>")
_ATTRIBUTE = re.compile(rb"\b(?:\w+:)?(ref|id)=[\"']([^\"']*)[\"']")
_MOST_LINKS = 60
_HEADED = re.compile(rb"<(?:\w+:)?headerFooter\b.*?</(?:\w+:)?headerFooter>", re.DOTALL)


def beside(book: XlsxReader, sheet: ListedSheet, tail: bytes) -> Iterator[str]:
    """Yields lines with their cells; `tail` is the sheet's XML after its cells."""
    package = book.package
    if not sheet.part:
        return
    if sheet.kind and (tree := package.tree(sheet.part)) is not None:
        tail = xml.written(tree)
    replied = {r.target for r in package.related(sheet.part, "threadedComment")}
    for part in replied:
        yield from _threads(book, part)
    for relation in package.related(sheet.part, "comments"):
        yield from _notes(package.tree(relation.target), skip_copies=bool(replied))
    for relation in package.related(sheet.part, "drawing"):
        yield from _drawn(book, relation.target)
    for relation in package.related(sheet.part, "vmlDrawing", "legacyDrawing"):
        yield from _forms(package.tree(relation.target))
    for relation in package.related(sheet.part, "oleObject", "package"):
        yield f"[embedded file {relation.target.rpartition('/')[2]}]"
    for relation in package.related(sheet.part, "pivotTable"):
        yield from _pivot(book, relation.target)
    yield from _links(book, sheet.part, tail)
    yield from _headers(tail)


def _pivot(book: XlsxReader, part: str) -> Iterator[str]:
    """Yields what a pivot table is made of; only Excel refreshes its cells."""
    tree = book.package.tree(part)
    place = next(tree.iter("{*}location"), None) if tree is not None else None
    if place is None:
        return
    caches = (book.package.tree(r.target) for r in book.package.related(part, "pivotCacheDefinition"))
    sources = [s for cache in caches if cache is not None for s in cache.iter("{*}worksheetSource")]
    of = next((s.get("name") or f"{s.get('sheet')}!{s.get('ref')}" for s in sources), "another source")
    yield f"[pivot table at {place.get('ref')}] of {of}; it shows changes there only after Excel has refreshed it"


def _links(book: XlsxReader, part: str, tail: bytes) -> Iterator[str]:
    """Yields the addresses of linked cells."""
    for n, mark in enumerate(_LINK.findall(tail)):
        found = {name.decode(): value.decode("utf-8", "replace") for name, value in _ATTRIBUTE.findall(mark)}
        relation = book.package.relation(part, found.get("id", ""))
        if n == _MOST_LINKS:
            yield "[more links aren't shown]"
            return
        if relation and relation.external and found.get("ref"):
            yield f"[link at {found['ref']}] {relation.target}"


def _notes(tree: Any, *, skip_copies: bool) -> Iterator[str]:
    authors = [str(a.text or "").strip() for a in tree.iter("{*}author")] if tree is not None else []
    for note in tree.iter("{*}comment") if tree is not None else ():
        body = next((e for e in note if local(e) == "text"), None)
        text = " ".join(rich_text(body).split()) if body is not None else ""
        number = str(note.get("authorId") or "")
        by = authors[int(number)] if number.isdigit() and int(number) < len(authors) else ""
        if text and not (skip_copies and by.startswith("tc=")):
            by = "" if by.startswith("tc=") or text.startswith(by) else by
            yield f"[note at {note.get('ref')}{f' by {by}' if by else ''}] {text}"


def _threads(book: XlsxReader, part: str) -> Iterator[str]:
    people: dict[str, str] = {}
    for relation in book.package.related(book.main, "person"):
        tree = book.package.tree(relation.target)
        people |= (
            {str(p.get("id")): str(p.get("displayName")) for p in tree.iter("{*}person")} if tree is not None else {}
        )
    tree = book.package.tree(part)
    for comment in tree.iter("{*}threadedComment") if tree is not None else ():
        text = " ".join("".join(t.text or "" for t in comment.iter("{*}text")).split())
        by = people.get(str(comment.get("personId")), "unknown")
        kind = "reply" if comment.get("parentId") else "comment"
        done = ", resolved" if comment.get("done") == "1" else ""
        yield f"[{kind} at {comment.get('ref')} by {by}{done}] {text}"


def _drawn(book: XlsxReader, part: str) -> Iterator[str]:
    tree = book.package.tree(part)
    for anchor in tree if tree is not None else ():
        at = _place(anchor)
        for shape in descendants(anchor, "sp", "cxnSp"):
            texts = " / ".join(t.replace("\n", " ") for _, t in paragraphs(shape))
            if texts:
                yield f"[text box at {at}] {texts}"
        for picture in descendants(anchor, "pic"):
            named = next(picture.iter("{*}cNvPr"), None)
            words = (named.get("descr") or named.get("title") or "") if named is not None else ""
            yield f"[picture at {at}: {' '.join(words.split()) or 'no description'}]"
        lines = list(graphic_lines(book.package, part, anchor))
        yield from ([f"{lines[0]} at {at}", *lines[1:]] if lines else [])


def _place(anchor: Any) -> str:
    start = next((e for e in anchor if local(e) == "from"), None)
    places = {local(e): str(e.text or "0") for e in start} if start is not None else {}
    column, row = places.get("col", ""), places.get("row", "")
    return f"{get_column_letter(int(column) + 1)}{int(row) + 1}" if column.isdigit() and row.isdigit() else "no cell"


def _forms(tree: Any) -> Iterator[str]:
    """Yields the words of buttons and boxes in the older drawing format; notes are there too, but were read."""
    for shape in tree.iter("{*}shape") if tree is not None else ():
        data = next(shape.iter("{*}ClientData"), None)
        kind = str(data.get("ObjectType") or "") if data is not None else ""
        text = " ".join(" ".join("".join(box.itertext()) for box in shape.iter("{*}textbox")).split())
        if text and kind != "Note":
            yield f"[{kind.lower() or 'text box'}] {text}"


def _headers(tail: bytes) -> Iterator[str]:
    found = _HEADED.search(tail)
    tree = xml.tolerantly(b"<x>" + found[0].replace(b"xmlns", b"was") + b"</x>") if found else None
    for element in tree.iter() if tree is not None else ():
        name = local(element) or str(element.tag)
        kind = "header" if name.endswith("Header") else "footer" if name.endswith("Footer") else ""
        if kind and (text := header_words(str(element.text or ""))):
            yield f"[page {kind}] {text}"


def header_words(text: str) -> str:
    """Returns a header or footer without its formatting codes."""
    words = _CODES.sub("", text.replace("&&", "\0"))
    for code, meaning in _FIELDS.items():
        words = words.replace(code, meaning)
    return " ".join(words.replace("\0", "&").split()).strip(" |")


def joined(lines: Iterable[str], most: int) -> str:
    """Returns the lines, cut with a note when they are longer than `most` characters together."""
    kept: list[str] = []
    size, left = 0, 0
    for line in dict.fromkeys(lines):
        size += len(line) + 1
        if size > most and kept:
            left += 1
        else:
            kept.append(line[:most])
    return "\n".join(
        [*kept, *([f"[… and {left} more lines about content outside the cells were left out]"] if left else [])]
    )
