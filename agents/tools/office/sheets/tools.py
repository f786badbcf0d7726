"""Defines the spreadsheet tools: write a block, draw a chart, read."""

import asyncio
from collections.abc import Sequence
from pathlib import PurePosixPath
from typing import Annotated, Any, NamedTuple

from openpyxl.utils import get_column_letter

from agents.tool import CallContext, tool
from agents.tools.office import provenance_file, zip_package
from agents.tools.office.cell_input import Cell, CellInput, entry, excel_format
from agents.tools.office.file_kind import BOOKS
from agents.tools.office.sheets import charts, sources_sheet
from agents.tools.office.sheets.book_parts import BookParts
from agents.tools.office.sheets.chart_position import free_place
from agents.tools.office.sheets.finishing_touches import finish
from agents.tools.office.sheets.open_and_save_workbook import open_book, read_book, readable, save_book
from agents.tools.office.sheets.open_any_book import open_any_book
from agents.tools.office.sheets.read_csv import read_csv
from agents.tools.office.sheets.read_workbook import read_workbook
from agents.tools.office.sheets.source_comments import note
from agents.tools.office.sheets.stale_pivots import stale_pivots
from agents.tools.office.sheets.text_grid import cell_words, table
from agents.tools.office.sheets.write_cells import corner, fill, sheet_named, valid_title
from agents.tools.office.sheets.write_foreign_book import (
    WantedBlock,
    is_foreign,
    save_chart,
    save_ours,
    shown_value,
    write_into,
)
from orchestrator.domain.deliverables import Provenance
from orchestrator.domain.plural import counted
from orchestrator.domain.tool_calls import Effect
from orchestrator.errors import ToolFailed

_MOST_CELLS = 200_000
_PICTURE_ROWS, _PICTURE_COLUMNS = 12, 12


@tool(effects={Effect.READ, Effect.WRITE_WORKSPACE})
async def sheet_write(
    room: CallContext,
    path: Annotated[str, "an .xlsx file in the workspace; created if missing"],
    sheet: Annotated[str, "sheet name; created if missing"],
    cell: Annotated[str, "top left cell of the block, e.g. A1 (the first row of a new sheet is its header) or A2"],
    rows: Annotated[
        list[list[Cell]],
        "rows of cells: text, number, true/false, null (empties the cell), an ISO date, a formula '=B2*C2', or "
        '{"value": 49, "finding": "f1", "format": "currency"}; cite the finding behind every typed figure',
    ],
    widths: Annotated[
        list[float] | None, "column widths in characters, from the block's first column on; default: automatic"
    ] = None,
) -> str:
    """Write a block of rows into a spreadsheet. Styling, number formats, widths, and a Sources sheet are automatic.

    Compute with formulas instead of typing results. Writing the same block again changes nothing.
    """
    return await asyncio.to_thread(_write, room, zip_package.tidy(path), sheet.strip(), cell, rows, widths or [])


