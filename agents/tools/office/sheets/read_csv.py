"""Reads CSV files as small tables with addresses."""

import csv

from openpyxl.utils import range_boundaries

from agents.delimited_text import records
from agents.tool import Workspace
from agents.tools.office.decode_text_file import decoded
from agents.tools.office.sheets.text_grid import table
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_MOST_ROWS, _MOST_COLUMNS = 300, 40
Area = tuple[int, int, int, int]


def read_csv(workspace: Workspace, path: str, area: str | None, encoding: str = "") -> str:
    """Returns the rows of a CSV file; encoding and separator are detected."""
    text = decoded(workspace.read(path), path, encoding)
    try:
        found = records(text.text)
    except csv.Error as error:
        raise ToolFailed(f"{path!r} can't be read as CSV ({error}). Use read_file.") from error
    widest = max(map(len, found.rows), default=0)
    left, top, right, bottom = _area(area, widest, len(found.rows))
    rows = [(n, line[left - 1 : right]) for n, line in enumerate(found.rows[top - 1 : bottom], top)]
    size = f"{counted(len(found.rows), 'row')}, {counted(widest, 'column')}"
    head = f"{path}: {size}, {found.delimiter_name}-separated, {text.described}."
    odd = "".join(f"\n[{words}]" for words in (*text.odd, *found.odd))
    return f"{head}{odd}\n{table(rows, left)}{_note(area, len(found.rows), widest, bottom, right)}"


def _area(text: str | None, columns: int, rows: int) -> Area:
    """Returns the part to show, as left, top, right, bottom."""
    left, top, right, bottom = 1, 1, columns, rows
    if text:
        try:
            edges = range_boundaries(text.rpartition("!")[2].replace("$", "").upper())
        except ValueError as error:
            raise ToolFailed(f"{text!r} isn't a range. Use a format like 'A1:F20'.") from error
        left, top = int(edges[0] or 1), int(edges[1] or 1)
        right, bottom = int(edges[2] or columns), int(edges[3] or rows)
    right, bottom = min(right, columns, left + _MOST_COLUMNS - 1), min(bottom, rows, top + _MOST_ROWS - 1)
    return left, top, right, bottom


def _note(area: str | None, rows: int, columns: int, bottom: int, right: int) -> str:
    if area or (bottom >= rows and right >= columns):
        return ""
    return (
        f"\n[{counted(rows, 'row')} x {counted(columns, 'column')} in total; read the rest with range, e.g. "
        f"'A{bottom + 1}:…']"
    )
