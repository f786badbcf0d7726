"""Reads a sheet of an Excel workbook as a table of typed values."""

import io
import re
import zipfile
import zlib
from collections.abc import Collection
from datetime import datetime, time, timedelta
from typing import Any, NamedTuple

from agents.number_format import formatted, is_code
from agents.tools.data.in_sandbox.header import tabled
from agents.tools.data.in_sandbox.refusal import BookUnreadable, CannotDo
from agents.tools.data.in_sandbox.sheet_tables import SheetArea, letters_of, tables, within
from agents.tools.data.in_sandbox.table import DataTable, NamedSource, listed, unknown
from orchestrator.domain.plural import counted

MOST_CELLS = 12_000_000
_MOST_UNPACKED = 600_000_000
RENAME = "Copy it to a name that ends in .xls or .xlsb, and read that."
_UNCOMPUTED = re.compile(rb"<f\b[^>]*?(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>")
_RANGE = re.compile(r"([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})")
_HIDDEN_COLUMN = re.compile(rb"<col\b[^>]*\bhidden=[\"'](?:1|true)[^>]*>")
_MOST_NAMED, _WIDEST = 12, 256
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
        part, wanted = _asked(name.part, sheets)
        if part and part not in sheets:
            raise CannotDo(unknown("sheet", part, list(sheets)))
        odd = _Shown(_codes(book), set(), set())
        grids = {title: _cells(sheets[title], odd) for title in ([part] if part else sheets)}
        title = part or max(grids, key=lambda t: (bool(grids[t]), -list(grids).index(t)))
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unseen = _unseen(archive.read(sheets[title]._worksheet_path))
    except (
        zipfile.BadZipFile, zlib.error, KeyError, ValueError, TypeError, AttributeError, EOFError, SyntaxError,
    ) as error:  # fmt: skip
        raise BookUnreadable(f"{name.shown!r} is damaged or isn't an Excel file. Ask for the file again.") from error
    filled = grids[title]
    unseen += odd.words(title)
    if not filled:
        raise CannotDo(
            f"The sheet {title!r} in {name.shown!r} is empty. Its sheets are {', '.join(map(repr, sheets))}."
        )
    beside, area = list[str](), wanted
    if wanted is None and (several := tables(filled)):
        area = max(several, key=lambda a: a.size)
        rest = ", ".join(a.words for a in several if a is not area)
        one = next(a for a in several if a is not area)
        beside.append(
            f"the sheet has {len(several)} tables and this is {area.words}; the others: {rest} "
            f"(select one with {name.shown}#{title}!{one.words})"
        )
    if area is not None and not (filled := within(filled, area)):
        raise CannotDo(f"{area.words} of the sheet {title!r} is empty. Choose another range.")
    table = tabled([cells for _, cells in filled], [n for n, _ in filled], "row")
    others = [t for t in sheets if t != title]
    more = (f"other sheets: {listed(others)} (select one with {name.shown}#{others[0]})",) if others else ()
    kind = "OpenDocument" if name.shown.lower().endswith((".ods", ".ots")) else "Excel"
    return DataTable(
        table.columns, table.rows, table.places, "row", f"{kind} sheet {title!r}", (*table.notes, *unseen, *more),
        (*beside, *table.odd), header=table.header,
    )  # fmt: skip


