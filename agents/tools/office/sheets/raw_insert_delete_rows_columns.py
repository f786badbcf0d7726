"""Inserts and deletes rows and columns in a workbook's own parts; all that refers to cells follows, or it's refused."""

import re
from collections.abc import Iterator
from typing import Any

from openpyxl.utils import get_column_letter

from agents.tools.office.drawing_text import local
from agents.tools.office.provenance_file import Sidecar
from agents.tools.office.sheets import change_rows_columns_and_sheets, raw_references, rewrite_cell_references
from agents.tools.office.sheets.book_parts import BookParts, SheetPart
from agents.tools.office.sheets.cell_storage import address
from agents.tools.office.sheets.find_or_add_raw_cells import RawGrid, write_out_shared
from agents.tools.office.sheets.raw_cells import forget_values
from agents.tools.office.sheets.raw_resize_around import follow
from agents.tools.office.sheets.raw_resize_refusals import refuse
from agents.tools.office.sheets.rewrite_cell_references import LAST_COLUMN, Gone, Move, RowOrColumnSpan
from agents.tools.office.sheets.stale_values import Spot
from orchestrator.errors import ToolFailed

_BY_PLACE = re.compile(r"(?i)\b(ROWS?|COLUMNS?|CELL|ADDRESS|COUNTBLANK)\(")
"""Functions whose value changes where cells move or empty ones come, whatever is in them."""
_COPIED = ("s", "customFormat", "ht", "customHeight")


def resize(book: BookParts, sheet: SheetPart, span: RowOrColumnSpan, sidecar: Sidecar) -> Sidecar:
    """Inserts or deletes the rows or columns; returns the sidecar that follows. Raises ToolFailed, before anything is
    changed for good, where something can't follow."""
    refuse(book, sheet, span)
    move = rewrite_cell_references.moved_by(span)
    _write_out_shared(book, sheet)
    grid = RawGrid(book.changing(sheet.part))
    lines = {number: dict(grid.line(number)) for number in grid.rows}
    _nothing_lost(book, span)
    if span.gone:
        forget_values(book, [*_deleted(sheet.title, span, lines), *_by_place(book)], chain=True)
        _remove(grid, span, lines)
    _rewrite(book, span)
    _shift(grid, span, lines)
    if not span.rows:
        _columns(grid.tree, span)
    follow(book, sheet, span, move)
    if not span.gone:
        _format(book, sheet, span)
        columns = sorted({c for line in lines.values() for c in line})
        new = [(span.at, c) for c in columns] if span.rows else [(n, span.at) for n in lines]
        spots: list[Spot] = [(sheet.title.lower(), *place) for place in new]
        forget_values(book, [*spots, *_by_place(book)], chain=True)
    return change_rows_columns_and_sheets.followed(sidecar, move)


def _nothing_lost(book: BookParts, span: RowOrColumnSpan) -> None:
    """Raises ToolFailed if something that stays reads what goes."""
    for one in raw_references.every(book, span.sheet):
        try:
            raw_references.moved(one, _move(one, span))
        except Gone:
            if _place(one, span) != "":
                raise ToolFailed(
                    f"{one.holder()} refers to {one.text!r}, part of which would be deleted. Change that first."
                ) from None


def _rewrite(book: BookParts, span: RowOrColumnSpan) -> None:
    for one in raw_references.every(book, span.sheet):
        try:
            new = raw_references.moved(one, _move(one, span))
        except Gone:
            continue  # its holder goes as well
        if new != one.text:
            book.changing(one.part)
            one.put(new)


def _move(one: raw_references.RawReference, span: RowOrColumnSpan) -> Move:
    """Returns how the reference follows: that of a rule on the sheet counts from the rule's first cell."""
    of_rule = any(local(e) in ("cfRule", "dataValidation") for e in one.element.iterancestors())
    where, after = _cells(one.element) if of_rule else "", _place(one, span)
    if one.home != span.sheet or not where or not after:
        return rewrite_cell_references.moved_by(span)
    before, now = (address(text.split()[0].partition(":")[0].replace("$", "")) for text in (where, after))
    return rewrite_cell_references.of_rule(span, now[0] - before[0] if span.rows else now[1] - before[1])


def _place(one: raw_references.RawReference, span: RowOrColumnSpan) -> str | None:
    """Returns the cells of what holds the reference afterward, empty if they're deleted; None if it has none."""
    if one.home != span.sheet or not (where := _cells(one.element)):
        return None
    move = rewrite_cell_references.moved_by(span)
    return " ".join(
        area for text in where.split() if (area := rewrite_cell_references.cells_of(text, span.sheet, move))
    )


def _cells(element: Any) -> str:
    """Returns the cells of the formula, rule or link that holds this text; empty if there are none."""
    for each in (element, *element.iterancestors()):
        key = {"c": "r", "hyperlink": "ref"}.get(local(each), "sqref")
        newer = next((str(e.text) for e in each if local(e) == "sqref"), "")
        if at := str(each.get(key) or newer):
            return at
    return ""


