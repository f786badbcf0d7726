"""Reads the figures of a chart: a header, labels, and one row of numbers per series."""

import re
from pathlib import PurePosixPath
from typing import NamedTuple

from openpyxl.utils import range_boundaries
from openpyxl.utils.exceptions import CellCoordinatesException

from agents.delimited_text import records
from agents.tools.office.cell_input import Cell, Scalar, Traced
from agents.tools.office.decode_text_file import decoded
from agents.tools.office.file_kind import BOOKS
from agents.tools.office.sheets.open_and_save_workbook import read_book
from agents.tools.office.sheets.write_cells import sheet_named
from agents.tools.office.word.blocks import cell_findings, cell_text, letters
from orchestrator.domain.deliverables import Part, Provenance, Stretch
from orchestrator.errors import ToolFailed

_NUMBER = re.compile(r"[-+]?(\d+|\d{1,3}(,\d{3})+)(\.\d+)?%?")
_MOST_ROWS, _MOST_DRAWN = 5000, 120


class ChartTable(NamedTuple):
    """`series[i]` has one value (or None for a gap) per label."""

    corner: str
    labels: list[str]
    names: list[str]
    series: list[list[float | None]]
    form: str = ""
    """How the figures are written, as in a cell: `currency:EUR`, `percent`."""

    def shown(self, value: float) -> str:
        """Formats a figure, with as many decimals as its neighbors."""
        if self.form:
            return cell_text(Traced(value=value, format=self.form), self._decimals)
        return number(value, self._decimals)

    @property
    def _decimals(self) -> int:
        scale = 100 if self.form == "percent" else 1
        known = [round(v * scale, 9) for one in self.series for v in one if v is not None]
        whole = all(abs(v - round(v)) < 1e-9 or abs(v) >= 1000 for v in known)
        return 0 if whole else 1 if all(abs(round(v, 1) - v) < 1e-9 for v in known) and not self.form else 2


def number(value: float, decimals: int = 2) -> str:
    """1,234 · 12.5 · 34M."""
    if abs(value) >= 10_000_000:
        return f"{value / 1_000_000:,.1f}".removesuffix(".0") + "M"
    if abs(value) >= 1000 or (decimals == 0 and value == int(value)):
        return f"{value:,.0f}"
    return f"{value:,.{decimals}f}" if abs(value) >= 0.01 or not value else f"{value:.2g}"


def tick(value: float) -> str:
    """Formats a figure at an axis, as short as possible."""
    words = number(value)
    return words.rstrip("0").rstrip(".") if "." in words else words


def of_cells(rows: list[list[Cell]]) -> ChartTable:
    """Returns the table of typed rows. Raises ToolFailed if there is nothing to draw."""
    made = _table([[c.value if isinstance(c, Traced) else c for c in row] for row in rows], "The table")
    forms = [c.format for row in rows[1:] for c in row[1:] if isinstance(c, Traced) and c.format]
    return made._replace(form=forms[0] if forms else "")


def of_file(content: bytes, path: str, sheet: str, area: str) -> ChartTable:
    """Reads the table from a csv file or a sheet's range. Raises ToolFailed naming what is wrong.

    `content`: of a workbook of any kind, as an .xlsx with computed values.
    """
    suffix = PurePosixPath(path).suffix.lower()
    if suffix in (".csv", ".tsv"):
        rows: list[list[Scalar]] = [list(row) for row in records(decoded(content, path).text).rows]
    elif suffix in BOOKS:
        book = read_book(content, path, values=True)
        target = sheet_named(book, sheet) if sheet else book.worksheets[0]
        if target is None:
            raise ToolFailed(f"{path!r} has no sheet {sheet!r}. It has {', '.join(map(repr, book.sheetnames))}.")
        rows = [[_scalar(v) for v in row] for row in target.iter_rows(values_only=True, max_row=_MOST_ROWS)]
    else:
        raise ToolFailed(f"{path!r} isn't a .csv file or a workbook. Use one of those, or pass 'rows'.")
    return _table(_cut(rows, area), path)


def drawn(table: ChartTable, path: str) -> Part:
    """Returns the figures behind a picture, to be compared with the tables of a file that shows it."""
    lines = [[table.corner, *table.names]]
    for n, label in enumerate(table.labels):
        lines.append([label, *("" if s[n] is None else f"{s[n]:.12g}" for s in table.series)])
    name = f"{PurePosixPath(path).name} chart"
    return Part(
        name=name,
        table=True,
        rows=tuple(
            tuple(Stretch(place=f"{name} {letters(c)}{r}", shows=text) for c, text in enumerate(line))
            for r, line in enumerate(lines[:_MOST_DRAWN], 1)
        ),
    )


def traced(rows: list[list[Cell]]) -> list[Provenance]:
    """Returns the cells with findings, by their address in `rows`."""
    return [
        Provenance(
            place=f"{letters(c)}{r}",
            shows=cell.value if isinstance(cell, Traced) else cell,
            findings=cell_findings(cell),
        )
        for r, row in enumerate(rows, 1)
        for c, cell in enumerate(row)
        if cell_findings(cell)
    ]


def _scalar(value: object) -> Scalar:
    return value if isinstance(value, str | int | float | bool) or value is None else f"{value:%Y-%m-%d}"


def _cut(rows: list[list[Scalar]], area: str) -> list[list[Scalar]]:
    if not area:
        return rows
    try:
        left, top, right, bottom = range_boundaries(area.replace("$", "").upper())
    except (ValueError, CellCoordinatesException) as error:
        raise ToolFailed(f"{area!r} isn't a range. Use a format like 'A1:C12'.") from error
    return [row[(left or 1) - 1 : right] for row in rows[(top or 1) - 1 : bottom]]


def _table(rows: list[list[Scalar]], what: str) -> ChartTable:
    rows = [row for row in rows if any(v is not None and v != "" for v in row)]
    if len(rows) < 2 or len(rows[0]) < 2:
        raise ToolFailed(
            f"{what} has no figures to draw. Put a header in the first row, labels in the first column, and "
            "numbers in the others."
        )
    head, below = rows[0], rows[1:]
    names = ["" if v is None else str(v) for v in head[1:]]
    series = [[_value(row[c], what) if c < len(row) else None for row in below] for c in range(1, len(head))]
    if not any(v is not None for one in series for v in one):
        raise ToolFailed(f"{what} has no numbers next to the labels. Compute the formulas first, or pass numbers.")
    labels = ["" if row[0] is None else f"{row[0]:g}" if isinstance(row[0], float) else str(row[0]) for row in below]
    return ChartTable("" if head[0] is None else str(head[0]), labels, names, series)


def _value(value: Scalar, what: str) -> float | None:
    if value is None or value == "" or isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return float(value)
    if _NUMBER.fullmatch(text := value.strip()):
        return float(text.rstrip("%").replace(",", "")) / (100 if text.endswith("%") else 1)
    raise ToolFailed(f"{what}: {value!r} isn't a number. Only the first row and column may contain text.")
