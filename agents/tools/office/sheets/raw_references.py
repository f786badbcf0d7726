"""Rewrites the references of a workbook's parts when a sheet is renamed, and finds those to a sheet."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from agents.tools.office.drawing_text import local
from agents.tools.office.sheets import references
from agents.tools.office.sheets.book_parts import BookParts
from agents.tools.office.sheets.references import Gone, Move

_TEXTS = {"f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula", "totalsRowFormula"}
_ATTRIBUTES = {"textlink", "fmlaLink", "fmlaRange", "fmlaGroup", "fmlaTxbx"}
_FOLDERS = ("xl/worksheets/", "xl/charts/", "xl/drawings/", "xl/tables/", "xl/ctrlProps/", "xl/chartsheets/")


class RawReference(NamedTuple):
    """A formula somewhere in a part: where it is in words, its text, and how to change it."""

    part: str
    holder: str
    text: str
    put: Callable[[str], None]


def rewrite(book: BookParts, move: Move) -> None:
    """Moves every reference. Raises Gone if one is lost."""
    for one in _every(book):
        if (new := _moved(one.text, move)) != one.text:
            book.changing(one.part)
            one.put(new)
    for part, element, attribute in _links_inside(book):
        if (new := _moved(str(element.get(attribute)), move)) != element.get(attribute):
            book.changing(part)
            element.set(attribute, new)


def users(book: BookParts, title: str) -> list[str]:
    """Returns what refers to the sheet from elsewhere."""
    own = next((s.part for s in book.sheets if s.title == title), "")

    def seen(place: references.CellRange) -> references.CellRange:
        if place.sheet.lower() == title.lower():
            raise Gone
        return place

    found: list[str] = []
    for one in _every(book):
        try:
            _moved(one.text, seen) if one.part != own else None
        except Gone:
            found.append(one.holder)
    return list(dict.fromkeys(found))


def _moved(text: str, move: Move) -> str:
    if not text or text.startswith('"'):
        return text
    return references.formula(text, "", move)


def _every(book: BookParts) -> Iterator[RawReference]:
    titles = {s.part: s.title for s in book.sheets}
    for name in [book.main, *(n for n in book.parts if n.startswith(_FOLDERS) and n.endswith(".xml"))]:
        if b"!" not in book.parts[name] and name not in book.edited:
            continue  # no reference with a sheet's name
        for element in book.tree(name).iter():
            if local(element) in _TEXTS and element.text and "!" in element.text:
                yield RawReference(name, _holder(titles.get(name, ""), element), element.text, _text_of(element))
            for key in _ATTRIBUTES.intersection(element.attrib):
                yield RawReference(name, "a shape", str(element.get(key)), _attribute_of(element, key))


def _links_inside(book: BookParts) -> Iterator[tuple[str, Any, str]]:
    """Yields hyperlinks to places in the workbook."""
    for sheet in book.grids:
        if b"location=" in book.parts[sheet.part]:
            for element in book.tree(sheet.part).iter(f"{book.names}hyperlink"):
                if "!" in str(element.get("location") or ""):
                    yield sheet.part, element, "location"


def _holder(title: str, element: Any) -> str:
    kind, parent = local(element), element.getparent()
    if kind == "definedName":
        return f"the name {element.get('name')!r}"
    if kind == "f" and local(parent) == "c":
        return f"{title}!{parent.get('r')}"
    if kind in ("formula1", "formula2"):
        return f"{title}!{parent.get('sqref')} (choices)"
    if kind == "formula":
        return f"{title} (conditional format)"
    return f"a chart or table{f' on {title!r}' if title else ''}"


def _text_of(element: Any) -> Callable[[str], None]:
    return lambda new: setattr(element, "text", new)


def _attribute_of(element: Any, key: str) -> Callable[[str], None]:
    return lambda new: element.set(key, new)
