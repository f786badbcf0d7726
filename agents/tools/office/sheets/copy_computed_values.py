"""Copies cached values that LibreOffice computed to each formula of the original file."""

import math
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

from openpyxl.utils import range_boundaries

from agents.tools.office import formulas, xml
from agents.tools.office.formulas import At, beyond_libreoffice, formula_text, is_error
from agents.tools.office.sheets.book_parts import BookParts, written_by_openpyxl
from agents.tools.office.sheets.cell_storage import address, serial
from agents.tools.office.sheets.open_and_save_workbook import read_book

_MOST_FILLED = 100_000


class FormulaValues(NamedTuple):
    """The formulas' values, those that LibreOffice can't compute, and what has to be stored in the file."""

    values: dict[At, Any]
    unknown: set[At]
    new: dict[At, Any]


def stored(content: bytes, original: Any) -> dict[At, Any]:
    """Returns the values that the file has for its formulas; `original` is the same file with formulas."""
    values = read_book(content, "the workbook", values=True)
    cells = ((at, values[at[0]].cell(at[1], at[2]).value) for at in _formulas(original))
    return {at: value for at, value in cells if value is not None}


def computed(recalculated: bytes, original: Any, known: Mapping[At, Any], *, trusted: bool = True) -> FormulaValues:
    """Returns every formula's value: what the file says, else what LibreOffice's copy says.

    `known`: the values in the file. Unless they are `trusted`, LibreOffice's come first, but never its errors. Formulas
    that LibreOffice can't compute, with all that read them, have no value.
    """
    copy = read_book(recalculated, "the recalculated file", values=True)
    reading = _formulas(original)
    found = dict(known)
    unknown: set[At] = set()
    lost: set[At] = set()  # values of the file that LibreOffice no longer has for what reads them
    for at, formula in reading.items():
        name, row, column = at
        value = copy[name].cell(row, column).value if name in copy.sheetnames else None
        if at in known:
            if is_error(value) and not is_error(known[at]):
                lost.add(at)
            elif not trusted and value is not None and not _same(value, known[at]):
                found[at] = value
        elif is_error(value) and beyond_libreoffice(formula, str(value)):
            unknown.add(at)
        else:
            found[at] = value
    unknown = _with_readers(unknown | lost, {at: f for at, f in reading.items() if at not in known}) - lost
    values = {at: found[at] for at in reading if at in found and at not in unknown}
    new = {at: v for at, v in values.items() if v is not None and (at not in known or not _same(v, known[at]))}
    return FormulaValues(values, unknown, new)


def dummy_values(content: bytes) -> bool:
    """Returns whether the file's values may be dummies: its program wants all of them computed, and isn't openpyxl,
    which stores none."""
    book = BookParts(content, "the workbook")
    settings = book.book.find(f"{book.names}calcPr")
    wants = settings is not None and settings.get("fullCalcOnLoad") in ("1", "true")
    return wants and not written_by_openpyxl(content, "the workbook")


def without_values(content: bytes) -> bytes:
    """Returns the workbook without stored values, so that LibreOffice computes every formula."""
    book = BookParts(content, "the workbook")
    for sheet in book.grids:
        for formula in book.tree(sheet.part).iter(f"{book.names}f"):
            book.changing(sheet.part)
            _set(formula.getparent(), None)
    return book.packed()


def _formulas(book: Any) -> dict[At, str]:
    """Returns every formula by its cell; an array's by each cell that it fills."""
    found: dict[At, str] = {}
    for sheet in book.worksheets:
        for cell in (c for row in sheet.iter_rows() for c in row):
            if text := formula_text(cell.value):
                found[sheet.title, cell.row, cell.column] = text
                for row, column in _filled(getattr(cell.value, "ref", None)):
                    found[sheet.title, row, column] = text
    return found


def _filled(ref: str | None) -> Iterator[tuple[int, int]]:
    if ref and ":" in ref:
        left, top, right, bottom = (int(edge or 0) for edge in range_boundaries(ref))
        if (right - left + 1) * (bottom - top + 1) <= _MOST_FILLED:
            yield from ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))


def _with_readers(unknown: set[At], reading: Mapping[At, str]) -> set[At]:
    """Returns these cells with all formulas that read them."""
    direct = {at: set(formulas.reads(formula, at[0])) for at, formula in reading.items()} if unknown else {}
    grown = bool(unknown)
    while grown:
        more = {at for at, read in direct.items() if at not in unknown and read & unknown}
        unknown |= more
        grown = bool(more)
    return unknown


def _same(one: Any, other: Any) -> bool:
    first, second = (serial(v) if isinstance(v, datetime | date | time | timedelta) else v for v in (one, other))
    numbers = isinstance(first, int | float) and isinstance(second, int | float)
    return math.isclose(first, second, rel_tol=1e-9, abs_tol=1e-12) if numbers else first == second


def inject(content: bytes, values: Mapping[At, Any]) -> bytes:
    """Returns the same file with these values of its formulas; everything else stays byte for byte."""
    book = BookParts(content, "the workbook") if values else None
    for sheet in book.grids if book else ():
        wanted = {(row, column): v for (title, row, column), v in values.items() if title == sheet.title}
        if wanted and book:
            for cell in book.changing(sheet.part).iter(f"{book.names}c"):
                if (at := address(cell.get("r") or "")) in wanted:
                    _set(cell, wanted[at], book.days)
    return book.packed() if book else content


def _set(cell: Any, value: Any, days: int = 0) -> None:
    names = str(cell.tag).rpartition("}")[0] + "}"
    for old in cell.findall(f"{names}v"):
        cell.remove(old)
    cell.attrib.pop("t", None)
    if value is None:
        return
    kind, text = _stored(value, days)
    if kind:
        cell.set("t", kind)
    xml.add(cell, f"{names}v", text)


def _stored(value: Any, days: int) -> tuple[str | None, str]:
    if isinstance(value, bool):
        return "b", "1" if value else "0"
    if isinstance(value, int | float):
        return None, repr(value)
    if isinstance(value, datetime | date):
        return None, repr(serial(value) - days)
    if isinstance(value, time | timedelta):
        return None, repr(serial(value))
    return ("e" if is_error(value) else "str"), str(value)
