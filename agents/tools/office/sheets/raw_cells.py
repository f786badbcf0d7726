"""Writes cells directly into a workbook's parts; everything else in it stays the same."""

import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any
from xml.sax.saxutils import escape

from openpyxl.utils import get_column_letter
from openpyxl.worksheet.cell_range import CellRange

from agents.tools.office import xml
from agents.tools.office.cell_input import CellInput
from agents.tools.office.drawing_text import local
from agents.tools.office.formulas import is_formula
from agents.tools.office.sheets.book_parts import BookParts, SheetPart, child
from agents.tools.office.sheets.book_styles import BookStyles
from agents.tools.office.sheets.cell_storage import address, serial
from agents.tools.office.sheets.find_or_add_raw_cells import RawGrid, write_out_shared
from agents.tools.office.sheets.stale_values import Spot, stale
from agents.tools.office.sheets.xlsx_reader import rich_text
from orchestrator.errors import ToolFailed

_SPACE = "{http://www.w3.org/XML/1998/namespace}space"
_SEVERAL = "part of a formula that fills several cells; write next to it, or to a new file"
_HEADER = "the header of a table that formulas refer to; write below it"
_AREA = re.compile(r"[A-Z]{1,3}\d+(:[A-Z]{1,3}\d+)?")


def write_block(
    book: BookParts, sheet: SheetPart, at: tuple[int, int], block: Sequence[Sequence[CellInput]]
) -> list[Spot]:
    """Writes the block at (row, column); returns the cells that changed. Formulas that rest on them lose their values
    until they are computed.

    Raises ToolFailed for a cell in merged cells, in an array formula, or in a table's header that formulas use.
    """
    grid, known, styles = RawGrid(book.tree(sheet.part)), CellTexts(book), BookStyles(book)
    wanted = {(r, c): e for r, line in enumerate(block, at[0]) for c, e in enumerate(line, at[1])}
    new = {p: given for p, given in wanted.items() if not known.shows(grid.known(*p), given, styles)}
    if not new:
        return []
    _refuse(book, sheet, new)
    book.changing(sheet.part)
    _rename_headers(book, sheet, new)
    _unshare(grid, new)
    moved = False
    for place, given in new.items():
        cell = grid.cell(*place)
        moved = moved or cell.find(f"{grid.names}f") is not None or is_formula(given.value)
        _put(cell, styles, given, known.days)
    _stretch(grid, new)
    written: list[Spot] = [(sheet.title.lower(), row, column) for row, column in new]
    forget_values(book, written, chain=moved)
    return written


def forget_values(book: BookParts, written: Sequence[Spot], *, chain: bool) -> None:
    """Removes the stored values that rest on the written cells, and has Excel compute them when it opens the file.

    `chain`: formulas came or went, so the order of calculation is no longer what the file says.
    """
    found = stale(book, written)
    for part, places in found.items():
        names = book.names
        for cell in book.changing(part).iter(f"{names}c"):
            if address(str(cell.get("r") or "")) in places:
                cell.attrib.pop("t", None)
                for value in cell.findall(f"{names}v"):
                    cell.remove(value)
    if found or chain:
        child(book.changing(book.main), "calcPr").set("fullCalcOnLoad", "1")
    if chain:
        for link in [k for k in book.links(book.main) if k.kind == "calcChain"]:
            book.unlink(book.main, link.id)
            book.remove(link.target)


def forget_sheet(book: BookParts, title: str) -> None:
    """Removes the stored values that rest on any cell of the sheet, whose formulas may have changed."""
    sheet = book.sheet(title)
    cells = book.tree(sheet.part).iter(f"{book.names}c") if sheet is not None else ()
    forget_values(book, [(title.lower(), *address(str(c.get("r")))) for c in cells], chain=True)


def forget_readers(book: BookParts, name: str) -> None:
    """Removes the stored values of formulas that use this name, which means other cells now."""
    word = re.compile(rf"(?<![\w.]){re.escape(name)}(?![\w.(])", re.IGNORECASE)
    spots = [
        (sheet.title.lower(), *address(str(formula.getparent().get("r"))))
        for sheet in book.grids
        for formula in book.tree(sheet.part).iter(f"{book.names}f")
        if word.search(str(formula.text or ""))
    ]
    if spots:
        forget_values(book, spots, chain=False)


class CellTexts:
    """What the cells of a workbook say, to leave those alone that already say what is wanted."""

    def __init__(self, book: BookParts) -> None:
        part = next((r.target for r in book.links(book.main) if r.kind == "sharedStrings" and book.has(r.target)), "")
        self._items: list[Any] = [e for e in book.tree(part) if local(e) == "si"] if part else []
        self.days = book.days

    def shows(self, cell: Any, given: CellInput, styles: BookStyles) -> bool:
        """Returns whether the cell already has this value and, if one is asked for, this format."""
        value = given.value
        if cell is None:
            return value is None and given.format is None
        if given.format is not None and styles.format_of(int(cell.get("s") or 0)) != given.format:
            return False
        parts = {local(e): e for e in cell}
        if "f" in parts:
            return is_formula(value) and not parts["f"].attrib and f"={parts['f'].text or ''}" == value
        if value is None:
            return not parts
        if isinstance(value, str):
            return not is_formula(value) and self._words(cell, parts) == value
        text = str(parts["v"].text or "") if "v" in parts else ""
        if isinstance(value, bool):
            return cell.get("t") == "b" and text == str(int(value))
        number = serial(value) - self.days if isinstance(value, date | datetime) else value
        return cell.get("t") in (None, "n") and _number(text) == number

    def words(self, cell: Any) -> str | None:
        """Returns the cell's text; None if it has none."""
        return self._words(cell, {local(e): e for e in cell}) if cell is not None else None

    def _words(self, cell: Any, parts: dict[str, Any]) -> str | None:
        if cell.get("t") == "inlineStr" and "is" in parts:
            return rich_text(parts["is"])
        text = str(parts["v"].text or "") if "v" in parts else ""
        if cell.get("t") == "s" and text.isdigit() and int(text) < len(self._items):
            return rich_text(self._items[int(text)])
        return text if cell.get("t") == "str" else None


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _refuse(book: BookParts, sheet: SheetPart, wanted: dict[tuple[int, int], CellInput]) -> None:
    for area, words in _taken(book, sheet):
        merged = "merged" in words
        for (row, column), given in wanted.items():
            inside = area.min_row <= row <= area.max_row and area.min_col <= column <= area.max_col
            first = merged and ((area.min_row, area.min_col) == (row, column) or given.value is None)
            if inside and not first:
                raise ToolFailed(f"{get_column_letter(column)}{row} is {words}.")


