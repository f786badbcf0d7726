"""Reads a workbook's tables, sentences and charts for the check of its claims."""

from collections.abc import Collection, Mapping
from typing import Any, NamedTuple

from openpyxl.utils import get_column_letter

from agents.tools.office.claims import chart_series, vocabulary
from agents.tools.office.claims.check_tables import Grid, GridCell
from agents.tools.office.displayed_value import shown
from agents.tools.office.formulas import At, formula_text
from agents.tools.office.provenance_file import Sidecar
from orchestrator.domain.ids import FindingId

_MOST_ROWS, _MOST_COLUMNS, _LONGEST = 2000, 60, 1200


class BookText(NamedTuple):
    """The sheets that an agent made: their cells as tables, and the words in them."""

    grids: list[Grid]
    words: list[tuple[str, str]]


def read(book: Any, values: Mapping[At, Any], sidecar: Sidecar) -> BookText:
    """Returns what the sheets say that we made; `values`: of their formulas."""
    cited = {p.place: p.findings for p in sidecar.places}
    sheets = [s for s in book.worksheets if s.title in sidecar.sheets and s.title != sidecar.sources_sheet]
    grids = [Grid(s.title, dict(_cells(s, values, cited))) for s in sheets]
    words = [(c.place, c.text[:_LONGEST]) for g in grids for c in g.cells.values() if c.text.count(" ") > 2]
    return BookText(grids, words)


def _cells(sheet: Any, values: Mapping[At, Any], cited: Mapping[str, tuple[FindingId, ...]]) -> Any:
    for row in sheet.iter_rows(max_row=min(sheet.max_row, _MOST_ROWS), max_col=min(sheet.max_column, _MOST_COLUMNS)):
        for one in row:
            at = (sheet.title, one.row, one.column)
            value = values.get(at) if formula_text(one.value) else one.value
            if value is None or isinstance(value, bool):
                continue
            place = f"{sheet.title}!{get_column_letter(one.column)}{one.row}"
            text = shown(value, str(one.number_format))
            number = float(value) if isinstance(value, int | float) else None
            step = _step(value) if number is not None and not formula_text(one.value) else 0.0
            yield (one.row, one.column), GridCell(place, text, number, step, cited.get(place, ()))


def _step(value: float) -> float:
    """Returns the value of a typed number's last digit."""
    digits = f"{value!r}".partition(".")[2] if isinstance(value, float) and not value.is_integer() else ""
    return 10.0 ** -len(digits) if digits and "e" not in digits else 1.0


def chart_faults(book: Any, sheets: Collection[str]) -> list[str]:
    """Returns charts whose title names another measure than the column they draw."""
    every = [s for s in chart_series.series(book) if s.sheet in sheets]
    found: list[str] = []
    for one in every:
        chart = one.place.rpartition(" > ")[0]
        title = chart.partition("“")[2].rstrip("”")
        alone = sum(s.place.rpartition(" > ")[0] == chart for s in every) == 1
        said, drawn = vocabulary.concepts(title), vocabulary.concepts(one.name)
        if alone and said and drawn and not said & drawn:
            found.append(f"{chart} draws “{one.name}”, but its title says “{title}”")
    return found
