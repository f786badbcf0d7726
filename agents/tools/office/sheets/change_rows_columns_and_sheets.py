"""Inserts, deletes and renames rows, columns and sheets; formulas follow, or the change is refused."""

from typing import Any

from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries

from agents.tools.office.provenance_file import Sidecar
from agents.tools.office.sheets import rewrite_cell_references
from agents.tools.office.sheets.rewrite_cell_references import CellRange, RowOrColumnSpan
from agents.tools.office.sheets.write_cells import sheet_named
from orchestrator.errors import ToolFailed

_MOST = 5000


def span_of(title: str, what: str, at: str | int, count: int, *, gone: bool) -> RowOrColumnSpan:
    """Raises ToolFailed unless `at` is a row number, or a column's letter."""
    text, rows = str(at).strip(), what == "rows"
    if rows != text.isdigit() or not (text.isdigit() or (text.isalpha() and len(text) <= 3)):
        raise ToolFailed(
            f"{at!r} isn't a valid position for {what}. Use {'a row number' if rows else 'a column letter'}."
        )
    if not 1 <= count <= _MOST:
        raise ToolFailed(f"{count} {what} is out of range. Use 1 to {_MOST:,}.")
    return RowOrColumnSpan(title, rows, int(text) if rows else column_index_from_string(text.upper()), count, gone)


def resize(book: Any, sheet: Any, span: RowOrColumnSpan, sidecar: Sidecar) -> Sidecar:
    """Inserts or deletes the rows or columns; the sidecar follows. Raises ToolFailed."""
    _refuse(sheet, span)
    move = rewrite_cell_references.moved_by(span)
    rewrite_cell_references.nothing_lost(book, move)
    anchors = [(chart, chart.anchor) for chart in sheet._charts]
    sizes = _sizes(sheet, span)
    links = [c for row in sheet.iter_rows() for c in row if c.hyperlink is not None]
    match span.rows, span.gone:
        case True, False:
            sheet.insert_rows(span.at, span.many)
        case True, True:
            sheet.delete_rows(span.at, span.many)
        case False, False:
            sheet.insert_cols(span.at, span.many)
        case _:
            sheet.delete_cols(span.at, span.many)
    for cell in links:
        if cell.hyperlink is not None:
            cell.hyperlink.ref = cell.coordinate
    rewrite_cell_references.everywhere(book, move)
    for chart, anchor in anchors:
        _anchor(chart, anchor, span)
    _resized(sheet, span, sizes)
    if sheet.freeze_panes:
        sheet.freeze_panes = (
            rewrite_cell_references.cells_of(str(sheet.freeze_panes), sheet.title, move) or sheet.freeze_panes
        )
    return followed(sidecar, move)


def rename(book: Any, sheet: Any, to: str, sidecar: Sidecar) -> Sidecar:
    """Raises ToolFailed for a name that is taken or that Excel refuses."""
    other = sheet_named(book, to)
    if other is not None and other is not sheet:
        raise ToolFailed(f"A sheet {to!r} already exists. Use another name.")
    old = sheet.title
    rewrite_cell_references.everywhere(book, rewrite_cell_references.renamed(old, to))
    sheet.title = to
    return renamed(sidecar, old, to)


def renamed(sidecar: Sidecar, old: str, to: str) -> Sidecar:
    """Returns the sidecar after a sheet was renamed."""
    moved = followed(sidecar, rewrite_cell_references.renamed(old, to))
    sheets = tuple(to if s == old else s for s in moved.sheets)
    freezes = {to if s == old else s: cell for s, cell in moved.freezes.items()}
    pages = {to if s == old else s: page for s, page in moved.pages.items()}
    return moved.model_copy(update={"sheets": sheets, "freezes": freezes, "pages": pages})


def delete(book: Any, sheet: Any, sidecar: Sidecar) -> Sidecar:
    """Raises ToolFailed if it is the last one, or something else reads it."""
    if len(book.worksheets) < 2:
        raise ToolFailed(f"{sheet.title!r} is the only sheet, and a workbook needs one. Add another sheet first.")
    if found := rewrite_cell_references.users(book, sheet.title):
        names = ", ".join(found[:5]) + (f" and {len(found) - 5} more" if len(found) > 5 else "")
        raise ToolFailed(f"The sheet {sheet.title!r} is referenced by {names}. Change those first.")
    book.remove(sheet)
    return deleted(sidecar, sheet.title)


