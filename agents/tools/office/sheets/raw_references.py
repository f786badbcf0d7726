"""Rewrites the references of a workbook's parts when cells move or a sheet is renamed, and finds those to a sheet."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from openpyxl.formula.tokenizer import TokenizerError

from agents.tools.office.drawing_text import local
from agents.tools.office.sheets import rewrite_cell_references
from agents.tools.office.sheets.book_parts import BookParts
from agents.tools.office.sheets.rewrite_cell_references import Gone, Move
from orchestrator.errors import ToolFailed

_TEXTS = {"f", "formula", "formula1", "formula2", "definedName", "calculatedColumnFormula", "totalsRowFormula",
          "FmlaLink", "FmlaRange", "FmlaGroup", "FmlaTxbx"}  # fmt: skip
_ATTRIBUTES = {"textlink", "fmlaLink", "fmlaRange", "fmlaGroup", "fmlaTxbx"}
_FOLDERS = ("xl/worksheets/", "xl/charts/", "xl/drawings/", "xl/tables/", "xl/ctrlProps/", "xl/chartsheets/")


class RawReference(NamedTuple):
    """A formula somewhere in a part: its element, its attribute unless it's the element's text, and the sheet that it
    means where it names none."""

    part: str
    element: Any
    attribute: str
    home: str

    @property
    def text(self) -> str:
        return str((self.element.get(self.attribute) if self.attribute else self.element.text) or "")

    def put(self, text: str) -> None:
        if self.attribute:
            self.element.set(self.attribute, text)
        else:
            self.element.text = text

    def holder(self) -> str:
        """Returns where it is, in words."""
        kind, parent = local(self.element), self.element.getparent()
        if self.attribute:
            return "a link" if self.attribute == "location" else "a shape"
        if kind == "definedName":
            return f"the name {self.element.get('name')!r}"
        if kind == "f" and local(parent) == "c":
            return f"{self.home}!{parent.get('r')}"
        if kind in ("formula1", "formula2"):
            return f"{self.home}!{parent.get('sqref')} (choices)"
        if kind == "formula":
            return f"{self.home} (conditional format)"
        return f"a chart or table{f' on {self.home!r}' if self.home else ''}"


def rewrite(book: BookParts, move: Move) -> None:
    """Moves every reference. Raises Gone if one is lost."""
    for one in every(book):
        if (new := moved(one, move)) != one.text:
            book.changing(one.part)
            one.put(new)


def users(book: BookParts, title: str) -> list[str]:
    """Returns what refers to the sheet from elsewhere."""
    own = next((s.part for s in book.sheets if s.title == title), "")

    def seen(place: rewrite_cell_references.CellRange) -> rewrite_cell_references.CellRange:
        if place.sheet.lower() == title.lower():
            raise Gone
        return place

    found: list[str] = []
    for one in every(book):
        try:
            moved(one, seen) if one.part != own and one.attribute != "location" and "!" in one.text else None
        except Gone:
            found.append(one.holder())
    return list(dict.fromkeys(found))


def moved(one: RawReference, move: Move) -> str:
    """Returns the text after the move. Raises Gone, and ToolFailed for a formula that can't be parsed."""
    if not one.text or one.text.startswith('"'):
        return one.text
    try:
        return rewrite_cell_references.formula(one.text, one.home, move)
    except (TokenizerError, IndexError) as error:
        raise ToolFailed(
            f"{one.holder()} has a formula that can't be parsed, so it wouldn't follow. Correct it first."
        ) from error


def every(book: BookParts, own: str = "") -> Iterator[RawReference]:
    """Yields the references of all parts; those without a sheet's name only in what belongs to the sheet `own`."""
    homes = homes_of(book)
    parts = [n for n in book.parts if n.startswith(_FOLDERS) and n.endswith((".xml", ".vml"))]
    for name in dict.fromkeys([book.main, *homes, *parts]):
        if not book.has(name) or not name.endswith((".xml", ".vml")) or "pivot" in name:
            continue
        elsewhere = b"!" not in book.parts[name] or name.endswith(".vml")
        if elsewhere and name not in book.edited and homes.get(name) != (own or None):
            continue  # no reference with a sheet's name
        for element in book.tree(name).iter():
            if local(element) in _TEXTS and element.text:
                yield RawReference(name, element, "", homes.get(name, ""))
            for key in _ATTRIBUTES.intersection(element.attrib):
                yield RawReference(name, element, key, homes.get(name, ""))
            if local(element) == "hyperlink" and "!" in str(element.get("location") or ""):
                yield RawReference(name, element, "location", homes.get(name, ""))


def homes_of(book: BookParts) -> dict[str, str]:
    """Returns the sheet that each part belongs to, by the part's name: the sheet's own, and what hangs on it."""
    homes = {book.name(sheet.part): sheet.title for sheet in book.sheets}
    waiting = list(homes)
    while waiting:
        owner = waiting.pop()
        for link in book.links(owner):
            part = book.name(link.target)
            if not link.external and book.has(part) and part not in homes and part != book.main:
                homes[part] = homes[owner]
                waiting.append(part)
    return homes
