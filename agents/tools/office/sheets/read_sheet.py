"""Reads CSV files as small tables with addresses."""

import csv
import io

from openpyxl.utils import range_boundaries

from agents.tool import Workspace
from agents.tools.office.sheets.text_grid import table
from agents.tools.office.text_encoding import decoded
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_MOST_ROWS, _MOST_COLUMNS = 300, 40
Area = tuple[int, int, int, int]


def read_csv(workspace: Workspace, path: str, area: str | None) -> str:
    """Returns the rows of a CSV file; encoding and separator are detected."""
    text, encoding = decoded(workspace.read(path), path)
    sample = text[:20_000]
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(sample, delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel_tab if path.lower().endswith(".tsv") else csv.excel
    try:
        lines = list(csv.reader(io.StringIO(text), dialect))
    except csv.Error as error:
        raise ToolFailed(f"{path!r} can't be read as CSV ({error}). Use read_file.") from error
    widest = max((len(line) for line in lines), default=0)
    left, top, right, bottom = _area(area, widest, len(lines))
    rows = [(n, line[left - 1 : right]) for n, line in enumerate(lines[top - 1 : bottom], top)]
    head = (
        f"{path}: {counted(len(lines), 'row')}, {counted(widest, 'column')}, separator {dialect.delimiter!r}, "
        f"{encoding}."
    )
    return f"{head}\n{table(rows, left)}{_note(area, len(lines), widest, bottom, right)}"


def _area(text: str | None, columns: int, rows: int) -> Area:
    """Returns the part to show, as left, top, right, bottom."""
    left, top, right, bottom = 1, 1, columns, rows
    if text:
        try:
            edges = range_boundaries(text.rpartition("!")[2].replace("$", "").upper())
        except ValueError as error:
            raise ToolFailed(f"{text!r} isn't a range. Use a form like 'A1:F20'.") from error
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
