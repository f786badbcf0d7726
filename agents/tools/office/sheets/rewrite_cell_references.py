"""Rewrites every reference of a workbook when rows move or sheets are renamed."""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from openpyxl.formatting.formatting import ConditionalFormattingList
from openpyxl.formula import Tokenizer
from openpyxl.utils import column_index_from_string, get_column_letter
from openpyxl.worksheet.cell_range import MultiCellRange

from agents.tools.office.formulas import is_formula
from orchestrator.errors import ToolFailed

_CELLS = re.compile(r"(\$?)([A-Za-z]{0,3})(\$?)(\d*)(?::(\$?)([A-Za-z]{0,3})(\$?)(\d*))?")
_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*")


LAST_ROW, LAST_COLUMN = 1_048_576, 16_384


class CellRange(NamedTuple):
    """Cells of a sheet, as a formula writes them, without the sheet."""

    sheet: str
    cells: str


Move = Callable[[CellRange], CellRange]
"""Returns where these cells are afterward. Raises Gone if nothing is left of them."""


class Gone(Exception):
    """The cells of a reference are deleted."""


class RowOrColumnSpan(NamedTuple):
    """Rows or columns `at` … `at + many - 1` of a sheet that are inserted (or, with `gone`, deleted)."""

    sheet: str
    rows: bool
    at: int
    many: int
    gone: bool


def moved_by(span: RowOrColumnSpan) -> Move:
    """Returns how references follow when rows or columns are inserted or deleted."""

    def move(place: CellRange) -> CellRange:
        if place.sheet.lower() != span.sheet.lower():
            return place
        match = _CELLS.fullmatch(place.cells)
        if not match:
            return place
        d1, c1, d2, r1, d3, c2, d4, r2 = match.groups()
        first, last = (r1, r2 or r1) if span.rows else (c1, c2 or c1)
        if not first or not last:
            return place  # inserted rows don't affect whole columns
        edges = _edges(span, _number(first), _number(last))
        new = [str(e) if span.rows else get_column_letter(e) for e in edges]
        r1, r2, c1, c2 = (new[0], new[1], c1, c2) if span.rows else (r1, r2, new[0], new[1])
        head = f"{d1}{c1}{d2}{r1}"
        return place._replace(cells=f"{head}:{d3}{c2}{d4}{r2}" if d3 is not None else head)

    return move


def of_rule(span: RowOrColumnSpan, by: int) -> Move:
    """Returns how references of a rule follow when its first cell, on the span's sheet, moves `by` rows or columns.

    Those without `$` count from that cell, so they move with it.
    """
    follow = moved_by(span)

    def move(place: CellRange) -> CellRange:
        match = _CELLS.fullmatch(place.cells)
        if place.sheet.lower() != span.sheet.lower() or not match:
            return place
        d1, c1, d2, r1, d3, c2, d4, r2 = match.groups()
        ends: list[str] = []
        for column_mark, column, row_mark, row in ((d1, c1, d2, r1), (d3, c2, d4, r2)):
            if column_mark is None:
                continue
            mark, edge = (row_mark, row) if span.rows else (column_mark, column)
            if mark or not edge:
                continue
            new = max(1, min(_number(edge) + by, LAST_ROW if span.rows else LAST_COLUMN))
            ends.append(str(new) if span.rows else get_column_letter(new))
        several = d3 is not None
        if len(ends) == 1 + several:
            first, last = (f"{d1}{c1}{d2}{ends[0]}", f"{d3}{c2}{d4}{ends[-1]}") if span.rows else (
                f"{d1}{ends[0]}{d2}{r1}", f"{d3}{ends[-1]}{d4}{r2}"
            )  # fmt: skip
            return place._replace(cells=f"{first}:{last}" if several else first)
        if not ends:
            return follow(place)
        start, _, stop = place.cells.partition(":")  # one end counts from the rule's cell
        return place._replace(cells=":".join(move(place._replace(cells=end)).cells for end in (start, stop)))

    return move


def renamed(old: str, new: str) -> Move:
    return lambda place: place._replace(sheet=new) if place.sheet.lower() == old.lower() else place


def formula(text: str, home: str, move: Move) -> str:
    """Returns the formula on sheet `home` with its references moved. Raises Gone."""
    found = Tokenizer(text if text.startswith("=") else f"={text}")
    for item in found.items:
        if str(item.type) == "OPERAND" and str(item.subtype) == "RANGE":
            item.value = _reference(str(item.value), home, move)
    words = "".join(str(item.value) for item in found.items)
    return f"={words}" if text.startswith("=") else words


def everywhere(book: Any, move: Move) -> None:
    """Moves the references of formulas, names, rules, choices, tables and charts. Raises Gone if one is lost."""
    for _, get, put, home in _texts(book):
        text = get()
        if (new := formula(text, home, move)) != text:
            put(new)
    for sheet in book.worksheets:
        _areas(sheet, move)


def nothing_lost(book: Any, move: Move) -> None:
    """Raises ToolFailed if something that stays reads what is deleted."""
    for holder, get, _, home in _texts(book):
        name, mark, cell = holder.rpartition("!")
        try:
            formula(get(), home, move)
        except Gone:
            if not (mark and name == home and cells_of(cell, home, move) is None):
                words = f"{holder} refers to {get()!r}, part of which would be deleted. Change that first."
                raise ToolFailed(words) from None


