"""A chart on a sheet draws numbers, each beside its category."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from orchestrator.errors import ToolFailed
from tests.office_workspace import Desk

ROWS: list[list[Any]] = [
    ["Company", "Price", "Seats", "Per year"],
    ["Acme", 49, 100, "=B2*C2*12"],
    ["Borealis", 39.5, 1200, "=B3*C3*12"],
]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def written(desk: Desk, rows: list[list[Any]]) -> None:
    await desk.call("sheet_write", path="a.xlsx", sheet="Prices", cell="A1", rows=rows)


@pytest.mark.parametrize(
    ("kind", "categories", "values", "words"),
    [
        ("column", "A2:A3", "A2:A3", r"values A2:A3 on sheet 'Prices' contain only text such as 'Acme'"),
        ("column", "A2:A3", "A1:A3", r"values A1:A3 on sheet 'Prices' contain only text"),
        ("column", "A2:A3", "F2:F3", r"values F2:F3 on sheet 'Prices' contain nothing"),
        ("column", "A2:A3", "B2:B9", r"values B2:B9 on sheet 'Prices' are 8 cells, but the categories A2:A3 are 2"),
        ("column", "A1:A3", "B2:B3", r"values B2:B3 on sheet 'Prices' are 2 cells, but the categories A1:A3 are 3"),
        ("scatter", "A2:A3", "B2:B3", r"categories A2:A3 on sheet 'Prices' contain only text"),
    ],
)
async def test_a_chart_of_the_wrong_range_says_what_is_there(
    desk: Desk, kind: str, categories: str, values: str, words: str
) -> None:
    await written(desk, ROWS)
    before = desk.workspace.read("a.xlsx")
    where = {"path": "a.xlsx", "sheet": "Prices", "at": "H2"}
    with pytest.raises(ToolFailed, match=words):
        await desk.call("sheet_chart", kind=kind, title="T", categories=categories, values=[values], **where)
    assert desk.workspace.read("a.xlsx") == before


@pytest.mark.parametrize(
    ("categories", "values", "name", "drawn", "labels"),
    [
        ("A2:A3", "D2:D3", "$D$1", "$D$2:$D$3", "$A$2:$A$3"),
        ("A2:A3", "B1:B3", "$B$1", "$B$2:$B$3", "$A$2:$A$3"),
        ("A1:A3", "B1:B3", "$B$1", "$B$2:$B$3", "$A$2:$A$3"),
        ("A2:A3", "E2:E3", "$E$1", "$E$2:$E$3", "$A$2:$A$3"),
    ],
    ids=["formulas", "with the name", "both with their names", "a first value that is missing"],
)
async def test_a_chart_draws_its_values_beside_their_categories(
    desk: Desk, categories: str, values: str, name: str, drawn: str, labels: str
) -> None:
    await written(desk, [[*ROWS[0], "Share"], [*ROWS[1], "n/a"], [*ROWS[2], 0.4]])
    where = {"path": "a.xlsx", "sheet": "Prices", "at": "H2"}
    await desk.call("sheet_chart", kind="column", title="T", categories=categories, values=[values], **where)
    book: Any = openpyxl.load_workbook(io.BytesIO(desk.workspace.read("a.xlsx")))
    series = book["Prices"]._charts[0].series[0]
    shown = (series.tx.strRef.f, series.val.numRef.f, (series.cat.numRef or series.cat.strRef).f)
    assert shown == tuple(f"'Prices'!{place}" for place in (name, drawn, labels))
