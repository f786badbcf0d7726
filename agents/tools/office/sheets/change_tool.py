"""Defines the tool that changes a workbook around its cells: names, tables, formats, highlights, choices, pages, rows,
sheets."""

import asyncio
from typing import Annotated

from agents.tool import CallContext, tool
from agents.tools.office import provenance_file, zip_package
from agents.tools.office.sheets import change_schema, sources_sheet
from agents.tools.office.sheets.book_parts import BookParts
from agents.tools.office.sheets.finishing_touches import finish
from agents.tools.office.sheets.open_and_save_workbook import open_book, read_book, save_book, saved_parts
from agents.tools.office.sheets.openpyxl_changes import apply_change
from agents.tools.office.sheets.raw_changes import change_part
from agents.tools.office.sheets.raw_sheets import graft
from agents.tools.office.sheets.sheet_rows import CellArea
from agents.tools.office.sheets.stale_pivots import stale_pivots
from agents.tools.office.sheets.write_cells import sheet_named
from agents.tools.office.sheets.write_foreign_book import is_foreign, save
from orchestrator.domain.tool_calls import Effect
from orchestrator.errors import ToolFailed


@tool(effects={Effect.READ, Effect.WRITE_WORKSPACE})
async def sheet_change(
    room: CallContext,
    path: Annotated[str, "an existing .xlsx file"],
    sheet: Annotated[str, "the sheet to change or, for add_sheet, the name of the new one"],
    changes: Annotated[list[change_schema.Change], "applied in order, all or none"],
) -> str:
    """Change a sheet's structure and format.

    Named cells, Excel tables, number formats, styles, conditional formats, drop-down lists, frozen panes, notes,
    widths, printing, inserted or deleted rows and columns (formulas follow), sheets.
    """
    return await asyncio.to_thread(_changed, room, zip_package.tidy(path), sheet.strip(), changes)


def _changed(room: CallContext, path: str, name: str, wanted: list[change_schema.Change]) -> str:
    if not wanted:
        raise ToolFailed("Pass at least one change.")
    with zip_package.one_at_a_time(f"{room.workspace.root}/{path}"):
        if not room.workspace.exists(path):
            raise ToolFailed(f"There's no workbook {path!r}. Write its data with sheet_write first.")
        content = room.workspace.read(path)
        foreign = path.endswith(".xlsx") and is_foreign(content, path)
        if foreign:
            titles, old = _in_parts(room, path, content, name, wanted)
            done = f"{path}: {_done(wanted)} done; its sheets are {titles}. Everything else is unchanged."
            return f"{done} {old}".rstrip()
        book, before = open_book(room.workspace, path)
        sidecar = provenance_file.load(room.workspace, path)
        for one in wanted:
            name, sidecar = apply_change(book, name, one, sidecar)
        sidecar = sources_sheet.write_sources(book, sidecar)
        target = sheet_named(book, name)
        if target is not None and target.title in sidecar.sheets:
            finish(target, sidecar)
        save_book(room.workspace, path, book, before)
        provenance_file.save(room.workspace, sidecar)
    return f"{path}: {_done(wanted)} done; its sheets are {', '.join(map(repr, book.sheetnames))}."


def _in_parts(
    room: CallContext, path: str, content: bytes, name: str, wanted: list[change_schema.Change]
) -> tuple[str, str]:
    """Changes somebody else's workbook part by part; returns the names of its sheets, and what is said of its pivot
    tables."""
    book = BookParts(content, path)
    sidecar = provenance_file.load(room.workspace, path)
    for one in wanted:
        name, sidecar = change_part(book, name, one, sidecar)
    resized = any(isinstance(one, change_schema.Resize) for one in wanted)
    if sidecar.sources_sheet and resized:
        made = read_book(book.packed(), path)
        sidecar = sources_sheet.write_sources(made, sidecar)
        graft(book, zip_package.pack(saved_parts(made, path)), [str(sidecar.sources_sheet)])
    save(room.workspace, path, content, book, sidecar)
    return ", ".join(repr(s.title) for s in book.sheets), stale_pivots(book, name, CellArea()) if resized else ""


def _done(wanted: list[change_schema.Change]) -> str:
    return ", ".join(dict.fromkeys(one.do.replace("_", " ") for one in wanted))