def _write(room: CallContext, path: str, name: str, cell: str, rows: list[list[Cell]], widths: list[float]) -> str:
    block = [[entry(c) for c in row] for row in rows]
    top, left = corner(cell, block)
    if not any(block) or sum(map(len, block)) > _MOST_CELLS:
        raise ToolFailed(f"Pass 1 to {_MOST_CELLS:,} cells for {path!r}. Split larger blocks into several calls.")
    found = provenance_file.resolve(room, [i for line in block for e in line for i in e.findings])
    old = ""
    with zip_package.one_at_a_time(f"{room.workspace.root}/{path}"):
        valid_title(name)
        content = room.workspace.read(path) if path.endswith(".xlsx") and room.workspace.exists(path) else None
        foreign = content is not None and is_foreign(content, path)
        if content is not None and foreign and not _ours(room, path, content, name):
            return write_into(room, path, content, WantedBlock(name, top, left, block, widths), found)
        book, before = (read_book(content, path), content) if content and foreign else open_book(room.workspace, path)
        sidecar = provenance_file.load(room.workspace, path)
        target = sheet_named(book, name)
        if name.lower() == (sidecar.sources_sheet or "Sources").lower() and (target is None or sidecar.sources_sheet):
            raise ToolFailed(f"The sheet {name!r} is generated from the findings you cite. Use another name.")
        if target is None:
            target = book.create_sheet(name)
            sidecar = sidecar.model_copy(update={"sheets": (*sidecar.sheets, target.title)})
        ours = target.title in sidecar.sheets
        fill(target, top, left, block, ours=ours)
        sidecar = _trace(target, sidecar, (top, left), block, found)
        asked = {f"{target.title}!{get_column_letter(left + n)}": w for n, w in enumerate(widths) if w}
        sidecar = sidecar.model_copy(update={"widths": sidecar.widths | {k: min(w, 250.0) for k, w in asked.items()}})
        finish(target, sidecar)
        sidecar = sources_sheet.write_sources(book, sidecar)
        if content is not None and foreign:
            save_ours(room.workspace, path, content, book, sidecar, target.title)
            written = WantedBlock(target.title, top, left, block, widths).area
            old = stale_pivots(BookParts(room.workspace.read(path), path), target.title, written)
        else:
            save_book(room.workspace, path, book, before)
            provenance_file.save(room.workspace, sidecar)
    traced = sum(bool(e.findings) for line in block for e in line)
    head = (
        f"{path}, sheet {target.title!r}: wrote {counted(len(block), 'row')} at {cell.upper()}, "
        f"{counted(traced, 'cell')} traced to findings. {old}"
    ).rstrip()
    return f"{head}\n{_picture(target, top)}"


def _ours(room: CallContext, path: str, content: bytes, name: str) -> bool:
    """Returns whether we style this sheet of somebody else's workbook: we made it, or are about to."""
    sheet = BookParts(content, path).sheet(name)
    known = provenance_file.load(room.workspace, path).sheets
    return (sheet is None or sheet.title in known) and readable(content, path)


def _trace(
    sheet: Any,
    sidecar: provenance_file.Sidecar,
    at: tuple[int, int],
    block: Sequence[Sequence[CellInput]],
    found: Sequence[Any],
) -> provenance_file.Sidecar:
    known = {f.id: f for f in found}
    written: set[str] = set()
    places: list[Provenance] = []
    for r, line in enumerate(block, at[0]):
        for c, given in enumerate(line, at[1]):
            cell = sheet.cell(r, c)
            place = f"{sheet.title}!{cell.coordinate}"
            written.add(place)
            note(cell, tuple(known[i] for i in given.findings))
            if given.findings:
                value = shown_value(given, cell.number_format)
                places.append(Provenance(place=place, shows=value, findings=given.findings))
    return provenance_file.retrace(sidecar, written.__contains__, places, found)


def _picture(sheet: Any, top: int) -> str:
    """Returns the sheet's first rows and the rows around what was written."""
    last, columns = sheet.max_row, min(sheet.max_column, _PICTURE_COLUMNS)
    numbers = sorted({1, 2, *range(max(1, top - 1), min(last, top + _PICTURE_ROWS - 3) + 1)} & set(range(1, last + 1)))
    rows = [
        (n, [cell_words(sheet.cell(n, c).value, sheet.cell(n, c).number_format, {}, "") for c in range(1, columns + 1)])
        for n in numbers
    ]
    return f"It now has {counted(last, 'row')} and {counted(sheet.max_column, 'column')}:\n{table(rows)}"


@tool(effects={Effect.READ, Effect.WRITE_WORKSPACE})
async def sheet_chart(
    room: CallContext,
    path: Annotated[str, "an existing .xlsx file"],
    sheet: Annotated[str, "the sheet with the data"],
    kind: charts.Kind,
    title: Annotated[str, "what the chart says; replaces a chart with the same title"],
    categories: Annotated[str, "range with the labels, e.g. A2:A6"],
    values: Annotated[list[str], "one range per series, e.g. B2:B6; the header above it names the series"],
    at: Annotated[str, "cell for the chart's top left corner, next to or below the data, e.g. H2"],
    x_title: Annotated[str | None, "horizontal axis title"] = None,
    y_title: Annotated[str | None, "vertical axis title, such as the unit"] = None,
    format: Annotated[str | None, "number format for the axis, as in sheet_write; default: the cells' format"] = None,
    on: Annotated[str | None, "another sheet for the chart, such as a dashboard; created if missing"] = None,
) -> str:
    """Draw a native Excel chart from cells on a sheet. A scatter chart needs numbers as categories."""
    axes = charts.Axes(x_title, y_title, excel_format(format, 0))
    wanted = _Drawn(kind, title, categories, values, at, axes, on)
    return await asyncio.to_thread(_chart, room, zip_package.tidy(path), sheet.strip(), wanted)


