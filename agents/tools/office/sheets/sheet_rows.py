"""Streams a worksheet's rows and keeps only those that are asked for."""

import re
import zlib
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from openpyxl.formula.translate import Translator, TranslatorError
from openpyxl.utils import get_column_letter

from agents.tools.office import unsafe_files, xml
from agents.tools.office.drawing_text import local
from agents.tools.office.sheets.xlsx_reader import ListedSheet, XlsxReader, column_number, lacks_value, rich_text
from orchestrator.errors import ToolFailed

_CHUNK, _LONGEST_TAIL = 1 << 20, 4_000_000
_READ_WHOLE = 12_000_000
"""Bytes up to which a sheet is read to its end to count its filled rows; a larger one is left when enough is found."""
_ROW = re.compile(rb"<(?:\w+:)?row\s[^>]*?\br=[\"'](\d+)")
_ADDRESS = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d+)")
_END = b"sheetData>"


class CellArea(NamedTuple):
    """The part of a sheet to read, from 1, both ends included; a right or bottom of None is the sheet's end."""

    left: int = 1
    top: int = 1
    right: int | None = None
    bottom: int | None = None


@dataclass
class SheetWindow:
    """The filled rows in an area. `next_row` is the first filled one that didn't fit."""

    rows: list[tuple[int, dict[int, str]]] = field(default_factory=list[tuple[int, dict[int, str]]])
    last_row: int = 0
    last_column: int = 0
    next_row: int | None = None
    hidden_rows: list[int] = field(default_factory=list[int])
    hidden_columns: list[int] = field(default_factory=list[int])
    uncomputed: int = 0
    tail: bytes = b""


def window(book: XlsxReader | None, sheet: ListedSheet, area: CellArea, most: int) -> SheetWindow:
    """Returns at most `most` filled rows of the area. Raises ToolFailed for a sheet that takes too long."""
    if sheet.grid is not None:
        return _of_grid(sheet, area, most)
    if book is None or sheet.kind or not book.package.has(sheet.part):
        return SheetWindow()
    try:
        size, last, tail, shared = _scanned(book, sheet)
        found = SheetWindow(tail=tail)
        _read(book, sheet, area, most, found, to_the_end=size <= _READ_WHOLE, shared=shared)
    except (*unsafe_files.UNREADABLE, zlib.error) as error:
        raise ToolFailed(
            f"The sheet {sheet.title!r} in {book.package.path!r} is damaged. Read another sheet, or ask for the file "
            f"again."
        ) from error
    if size > _READ_WHOLE:
        found.last_row = max(found.last_row, last)
    return found


def _scanned(book: XlsxReader, sheet: ListedSheet) -> tuple[int, int, bytes, bool]:
    """Returns size, last row, what follows the cells, and whether formulas are shared; without parsing."""
    size, last, tail, shared, rest, after = 0, 0, bytearray(), False, b"", False
    with book.package.stream(sheet.part) as stream:
        while chunk := stream.read(_CHUNK):
            stream.done()
            size += len(chunk)
            if after:
                tail += chunk if len(tail) < _LONGEST_TAIL else b""
                continue
            both = rest + chunk
            shared = shared or b'"shared"' in both
            if rows := _ROW.findall(both):
                last = max(last, int(rows[-1]))
            head, found, end = both.rpartition(_END)
            if found and head.endswith((b"</", b":")):
                tail += end
                after = True
            rest = both[-200:]
    return size, last, bytes(tail[:_LONGEST_TAIL]), shared


def _read(
    book: XlsxReader,
    sheet: ListedSheet,
    area: CellArea,
    most: int,
    found: SheetWindow,
    *,
    to_the_end: bool,
    shared: bool,
) -> None:
    formulas: dict[str, tuple[str, str]] = {}
    number = 0
    with book.package.stream(sheet.part) as stream:
        for element in xml.streamed(stream, "row", "cols"):
            if local(element) == "cols":
                found.hidden_columns += _hidden(element)
                continue
            given = str(element.get("r") or "")
            number = int(given) if given.isdigit() else number + 1
            if not any(map(len, element)):
                continue  # only styled
            inside = area.top <= number <= (area.bottom or number)
            if shared and (not inside or len(found.rows) >= most):
                _remember(element, formulas)
            if not inside or len(found.rows) >= most:
                filled = _filled(element) if to_the_end or inside else []
                if filled:
                    found.last_row, found.last_column = number, max(found.last_column, *filled)
                    if inside and found.next_row is None and any(area.left <= c <= (area.right or c) for c in filled):
                        found.next_row = number
                if not to_the_end and (found.next_row or number > (area.bottom or number)):
                    return
                continue
            cells = _cells(book, element, number, formulas, found)
            if cells:
                found.last_row, found.last_column = number, max(found.last_column, *cells)
            kept = {c: text for c, text in cells.items() if area.left <= c <= (area.right or c)}
            if kept:
                found.rows.append((number, kept))
                if element.get("hidden") in ("1", "true"):
                    found.hidden_rows.append(number)