def _asked(part: str, sheets: Collection[str]) -> tuple[str, SheetArea | None]:
    """Returns the sheet and the range on it that 'Sheet!A1:C9' means; a sheet may itself be called that."""
    sheet, sign, where = part.rpartition("!")
    found = _RANGE.fullmatch(where.replace("$", "").upper()) if sign and part not in sheets else None
    if found is None:
        return part, None
    left, right = sorted((_column(found[1]), _column(found[3])))
    top, bottom = sorted((int(found[2]), int(found[4])))
    return sheet.strip("'"), SheetArea(top, left, bottom, right)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _unseen(sheet: bytes) -> list[str]:
    """Returns what the values alone don't show: formulas that nobody has computed, and hidden rows."""
    found: list[str] = []
    if empty := len(_UNCOMPUTED.findall(sheet)):
        found.append(
            f"{counted(empty, 'formula')} without a stored value, empty here: have Excel or LibreOffice save the file"
        )
    if hidden := len(_HIDDEN_ROW.findall(sheet)):
        found.append(f"{counted(hidden, 'hidden row')} included")
    if columns := [n for mark in _HIDDEN_COLUMN.findall(sheet) for n in _spanned(mark)]:
        shown = ", ".join(map(letters_of, columns[:_MOST_NAMED]))
        more = "" if len(columns) <= _MOST_NAMED else ", …"
        found.append(f"hidden {'column' if len(columns) == 1 else 'columns'} {shown}{more} included")
    return found


class _Shown(NamedTuple):
    """Number formats that pad with zeros, by style; and the columns that are read as they're shown, by sheet."""

    padded: dict[int, str]
    codes: set[tuple[str, int]]
    durations: set[tuple[str, int]]

    def words(self, title: str) -> list[str]:
        meant = (
            (self.codes, "is shown with leading zeros, so it's text", "are shown with leading zeros, so they're text"),
            (self.durations, "holds durations, as hours (1:30 is 1.5)", "hold durations, as hours (1:30 is 1.5)"),
        )
        found: list[str] = []
        for columns, one, several in meant:
            letters = [letters_of(n) for sheet, n in sorted(columns) if sheet == title]
            if letters:
                more = ", …" if len(letters) > _MOST_NAMED else ""
                shown = ", ".join(letters[:_MOST_NAMED])
                found.append(f"column {shown} {one}" if len(letters) == 1 else f"columns {shown}{more} {several}")
        return found


def _codes(book: Any) -> dict[int, str]:
    own, found = list(book._number_formats), dict[int, str]()
    for n, style in enumerate(book._cell_styles):
        at = int(style.numFmtId) - 164
        if 0 <= at < len(own) and is_code(str(own[at])):
            found[n] = str(own[at])
    return found


def _spanned(mark: bytes) -> range:
    """Returns the columns that a `<col>` is about, from 0; at most those of an ordinary table."""
    first, last = (re.search(rb'\b%s="(\d+)"' % side, mark) for side in (b"min", b"max"))
    return range(int(first[1]) - 1, min(int(last[1]), _WIDEST)) if first and last else range(0)


def _cells(sheet: Any, odd: _Shown) -> list[tuple[int, list[Any]]]:
    """Yields row numbers and values, without blank rows."""
    sheet.reset_dimensions()
    found: list[tuple[int, list[Any]]] = []
    count = 0
    for number, row in enumerate(sheet.iter_rows(values_only=not odd.padded), 1):
        count += len(row)
        if count > MOST_CELLS:
            raise CannotDo(
                f"The sheet {sheet.title!r} has more than {MOST_CELLS:,} cells. Ask for it as .csv or .parquet."
            )
        values = (_padded(cell, n, sheet.title, odd) for n, cell in enumerate(row)) if odd.padded else row
        cells = [_day(v, n, sheet.title, odd) for n, v in enumerate(values)]
        if any(v is not None and v != "" for v in cells):
            found.append((number, cells))
    return found


def _padded(cell: Any, n: int, title: str, odd: _Shown) -> Any:
    """Returns the cell's value: text if its format gives a whole number leading zeros, as of a postal code."""
    value = cell.value
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value != int(value):
        return value
    code = odd.padded.get(cell._style_id)
    if code is None:
        return value
    odd.codes.add((title, n))
    return formatted(value, code)


def _day(value: Any, n: int, title: str, odd: _Shown) -> Any:
    """Excel has no days, only midnights. Durations become hours, which SQL can add up."""
    if isinstance(value, timedelta):
        odd.durations.add((title, n))
        return round(value / timedelta(hours=1), 9)
    return value.date() if isinstance(value, datetime) and value.time() == time() else value