def _taken(book: BookParts, sheet: SheetPart) -> Iterator[tuple[CellRange, str]]:
    tree = book.tree(sheet.part)
    for merged in tree.iter(f"{book.names}mergeCell"):
        if area := _range(str(merged.get("ref") or "")):
            yield area, "inside merged cells; write to their first cell instead"
    for formula in tree.iter(f"{book.names}f"):
        area = _range(str(formula.get("ref") or "")) if formula.get("t") in ("array", "dataTable") else None
        if area and area.size != {"rows": 1, "columns": 1}:
            yield area, _SEVERAL


def _range(text: str) -> CellRange | None:
    return CellRange(text) if _AREA.fullmatch(text) else None


def _rename_headers(book: BookParts, sheet: SheetPart, wanted: dict[tuple[int, int], CellInput]) -> None:
    """Gives a table's column the name that its header gets. Raises ToolFailed if that would break something."""
    for link in book.links(sheet.part):
        if link.kind != "table" or not book.has(link.target):
            continue
        table = book.tree(link.target)
        area = _range(str(table.get("ref") or ""))
        columns: list[Any] = list(table.iter(f"{book.names}tableColumn"))
        if area is None or table.get("headerRowCount") == "0":
            continue
        for n, column in enumerate(columns):
            given = wanted.get((area.min_row, area.min_col + n))
            if given is None:
                continue
            old, new = str(column.get("name") or ""), given.value
            others = {str(c.get("name") or "").lower() for c in columns if c is not column}
            if not isinstance(new, str) or not new.strip() or is_formula(new) or new.lower() in others:
                place = f"{get_column_letter(area.min_col + n)}{area.min_row}"
                raise ToolFailed(f"{place} is the header of a table; write text that no other header has.")
            if _used(book, old):
                raise ToolFailed(f"{get_column_letter(area.min_col + n)}{area.min_row} is {_HEADER}.")
            book.changing(link.target)
            column.set("name", new)


def _used(book: BookParts, column: str) -> bool:
    """Returns whether a formula may name this column of a table."""
    words = f"{escape(column)}]".encode()
    return any(words in part for name, part in book.parts.items() if name.endswith(".xml"))


def _unshare(grid: RawGrid, wanted: dict[tuple[int, int], CellInput]) -> None:
    """Writes out shared formulas whose first cell is overwritten."""
    keys: dict[str, tuple[str, str]] = {}
    for row, column in wanted:
        cell = grid.known(row, column)
        if cell is None:
            continue
        formula: Any = cell.find(f"{grid.names}f")
        if formula is not None and formula.get("t") == "shared" and formula.text:
            keys[str(formula.get("si"))] = (str(formula.text), str(cell.get("r")))
    if keys:
        write_out_shared(grid.tree, grid.names, keys)


def _put(cell: Any, styles: BookStyles, given: CellInput, days: int) -> None:
    names = str(cell.tag).rpartition("}")[0] + "}"
    shape = given.format or ("yyyy-mm-dd" if isinstance(given.value, date) else None)
    for element in list(cell):
        cell.remove(element)
    for name in ("t", "cm", "vm", "ph"):
        cell.attrib.pop(name, None)
    style = int(cell.get("s") or 0)
    if shape and (given.format or styles.format_of(style) == "General"):
        cell.set("s", str(styles.formatted(style, shape)))
    value = given.value
    if isinstance(value, str) and is_formula(value):
        xml.add(cell, f"{names}f", value[1:])
    elif isinstance(value, str):
        cell.set("t", "inlineStr")
        inline = cell.makeelement(f"{names}is", {})
        cell.append(inline)
        xml.add(inline, f"{names}t", value)
        inline[0].set(_SPACE, "preserve")
    elif isinstance(value, bool):
        cell.set("t", "b")
        xml.add(cell, f"{names}v", str(int(value)))
    elif value is not None:
        xml.add(cell, f"{names}v", repr(serial(value) - days if isinstance(value, date | datetime) else value))


def _stretch(grid: RawGrid, wanted: dict[tuple[int, int], CellInput]) -> None:
    """Lets the sheet's stated size include the written cells."""
    stated: Any = grid.tree.find(f"{grid.names}dimension")
    if stated is None or (area := _range(str(stated.get("ref") or ""))) is None:
        return
    rows, columns = [r for r, _ in wanted], [c for _, c in wanted]
    left, right = min(area.min_col, *columns), max(area.max_col, *columns)
    top, bottom = min(area.min_row, *rows), max(area.max_row, *rows)
    stated.set("ref", f"{get_column_letter(left)}{top}:{get_column_letter(right)}{bottom}")