class _Drawn(NamedTuple):
    kind: charts.Kind
    title: str
    categories: str
    values: list[str]
    at: str
    axes: charts.Axes
    on: str | None


def _chart(room: CallContext, path: str, name: str, wanted: _Drawn) -> str:
    kind, title, categories, values, at, axes, on = wanted
    row, column = corner(at, [[0]])
    labels, series = charts.box(categories, "categories"), [charts.box(v, "values") for v in values]
    if not series or (kind == "pie" and len(series) > 1):
        raise ToolFailed(f"A {kind} chart takes {'one range' if kind == 'pie' else 'at least one range'} of values.")
    with zip_package.one_at_a_time(f"{room.workspace.root}/{path}"):
        if not room.workspace.exists(path):
            raise ToolFailed(f"There's no workbook {path!r}. Write its data with sheet_write first.")
        content = room.workspace.read(path)
        foreign = path.endswith(".xlsx") and is_foreign(content, path)
        book, before = (read_book(content, path), content) if foreign else open_book(room.workspace, path)
        target = sheet_named(book, name)
        if target is None:
            raise ToolFailed(f"{path!r} has no sheet {name!r}. It has {', '.join(map(repr, book.sheetnames))}.")
        if target.cell(labels.top, labels.left).value is None:
            raise ToolFailed(f"The categories {categories!r} on sheet {name!r} are empty. Write the data first.")
        labels, series = charts.fitting(target, kind, labels, series)
        sidecar = provenance_file.load(room.workspace, path)
        shown_on = sheet_named(book, on) if on else target
        if shown_on is None:
            shown_on = book.create_sheet(on)
            sidecar = sidecar.model_copy(update={"sheets": (*sidecar.sheets, shown_on.title)})
        place = free_place(shown_on, title, row, column)
        theirs = foreign and shown_on.title not in sidecar.sheets
        if theirs:
            shown_on._charts, shown_on._images = [], []  # the file keeps its own; only the new one is copied there
        charts.put_chart(target, kind, title, (labels, series), place, axes, on=shown_on)
        if theirs:
            save_chart(room.workspace, path, content, book, sidecar, shown_on.title, title)
        else:
            finish(shown_on, sidecar)
            if foreign:
                save_ours(room.workspace, path, content, book, sidecar, shown_on.title)
            else:
                save_book(room.workspace, path, book, before)
                provenance_file.save(room.workspace, sidecar)
    moved = f" ({at} was taken by data or another chart)" if place != at.replace("$", "").upper() else ""
    return f"{path}, sheet {shown_on.title!r}: {kind} chart {title!r} at {place}{moved}, {len(series)} series."


@tool(effects={Effect.READ}, parallel=True)
async def sheet_read(
    room: CallContext,
    path: Annotated[str, "a workbook (xlsx, xlsm, xlsb, xls, or ods) or a .csv file"],
    sheet: Annotated[str | None, "sheet name; default: the first with content, and a list of all sheets"] = None,
    range: Annotated[str | None, "e.g. A1:F20; default: everything, up to a limit"] = None,
    encoding: Annotated[str, "for a .csv; default: detected automatically"] = "",
) -> str:
    """Read a spreadsheet or CSV as a table with cell addresses; formulas are shown with their last computed values.

    Comments, text boxes, charts, headers, footers, and what is hidden follow the table.
    """
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in (".csv", ".tsv"):
        return await asyncio.to_thread(read_csv, room.workspace, path, range, encoding)
    if suffix not in BOOKS:
        raise ToolFailed(f"{path!r} isn't a workbook or a CSV file. Use document_read or read_file.")
    book = await open_any_book(await asyncio.to_thread(room.workspace.read, path), path)
    return await asyncio.to_thread(read_workbook, book, sheet, range)
