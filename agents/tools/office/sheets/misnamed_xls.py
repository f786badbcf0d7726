"""Reads workbooks that other programs save under Excel's names: HTML tables, Excel 2003 XML, text with tabs."""

import csv
import io
import re
from collections.abc import Sequence
from typing import Any

import openpyxl
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, WriteOnlyCell

from agents.tools.office import xml
from agents.tools.office.decode_text_file import decoded
from agents.tools.office.drawing_text import local
from agents.tools.office.file_kind import FileKind
from agents.tools.office.sheets.xlsx_reader import ListedSheet
from orchestrator.errors import ToolFailed

_MOST_SPAN = 1000
Row = tuple[int, dict[int, str]]


def sheets_of(content: bytes, path: str, kind: FileKind) -> list[ListedSheet]:
    """Returns the tables as sheets. Raises ToolFailed if there are none."""
    found = {"html": _html, "xml sheets": _xml}.get(kind, _text)(content, path)
    if not found:
        raise ToolFailed(f"{path!r} doesn't contain a table. Read it with document_read.")
    return found


def as_workbook(sheets: Sequence[ListedSheet]) -> bytes:
    """Returns such tables as an .xlsx, each cell as the text it shows."""
    book: Any = openpyxl.Workbook(write_only=True)
    for sheet in sheets:
        page = book.create_sheet(re.sub(r"[\[\]:*?/\\]", "_", sheet.title)[:31])
        last = 0
        for number, cells in sorted(sheet.grid or ()):
            for _ in range(last + 1, number):
                page.append([])
            page.append([_plain(page, cells.get(c)) for c in range(1, max(cells, default=0) + 1)])
            last = number
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _plain(page: Any, text: str | None) -> Any:
    """Returns a cell that holds the text as it is: a leading "=" is none of ours to compute."""
    if text is None:
        return None
    cell: Any = WriteOnlyCell(page, ILLEGAL_CHARACTERS_RE.sub("", text)[:32_767])
    cell.data_type = "s"
    return cell


def _html(content: bytes, path: str) -> list[ListedSheet]:
    tree = xml.parsed_html(decoded(content, path).text)
    found: list[ListedSheet] = []
    for table in tree.iter("table"):
        if next(table.iterancestors("table"), None) is None:
            found.append(ListedSheet(f"Table {len(found) + 1}", hidden=False, part="", kind="", grid=_grid(table)))
    return found


def _grid(table: Any) -> list[Row]:
    rows: list[Row] = []
    taken: dict[int, int] = {}
    for number, line in enumerate(table.iter("tr"), 1):
        cells: dict[int, str] = {}
        column = 1
        for cell in (c for c in line if c.tag in ("td", "th")):
            while taken.get(column, 0) >= number:
                column += 1
            if text := " ".join(" ".join(cell.itertext()).split()):
                cells[column] = text
            wide, high = _span(cell.get("colspan")), _span(cell.get("rowspan"))
            taken |= dict.fromkeys(range(column, column + wide), number + high - 1)
            column += wide
        rows.append((number, cells))
    return rows


def _xml(content: bytes, path: str) -> list[ListedSheet]:
    tree = xml.tolerantly(content)
    found: list[ListedSheet] = []
    for sheet in tree.iter("{*}Worksheet") if tree is not None else ():
        rows: list[Row] = []
        number = 0
        for row in sheet.iter("{*}Row"):
            number = _at(row, "Index") or number + 1
            rows.append((number, _cells(row)))
            number += _at(row, "Span")
        options = next((str(v.text) for v in sheet.iter("{*}Visible")), "")
        title = _named(sheet, "Name") or f"Sheet{len(found) + 1}"
        found.append(ListedSheet(title, "hidden" in options.lower(), part="", kind="", grid=rows))
    return found


def _cells(row: Any) -> dict[int, str]:
    cells: dict[int, str] = {}
    column = 0
    for cell in (c for c in row if local(c) == "Cell"):
        column = _at(cell, "Index") or column + 1
        value = next((c for c in cell if local(c) == "Data"), None)
        text = "".join(value.itertext()) if value is not None else ""
        text = text.removesuffix("T00:00:00.000") if value is not None and _named(value, "Type") == "DateTime" else text
        formula = _named(cell, "Formula")
        note = next(("".join(c.itertext()).strip() for c in cell if local(c) == "Comment"), "")
        shown = f"{formula} → {text}" if formula else text
        if shown or note:
            cells[column] = f"{shown} [note: {note}]" if note else shown
        column += _at(cell, "MergeAcross")
    return cells


def _text(content: bytes, path: str) -> list[ListedSheet]:
    text = decoded(content, path).text
    separator = max("\t;,", key=text[:20_000].count)
    lines = csv.reader(io.StringIO(text), delimiter=separator)
    try:
        rows = [(n, {c: cell for c, cell in enumerate(line, 1) if cell}) for n, line in enumerate(lines, 1)]
    except csv.Error as error:
        raise ToolFailed(f"{path!r} is text that can't be read as a table ({error}). Use read_file.") from error
    return [ListedSheet("Text", hidden=False, part="", kind="", grid=rows)]


def _named(element: Any, name: str) -> str:
    return next((str(v) for k, v in element.attrib.items() if str(k).rpartition("}")[2] == name), "")


def _at(element: Any, name: str) -> int:
    text = _named(element, name)
    return int(text) if text.isdigit() else 0


def _span(text: str | None) -> int:
    return min(int(text), _MOST_SPAN) if text and text.isdigit() and int(text) else 1