def _cells(
    book: XlsxReader, row: Any, number: int, formulas: dict[str, tuple[str, str]], found: SheetWindow
) -> dict[int, str]:
    cells: dict[int, str] = {}
    column = 0
    for cell in row:
        if local(cell) != "c":
            continue
        match = _ADDRESS.fullmatch(str(cell.get("r") or ""))
        column = column_number(match[1]) if match else column + 1
        formula = next((e for e in cell if local(e) == "f"), None)
        value = _value(book, cell)
        if formula is None:
            text = value
        else:
            written = _formula(formula, f"{get_column_letter(column)}{number}", formulas)
            stored = next((e for e in cell if local(e) == "v"), None)
            found.uncomputed += lacks_value(stored=stored is not None, filled=bool(value), text=cell.get("t") == "str")
            text = (f"{written} → {value}" if value else written) if written else value
        if text:
            cells[column] = text
    return cells


def _value(book: XlsxReader, cell: Any) -> str:
    kind = cell.get("t") or "n"
    if kind == "inlineStr":
        inside = next((e for e in cell if local(e) == "is"), None)
        return rich_text(inside) if inside is not None else ""
    text = next((str(e.text or "") for e in cell if local(e) == "v"), "")
    style = str(cell.get("s") or "0")
    if kind == "s":
        return book.text(book.strings[int(text)], style) if text.isdigit() and int(text) < len(book.strings) else ""
    if kind == "b" and text:
        return "FALSE" if text in ("0", "false") else "TRUE"
    if kind != "n" or not text:
        return text.removesuffix("T00:00:00") if kind == "d" else text
    try:
        return book.words(float(text), style)
    except (ValueError, OverflowError):
        return text


def _formula(element: Any, at: str, formulas: dict[str, tuple[str, str]]) -> str:
    text, kind, key = str(element.text or "").strip(), element.get("t"), str(element.get("si") or "")
    if kind == "array":
        return f"{{={text}}}" if text else ""
    if kind == "dataTable":
        return f"{{=TABLE({element.get('r1') or ''})}}"
    if kind == "shared" and text:
        formulas[key] = (text, at)
    elif kind == "shared" and key in formulas:
        master, origin = formulas[key]
        try:
            translator: Any = Translator(f"={master}", origin=origin)
            return str(translator.translate_formula(at))
        except (TranslatorError, ValueError, IndexError):
            return f"=(as in {origin})"
    return f"={text}" if text else ""


def _remember(row: Any, formulas: dict[str, tuple[str, str]]) -> None:
    """Keeps the formulas of a row that isn't shown, because later rows may share them."""
    for cell in row:
        for element in cell:
            if local(element) == "f" and element.get("t") == "shared" and element.text:
                _formula(element, str(cell.get("r") or "A1"), formulas)


def _filled(row: Any) -> list[int]:
    """Returns the row's filled columns."""
    columns: list[int] = []
    column = 0
    for cell in row:
        match = _ADDRESS.fullmatch(str(cell.get("r") or ""))
        column = column_number(match[1]) if match else column + 1
        if any(local(e) in ("v", "is", "f") for e in cell):
            columns.append(column)
    return columns


def _hidden(columns: Any) -> list[int]:
    found: list[int] = []
    for entry in columns:
        first, last = str(entry.get("min") or ""), str(entry.get("max") or "")
        if entry.get("hidden") in ("1", "true") and first.isdigit() and last.isdigit():
            found += range(int(first), min(int(last), 16_384) + 1)
    return found


def _of_grid(sheet: ListedSheet, area: CellArea, most: int) -> SheetWindow:
    rows = sheet.grid or ()
    last = max((n for n, _ in rows), default=0)
    found = SheetWindow(last_row=last, last_column=max((max(cells, default=0) for _, cells in rows), default=0))
    for number, cells in rows:
        kept = {c: t for c, t in cells.items() if t and area.left <= c <= (area.right or c)}
        if kept and area.top <= number <= (area.bottom or number):
            if len(found.rows) == most:
                found.next_row = number
                break
            found.rows.append((number, kept))
    return found