def _write_out_shared(book: BookParts, sheet: SheetPart) -> None:
    """Writes out the formulas that cells share, in the sheet and where they name it: each moves by itself."""
    for other in book.grids:
        keys: dict[str, tuple[str, str]] = {}
        for formula in book.tree(other.part).iter(f"{book.names}f"):
            text = str(formula.text or "")
            near = other.part == sheet.part or sheet.title.lower() in text.lower()
            if formula.get("t") == "shared" and text and near:
                keys[str(formula.get("si"))] = (text, str(formula.getparent().get("r")))
        if keys:
            write_out_shared(book.changing(other.part), book.names, keys)


def _by_place(book: BookParts) -> Iterator[Spot]:
    """Yields the formulas whose value depends on where cells are."""
    for sheet in book.grids:
        for formula in book.tree(sheet.part).iter(f"{book.names}f"):
            if _BY_PLACE.search(str(formula.text or "")) and local(formula.getparent()) == "c":
                yield (sheet.title.lower(), *address(str(formula.getparent().get("r"))))


def _deleted(title: str, span: RowOrColumnSpan, lines: dict[int, dict[int, Any]]) -> Iterator[Spot]:
    for row, line in lines.items():
        for column in line:
            if span.at <= (row if span.rows else column) < span.at + span.many:
                yield (title.lower(), row, column)


def _remove(grid: RawGrid, span: RowOrColumnSpan, lines: dict[int, dict[int, Any]]) -> None:
    for number, line in lines.items():
        if span.rows and span.at <= number < span.at + span.many:
            row = grid.row(number)
            row.getparent().remove(row)
        elif not span.rows:
            for column in [c for c in line if span.at <= c < span.at + span.many]:
                line[column].getparent().remove(line[column])


def _shift(grid: RawGrid, span: RowOrColumnSpan, lines: dict[int, dict[int, Any]]) -> None:
    """Gives rows and cells the numbers that they have afterward."""
    by = -span.many if span.gone else span.many
    for number, line in lines.items():
        row = grid.row(number)
        row.attrib.pop("spans", None)
        down = by if span.rows and number >= span.at else 0
        if down:
            row.set("r", str(number + down))
        for column, cell in line.items():
            over = by if not span.rows and column >= span.at else 0
            if down or over:
                cell.set("r", f"{get_column_letter(max(1, column + over))}{max(1, number + down)}")


def _columns(tree: Any, span: RowOrColumnSpan) -> None:
    """Moves widths and styles of columns; inserted ones get those of the column to their left."""
    names = str(tree.tag).rpartition("}")[0] + "}"
    listed: Any = tree.find(f"{names}cols")
    if listed is None:
        return
    for entry in list(listed):
        first, last = int(entry.get("min") or 1), int(entry.get("max") or 1)
        if span.gone:
            columns = f"{get_column_letter(first)}:{get_column_letter(min(last, LAST_COLUMN))}"
            edges = rewrite_cell_references.cells_of(columns, span.sheet, rewrite_cell_references.moved_by(span))
            if edges is None:
                listed.remove(entry)
                continue
            left, _, right = edges.partition(":")
            first, last = (address(f"{letters}1")[1] for letters in (left, right))
        else:
            beside = last == span.at - 1 and entry.get("hidden") not in ("1", "true")
            first += span.many if first >= span.at else 0
            last += span.many if last >= span.at or beside else 0
        if first > LAST_COLUMN:
            listed.remove(entry)
            continue
        entry.set("min", str(first))
        entry.set("max", str(min(last, LAST_COLUMN)))
    if not len(listed):
        tree.remove(listed)


def _format(book: BookParts, sheet: SheetPart, span: RowOrColumnSpan) -> None:
    """Formats inserted cells like those above or to the left; below a header like those that follow."""
    grid = RawGrid(book.changing(sheet.part))
    like = span.at - 1 if span.at > 2 else span.at + span.many
    if not span.rows:
        for number in grid.rows:
            known = grid.line(number).get(span.at - 1)
            style = str(known.get("s") or "") if known is not None else ""
            for column in range(span.at, span.at + span.many) if style else ():
                grid.cell(number, column).set("s", style)
        return
    styles = {column: str(cell.get("s")) for column, cell in grid.line(like).items() if cell.get("s")}
    shape = {k: str(grid.row(like).get(k)) for k in _COPIED if grid.row(like).get(k)} if like in grid.rows else {}
    for number in range(span.at, span.at + span.many) if styles or shape else ():
        row = grid.row(number)
        for key, value in shape.items():
            row.set(key, value)
        for column, style in styles.items():
            grid.cell(number, column).set("s", style)
