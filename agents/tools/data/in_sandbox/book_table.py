"""Reads a sheet of an Excel workbook as a table of typed values."""

import io
import re
import zipfile
import zlib
from datetime import datetime, time
from typing import Any

from agents.tools.data.in_sandbox.header import tabled
from agents.tools.data.in_sandbox.refusal import BookUnreadable, CannotDo
from agents.tools.data.in_sandbox.table import DataTable, NamedSource, listed, unknown
from orchestrator.domain.plural import counted

MOST_CELLS = 12_000_000
_MOST_UNPACKED = 600_000_000
RENAME = "Copy it to a name that ends in .xls or .xlsb, and read that."
_UNCOMPUTED = re.compile(rb"<f\b[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
_HIDDEN_ROW = re.compile(rb"<row\b[^>]*\bhidden=[\"'](?:1|true)")


def read_book(content: bytes, name: NamedSource) -> DataTable:
    """Returns the named sheet, or the first one that holds something. Raises CannotDo."""
    from openpyxl import load_workbook  # takes half a second, which the other types needn't wait for

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(i.file_size for i in archive.infolist()) > _MOST_UNPACKED:
                raise CannotDo(f"{name.shown!r} unpacks to more than 600 MB. Ask for a smaller file.")
            if "xl/workbook.bin" in archive.namelist():
                raise CannotDo(f"{name.shown!r} is an .xlsb file. {RENAME}")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        sheets: dict[str, Any] = {str(s.title): s for s in book.worksheets}
        if name.part and name.part not in sheets:
            raise CannotDo(unknown("sheet", name.part, list(sheets)))
        grids = {title: _cells(sheets[title]) for title in ([name.part] if name.part else sheets)}
        title = name.part or max(grids, key=lambda t: (bool(grids[t]), -list(grids).index(t)))
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unseen = _unseen(archive.read(sheets[title]._worksheet_path))
    except (
        zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError, EOFError, SyntaxError,
    ) as error:  # fmt: skip
        raise BookUnreadable(f"{name.shown!r} is damaged or isn't an Excel file. Ask for the file again.") from error
    filled = grids[title]
    if not filled:
        raise CannotDo(
            f"The sheet {title!r} in {name.shown!r} is empty. Its sheets are {', '.join(map(repr, sheets))}."
        )
    table = tabled([cells for _, cells in filled], [n for n, _ in filled], "row")
    others = [t for t in sheets if t != title]
    more = (f"other sheets: {listed(others)} (select one with {name.shown}#{others[0]})",) if others else ()
    kind = "OpenDocument" if name.shown.lower().endswith((".ods", ".ots")) else "Excel"
    return DataTable(
        table.columns, table.rows, table.places, "row", f"{kind} sheet {title!r}", (*table.notes, *unseen, *more),
        table.odd, header=table.header,
    )  # fmt: skip


def _unseen(sheet: bytes) -> list[str]:
    """Returns what the values alone don't show: formulas that nobody has computed, and hidden rows."""
    found: list[str] = []
    if empty := len(_UNCOMPUTED.findall(sheet)):
        found.append(
            f"{counted(empty, 'formula')} without a stored value, empty here: have Excel or LibreOffice save the file"
        )
    if hidden := len(_HIDDEN_ROW.findall(sheet)):
        found.append(f"{counted(hidden, 'hidden row')} included")
    return found


def _cells(sheet: Any) -> list[tuple[int, list[Any]]]:
    """Yields row numbers and values, without blank rows."""
    sheet.reset_dimensions()
    found: list[tuple[int, list[Any]]] = []
    count = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        count += len(row)
        if count > MOST_CELLS:
            raise CannotDo(
                f"The sheet {sheet.title!r} has more than {MOST_CELLS:,} cells. Ask for it as .csv or .parquet."
            )
        cells = [_day(v) for v in row]
        if any(v is not None and v != "" for v in cells):
            found.append((number, cells))
    return found


def _day(value: Any) -> Any:
    """Excel has no days, only midnights."""
    return value.date() if isinstance(value, datetime) and value.time() == time() else value