def users(book: Any, name: str) -> list[str]:
    """Returns what refers to the sheet `name` from elsewhere."""
    found: list[str] = []

    def seen(place: CellRange) -> CellRange:
        if place.sheet.lower() == name.lower():
            raise Gone
        return place

    for holder, get, _, home in _texts(book):
        if home.lower() == name.lower() and holder.startswith(f"{home}!"):
            continue
        try:
            formula(get(), home, seen)
        except Gone:
            found.append(holder)
    return found


def cells_of(text: str, home: str, move: Move) -> str | None:
    """Returns a range such as `A2:B9` after the move; None if nothing is left."""
    try:
        return move(CellRange(home, text)).cells
    except Gone:
        return None


def quoted(name: str) -> str:
    if _PLAIN_NAME.fullmatch(name) and not _CELLS.fullmatch(name):
        return name
    return "'" + name.replace("'", "''") + "'"


def _reference(text: str, home: str, move: Move) -> str:
    place, mark, cells = text.rpartition("!")
    if not cells or "[" in text or not _CELLS.fullmatch(cells) or not re.search(r"\d|:", cells):
        return text
    here = CellRange(place.strip("'").replace("''", "'") if mark else home, cells)
    if (there := move(here)) == here:
        return text
    return f"{quoted(there.sheet)}!{there.cells}" if mark else there.cells


def _edges(span: RowOrColumnSpan, first: int, last: int) -> tuple[int, int]:
    end = span.at + span.many
    if not span.gone:
        most = LAST_ROW if span.rows else LAST_COLUMN
        start, stop = (i + span.many if i >= span.at else i for i in (first, last))
        if start > most:
            raise Gone
        return start, min(stop, most)
    if first >= span.at and last < end:
        raise Gone
    start = span.at if span.at <= first < end else first - span.many if first >= end else first
    stop = span.at - 1 if span.at <= last < end else last - span.many if last >= end else last
    return start, stop


def _number(text: str) -> int:
    return int(text) if text.isdigit() else column_index_from_string(text.upper())


Text = tuple[str, Callable[[], str], Callable[[str], None], str]
"""What holds the reference, how to read and write it, and the sheet of references without a sheet name."""


def _texts(book: Any) -> Iterator[Text]:
    for sheet in book.worksheets:
        home = sheet.title
        for row in sheet.iter_rows():
            for cell in row:
                if isinstance(cell.value, str) and is_formula(cell.value):
                    yield _held(f"{home}!{cell.coordinate}", cell, "value", home)
                elif hasattr(cell.value, "ref"):
                    yield _held(f"{home}!{cell.coordinate}", cell.value, "text", home)
        for name, defined in sheet.defined_names.items():
            yield _held(f"the name {name!r}", defined, "attr_text", home)
        for rules in sheet.conditional_formatting:
            for rule in rules.rules:
                for n, _ in enumerate(rule.formula):
                    yield _item(f"{home}!{rules.sqref} (conditional format)", rule.formula, n, home)
        for check in sheet.data_validations.dataValidation:
            for side in ("formula1", "formula2"):
                if (text := getattr(check, side)) and not str(text).startswith('"'):
                    yield _held(f"{home}!{check.sqref} (choices)", check, side, home)
        for chart in sheet._charts:
            for ref in _chart_refs(chart):
                yield _held(f"a chart on {home!r}", ref, "f", home)
    for name, defined in book.defined_names.items():
        yield _held(f"the name {name!r}", defined, "attr_text", "")


def _held(holder: str, thing: Any, field: str, home: str) -> Text:
    return holder, lambda: str(getattr(thing, field)), lambda new: setattr(thing, field, new), home


def _item(holder: str, things: Any, n: int, home: str) -> Text:
    return holder, lambda: str(things[n]), lambda new: things.__setitem__(n, new), home


def _chart_refs(chart: Any) -> Iterator[Any]:
    for part in [chart, *chart._charts[1:]]:
        for series in part.series:
            for name in ("tx", "cat", "val", "xVal", "yVal"):
                side = getattr(series, name, None)
                for kind in ("strRef", "numRef"):
                    if side is not None and getattr(side, kind, None) is not None:
                        yield getattr(side, kind)


def _areas(sheet: Any, move: Move) -> None:
    """Moves one sheet's rules, validations, merged cells, tables and filter; those of deleted cells are removed."""
    home = sheet.title
    rules: Any = sheet.conditional_formatting
    kept: Any = ConditionalFormattingList()
    sheet.conditional_formatting = kept
    for group in rules:
        if ranges := _ranges(group.sqref, home, move):
            for rule in group.rules:
                kept.add(ranges, rule)
    for check in list(sheet.data_validations.dataValidation):
        if ranges := _ranges(check.sqref, home, move):
            check.sqref = MultiCellRange(ranges)
        else:
            sheet.data_validations.dataValidation.remove(check)
    for merged in [str(m) for m in sheet.merged_cells.ranges]:
        if (new := cells_of(merged, home, move)) != merged:
            sheet.merged_cells.remove(merged)
            if new and ":" in new:
                sheet.merged_cells.add(new)
    for table in sheet.tables.values():
        table.ref = cells_of(table.ref, home, move) or table.ref
        if table.autoFilter is not None:
            table.autoFilter.ref = table.ref
    if sheet.auto_filter.ref:
        sheet.auto_filter.ref = cells_of(sheet.auto_filter.ref, home, move)


def _ranges(areas: Any, home: str, move: Move) -> str:
    return " ".join(new for area in str(areas).split() if (new := cells_of(area, home, move)))
