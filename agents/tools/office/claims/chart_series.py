"""Turns the series of a workbook's charts into places: each shows cells and has their findings."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from openpyxl.utils import range_boundaries

from agents.tools.office.formulas import At
from orchestrator.domain.ids import FindingId

_MOST_CELLS = 2000


class Series(NamedTuple):
    """`sheet`: the chart's sheet; `cells`: the cells whose values it draws."""

    sheet: str
    place: str
    name: str
    cells: tuple[At, ...]

    def findings(self, known: Mapping[At, tuple[FindingId, ...]]) -> tuple[FindingId, ...]:
        return tuple(dict.fromkeys(i for at in self.cells for i in known.get(at, ())))


def series(book: Any) -> Iterator[Series]:
    """Returns the places of every chart whose cells can be read."""
    for sheet in book.worksheets:
        for n, chart in enumerate(getattr(sheet, "_charts", ()), 1):
            title = _title(chart) or str(n)
            for k, one in enumerate(getattr(chart, "ser", ()), 1):
                values = one.val or getattr(one, "yVal", None)
                cells = tuple(_cells(str(values.numRef.f))) if values is not None and values.numRef else ()
                name = _name(book, one) or f"series {k}"
                yield Series(sheet.title, f"{sheet.title} > chart “{title}” > {name}", name, cells)


def _cells(reference: str) -> Iterator[At]:
    sheet, _, area = reference.rpartition("!")
    try:
        left, top, right, bottom = range_boundaries(area.replace("$", ""))
    except ValueError:
        return
    name = sheet.removeprefix("'").removesuffix("'").replace("''", "'")
    if None in (left, top, right, bottom):
        return
    found = [
        (name, r, c) for r in range(int(top or 1), int(bottom or 1) + 1) for c in range(left or 1, (right or 1) + 1)
    ]
    yield from found[:_MOST_CELLS]


def _name(book: Any, one: Any) -> str:
    if one.tx is None:
        return ""
    if one.tx.strRef is None:
        return str(one.tx.v or "")
    at = next(_cells(str(one.tx.strRef.f)), None)
    value = book[at[0]].cell(at[1], at[2]).value if at and at[0] in book.sheetnames else None
    return "" if value is None else str(value)


def _title(chart: Any) -> str:
    rich = chart.title.tx.rich if chart.title is not None and chart.title.tx is not None else None
    return "".join(run.t or "" for p in (rich.p if rich else ()) for run in (p.r or ()))
