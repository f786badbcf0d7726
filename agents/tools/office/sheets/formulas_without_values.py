"""Finds formulas that a workbook holds no values for, and takes their values from LibreOffice's copy of it."""

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, NamedTuple

from openpyxl.utils import range_boundaries

from agents.tools.office import xml
from agents.tools.office.drawing_text import local
from agents.tools.office.formulas import beyond_libreoffice
from agents.tools.office.package_reader import PackageReader
from agents.tools.office.sheets.book_parts import BookParts, SheetPart
from agents.tools.office.sheets.cell_storage import address
from agents.tools.office.sheets.find_or_add_raw_cells import RawGrid
from agents.tools.office.sheets.stale_values import Spot, stale
from agents.tools.office.sheets.xlsx_reader import XlsxReader, lacks_value, rich_text

Place = tuple[int, int]
"""Row and column."""
_CHUNK, _LONGEST_CELL = 1 << 20, 200_000
_MOST_CELLS_XML = 10_000_000
"""Bytes of a workbook's cells up to which its formulas are computed; a tree takes forty times as much memory."""
_MOST_FILLED = 100_000
_FORMULA = re.compile(
    rb"<(?:\w+:)?c\b([^>]*)>\s*<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>)"
    rb"\s*(<(?:\w+:)?v\b[^>]*(?:/>|>([^<]*)</(?:\w+:)?v>))?\s*</(?:\w+:)?c>"
)
_TEXT = re.compile(rb"\bt=[\"']str[\"']")


class FormulasFound(NamedTuple):
    """Whether a workbook's formulas lack values. `dummies`: each has a 0 that its program wants computed."""

    missing: bool
    dummies: bool


class FilledBook(NamedTuple):
    """A workbook with LibreOffice's values of its formulas, and the cells that have them, by sheet."""

    content: bytes
    computed: Mapping[str, frozenset[Place]]


def formulas_found(content: bytes, path: str) -> FormulasFound:
    """Looks for formulas without values, sheet by sheet, without keeping anything. Raises ToolFailed."""
    book = XlsxReader(PackageReader(content, path, streamed=True))
    missing, zeros, others, size = False, 0, 0, 0
    for sheet in book.sheets:
        if sheet.kind or not book.package.has(sheet.part):
            continue
        rest = b""
        with book.package.stream(sheet.part) as stream:
            while chunk := stream.read(_CHUNK):
                stream.done()
                size += len(chunk)
                both = rest + chunk
                end = 0
                for cell in _FORMULA.finditer(both):
                    end = cell.end()
                    text = bool(_TEXT.search(cell[1]))
                    missing = missing or lacks_value(stored=cell[2] is not None, filled=bool(cell[3]), text=text)
                    zeros += cell[3] == b"0"
                    others += bool(cell[3]) and cell[3] != b"0"
                rest = both[end:][-_LONGEST_CELL:]
                if size > _MOST_CELLS_XML:
                    return FormulasFound(missing=False, dummies=False)
    dummies = bool(zeros) and not others and book.wants_computing
    return FormulasFound(missing=missing, dummies=dummies)


def filled(content: bytes, path: str, copy: bytes, *, every: bool = False) -> FilledBook:
    """Returns the workbook with the copy's values of those formulas that have none, or of every formula.

    Formulas that LibreOffice can't compute stay without a value, with all that read them.
    """
    book, made = BookParts(content, path), XlsxReader(PackageReader(copy, path, streamed=True))
    found: dict[str, dict[Place, tuple[str, str]]] = {}
    beyond: list[Spot] = []
    for sheet in book.grids:
        wanted = dict(_wanted(book, sheet, every=every))
        values = _values(made, sheet.title, wanted) if wanted else {}
        for place, formula in wanted.items():
            value = values.get(place)
            if value is not None and value[0] == "e" and beyond_libreoffice(f"={formula}", value[1]):
                beyond.append((sheet.title.lower(), *place))
            elif value is not None:
                found.setdefault(sheet.part, {})[place] = value
    for part, places in stale(book, beyond).items() if beyond else ():
        found[part] = {place: v for place, v in found.get(part, {}).items() if place not in places}
    for part, values in found.items():
        grid = RawGrid(book.changing(part))
        for place, (kind, text) in values.items():
            _put(grid.cell(*place), grid.names, kind, text)
    titles = {sheet.part: sheet.title for sheet in book.grids}
    return FilledBook(book.packed(), {titles[part]: frozenset(values) for part, values in found.items() if values})


def _wanted(book: BookParts, sheet: SheetPart, *, every: bool) -> Iterator[tuple[Place, str]]:
    """Yields the cells that need a value, an array's also where the file has no cell, with their formula."""
    tree = book.tree(sheet.part)
    grid, shared = RawGrid(tree), dict[str, str]()
    for formula in tree.iter(f"{book.names}f"):
        cell, text, key = formula.getparent(), str(formula.text or ""), str(formula.get("si") or "")
        if local(cell) != "c" or formula.get("t") == "dataTable":
            continue
        if formula.get("t") == "shared":
            shared.setdefault(key, text)
        stored = next((v for v in cell if local(v) == "v"), None)
        full = stored is not None and bool(stored.text)
        lacking = lacks_value(stored=stored is not None, filled=full, text=cell.get("t") == "str")
        if every or lacking:
            yield address(str(cell.get("r"))), text or shared.get(key, "")
            for place in _array(formula):
                if every or (known := grid.known(*place)) is None or not any(local(e) in ("v", "is") for e in known):
                    yield place, text


def _array(formula: Any) -> Iterator[Place]:
    """Yields the other cells that an array formula fills."""
    if formula.get("t") == "array" and ":" in (ref := str(formula.get("ref") or "")):
        left, top, right, bottom = (int(edge or 0) for edge in range_boundaries(ref))
        if 0 < (right - left + 1) * (bottom - top + 1) <= _MOST_FILLED:
            places = [(row, column) for row in range(top, bottom + 1) for column in range(left, right + 1)]
            yield from places[1:]


def _values(made: XlsxReader, title: str, wanted: Collection[Place]) -> dict[Place, tuple[str, str]]:
    """Returns what LibreOffice's copy stores in these cells, as type and text; the copy is streamed."""
    sheet = next((s for s in made.sheets if s.title.lower() == title.lower() and not s.kind), None)
    found: dict[Place, tuple[str, str]] = {}
    if sheet is None or not made.package.has(sheet.part):
        return found
    with made.package.stream(sheet.part) as stream:
        for cell in (c for row in xml.streamed(stream, "row") for c in row if local(c) == "c"):
            place = address(str(cell.get("r") or "A1"))
            if place in wanted and (value := _value(made, cell)) is not None:
                found[place] = value
    return found


def _value(made: XlsxReader, cell: Any) -> tuple[str, str] | None:
    kind = str(cell.get("t") or "n")
    inline = next((e for e in cell if local(e) == "is"), None)
    text = next((str(v.text or "") for v in cell if local(v) == "v"), None)
    if kind == "inlineStr" and inline is not None:
        return "str", rich_text(inline)
    if kind == "s" and text is not None:
        return "str", made.strings[int(text)] if text.isdigit() and int(text) < len(made.strings) else ""
    if kind == "str":
        return "str", text or ""
    return (kind, text) if text else None


def _put(cell: Any, names: str, kind: str, text: str) -> None:
    for old in [e for e in cell if local(e) in ("v", "is")]:
        cell.remove(old)
    cell.attrib.pop("t", None)
    if kind != "n":
        cell.set("t", kind)
    xml.add(cell, f"{names}v", text)