def deleted(sidecar: Sidecar, title: str) -> Sidecar:
    """Returns the sidecar after a sheet was deleted."""
    gone = f"{title}!"
    return sidecar.model_copy(
        update={
            "places": tuple(p for p in sidecar.places if not p.place.startswith(gone)),
            "sheets": tuple(s for s in sidecar.sheets if s != title),
            "widths": {k: w for k, w in sidecar.widths.items() if not k.startswith(gone)},
        }
    )


def _refuse(sheet: Any, span: RowOrColumnSpan) -> None:
    words = "rows" if span.rows else "columns"
    if sheet._pivots:
        raise ToolFailed(
            f"The sheet {sheet.title!r} has a pivot table, which would break if the sheet's "
            f"{words} were moved. Use another sheet."
        )
    for row in sheet.iter_rows():
        for cell in row:
            if hasattr(cell.value, "ref"):
                raise ToolFailed(
                    f"{cell.coordinate!r} contains an array formula, which can't be moved. "
                    "Rewrite the formula in another cell, then try again."
                )
    for table in sheet.tables.values():
        left, top, right, bottom = _box(table.ref)
        first, last = (top, bottom) if span.rows else (left, right)
        inside = first <= span.at <= last or (span.gone and span.at < first < span.at + span.many)
        header = span.gone and span.at <= top < span.at + span.many
        if inside and (not span.rows or header):
            raise ToolFailed(f"Those {words} are part of the table {table.displayName!r}. Change the table first.")


def _box(ref: str) -> tuple[int, int, int, int]:
    left, top, right, bottom = range_boundaries(ref)
    return int(left or 1), int(top or 1), int(right or 1), int(bottom or 1)


def _sizes(sheet: Any, span: RowOrColumnSpan) -> dict[int, float]:
    """Returns heights or widths by number, as they were."""
    if span.rows:
        return {n: d.height for n, d in sheet.row_dimensions.items() if d.height}
    return {column_index_from_string(k): d.width for k, d in sheet.column_dimensions.items() if d.width}


def _resized(sheet: Any, span: RowOrColumnSpan, sizes: dict[int, float]) -> None:
    end = span.at + span.many
    for n in sizes:
        if n >= span.at:
            _size(sheet, span, n, None)
    for n, size in sizes.items():
        if n < span.at:
            continue
        if not span.gone:
            _size(sheet, span, n + span.many, size)
        elif n >= end:
            _size(sheet, span, n - span.many, size)


def _size(sheet: Any, span: RowOrColumnSpan, n: int, size: float | None) -> None:
    if span.rows:
        sheet.row_dimensions[n].height = size
    elif size is not None:
        sheet.column_dimensions[get_column_letter(n)].width = size


def _anchor(chart: Any, anchor: Any, span: RowOrColumnSpan) -> None:
    """Keeps a chart beside what it was beside."""
    if isinstance(anchor, str):
        moved = rewrite_cell_references.cells_of(anchor, span.sheet, rewrite_cell_references.moved_by(span))
        chart.anchor = moved or anchor
        return
    for corner in (anchor._from, getattr(anchor, "to", None)):
        if corner is not None:
            now = corner.row if span.rows else corner.col
            if now + 1 >= span.at:
                new = max(span.at - 1, now - span.many) if span.gone else now + span.many
                setattr(corner, "row" if span.rows else "col", new)


def followed(sidecar: Sidecar, move: rewrite_cell_references.Move) -> Sidecar:
    """Returns the sidecar after a move, without the deleted cells."""

    def moved(text: str) -> str | None:
        name, _, cells = text.rpartition("!")
        try:
            there = move(CellRange(name, cells))
        except rewrite_cell_references.Gone:
            return None
        return f"{there.sheet}!{there.cells}"

    places = [(moved(p.place), p) for p in sidecar.places]
    widths = {new: w for k, w in sidecar.widths.items() if (new := _column(k, moved))}
    freezes = {s: (moved(f"{s}!{cell}") or cell).rpartition("!")[2] for s, cell in sidecar.freezes.items()}
    return sidecar.model_copy(
        update={
            "places": tuple(p.model_copy(update={"place": new}) for new, p in places if new),
            "widths": widths,
            "freezes": freezes,
            "edited": tuple(area for text in sidecar.edited if (area := moved(text))),
        }
    )


def _column(key: str, moved: Any) -> str | None:
    name, _, letter = key.rpartition("!")
    new = moved(f"{name}!{letter}:{letter}")
    return new.rpartition(":")[0] if new else None
