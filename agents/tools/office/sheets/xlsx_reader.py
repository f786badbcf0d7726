"""Opens other people's workbooks for reading: names and kinds of sheets, shared texts, number formats.

Only what is asked for is read, so three hundred sheets or a million empty rows cost little.
"""

import re
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any, NamedTuple

from openpyxl.styles.numbers import BUILTIN_FORMATS

from agents.number_format import formatted_text
from agents.tools.office import xml
from agents.tools.office.displayed_value import displayed_number
from agents.tools.office.drawing_text import local
from agents.tools.office.package_reader import PackageReader, relation_id
from orchestrator.errors import ToolFailed

_DIMENSION = re.compile(rb"<(?:\w+:)?dimension[^>]*\bref=[\"'](?:[A-Z]+\d+:)?([A-Z]{1,3})(\d+)[\"']")
_KINDS = {"worksheet": "", "chartsheet": "chart", "dialogsheet": "dialog", "xlMacrosheet": "macros"}
Rows = Sequence[tuple[int, dict[int, str]]]


class ListedSheet(NamedTuple):
    """One sheet as the workbook lists it. `kind` is empty for cells; `grid` holds cells that aren't in a part."""

    title: str
    hidden: bool
    part: str
    kind: str
    grid: Rows | None = None


class XlsxReader:
    """A workbook's sheets, texts and formats."""

    def __init__(self, package: PackageReader) -> None:
        self.package = package
        self._main = package.main()
        tree = package.tree(self._main)
        if tree is None:
            raise ToolFailed(f"{package.path!r} can't be read as a workbook: its list of sheets is damaged.")
        self._tree = tree
        self.sheets = self._listed()
        if not self.sheets:
            raise ToolFailed(f"{package.path!r} has no sheets. Check the file or create it again.")

    @property
    def main(self) -> str:
        return self._main

    @cached_property
    def strings(self) -> list[str]:
        part = next((r.target for r in self.package.related(self._main, "sharedStrings")), "")
        if not part:
            return []
        with self.package.stream(part) as stream:
            return [rich_text(item) for item in xml.streamed(stream, "si")]

    @cached_property
    def _formats(self) -> list[str]:
        part = next((r.target for r in self.package.related(self._main, "styles")), "")
        tree = self.package.tree(part) if part else None
        if tree is None:
            return []
        own = {f.get("numFmtId"): str(f.get("formatCode") or "General") for f in tree.iter("{*}numFmt")}
        used = next((e for e in tree if local(e) == "cellXfs"), ())
        ids = [str(xf.get("numFmtId") or "0") for xf in used if local(xf) == "xf"]
        return [own.get(i) or str(BUILTIN_FORMATS.get(int(i), "General") if i.isdigit() else "General") for i in ids]

    @cached_property
    def words(self) -> Callable[[float, str], str]:
        """Returns the function that shows a number under a style."""
        settings = next((e for e in self._tree if local(e) == "workbookPr"), None)
        old = settings is not None and settings.get("date1904") in ("1", "true")
        return lambda number, style: displayed_number(number, self._shape(style), from_1904=old)

    def text(self, words: str, style: str) -> str:
        """Returns a text under a style, which may add words to it."""
        shape = self._shape(style)
        return formatted_text(words, shape) if "@" in shape and shape != "@" else words

    def _shape(self, style: str) -> str:
        formats = self._formats
        return formats[int(style)] if style.isdigit() and int(style) < len(formats) else "General"

    @property
    def wants_computing(self) -> bool:
        """Whether the program that wrote the file wants every formula computed when it's opened."""
        settings = next((e for e in self._tree if local(e) == "calcPr"), None)
        return settings is not None and settings.get("fullCalcOnLoad") in ("1", "true")

    def size(self, sheet: ListedSheet) -> str:
        """Returns the sheet's size as it says itself, like `10 x 3`; empty if it doesn't."""
        if sheet.grid is not None:
            return f"{len(sheet.grid)} x {max((max(r, default=0) for _, r in sheet.grid), default=0)}"
        if sheet.kind or not self.package.has(sheet.part):
            return sheet.kind
        with self.package.stream(sheet.part) as stream:
            found = _DIMENSION.search(stream.read(8192))
        return f"{int(found[2])} x {column_number(found[1].decode())}" if found else ""

    def _listed(self) -> list[ListedSheet]:
        parts = {r.id: r for r in self.package.related(self._main)}
        found: list[ListedSheet] = []
        for entry in self._tree.iter("{*}sheet"):
            relation = parts.get(relation_id(entry))
            title = str(entry.get("name") or f"Sheet{len(found) + 1}")
            kind = _KINDS.get(relation.kind, relation.kind) if relation else "missing from the file"
            hidden = entry.get("state") in ("hidden", "veryHidden")
            found.append(ListedSheet(title, hidden, relation.target if relation else "", kind))
        return found


def rich_text(element: Any) -> str:
    """Returns a text with its formatted runs, without the readings of Japanese characters."""
    return "".join(
        t.text or ""
        for t in element.iter("{*}t")
        if local(t.getparent()) != "rPh" and (t.getparent() is element or local(t.getparent()) == "r")
    )


def lacks_value(*, stored: bool, filled: bool, text: bool) -> bool:
    """Returns whether a formula's cell has no value; a text may be empty."""
    return not filled and not (stored and text)


def column_number(letters: str) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
