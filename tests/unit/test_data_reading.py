"""Tables as people keep them: several on one sheet, records inside an object, breaks and numbers in cells."""

import io
import itertools
from pathlib import Path
from typing import Any

import duckdb
import openpyxl
import pytest

from agents.tools.data.in_sandbox import read_tables, save
from agents.tools.data.in_sandbox.look import told
from agents.tools.data.in_sandbox.non_data_rows import not_data
from agents.tools.data.in_sandbox.table import DataTable
from agents.tools.data.in_sandbox.text_table import read_text


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(read_tables, "ROOT", tmp_path)
    return tmp_path


def book(folder: Path, cells: dict[str, Any]) -> None:
    made = openpyxl.Workbook()
    sheet: Any = made.active
    sheet.title = "Sales"
    for place, value in cells.items():
        sheet[place] = value
    sheet.column_dimensions["E"].hidden = True
    out = io.BytesIO()
    made.save(out)
    (folder / "a.xlsx").write_bytes(out.getvalue())


def block(at: str, rows: list[list[Any]]) -> dict[str, Any]:
    corner = openpyxl.Workbook().create_sheet()[at]
    return {
        corner.offset(down, right).coordinate: value for down, row in enumerate(rows) for right, value in enumerate(row)
    }


SALES = block("A1", [["Region", "Q1", None, "Q2", None], [None, "Plan", "Real", "Plan", "Real"],
                     ["North", 100, 90, 120, 130], ["South", 200, 210, 220, 205],
                     ["East", 50, 55, 60, 66]])  # fmt: skip
PRICES = block("H1", [["Price list", None], ["Item", "Price"], ["Pipe", 12.5], ["Bend", 3.2]])
ENTRIES = block("A9", [["Day", "Text", "Amount"], ["31.01.2024", "Rent", -1200], ["28.02.2024", "Power", -310]])


def test_the_largest_of_several_tables_on_a_sheet_is_read_and_the_others_are_named(folder: Path) -> None:
    book(folder, SALES | PRICES | ENTRIES)
    table = read_tables.read("a.xlsx")
    assert table.columns == ["Region", "Q1 Plan", "Q1 Real", "Q2 Plan", "Q2 Real"]
    assert [row[0] for row in table.rows] == ["North", "South", "East"]
    words = "the sheet has 3 tables and this is A1:E5; the others: H1:I4, A9:C11 (select one with a.xlsx#Sales!H1:I4)"
    assert words in table.odd
    assert "hidden column E included" in table.notes


def test_a_range_of_a_sheet_is_a_table(folder: Path) -> None:
    book(folder, SALES | PRICES | ENTRIES)
    table = read_tables.read("a.xlsx#Sales!$A$9:c11")
    assert (table.columns, len(table.rows), table.places) == (["Day", "Text", "Amount"], 2, [10, 11])
    assert read_tables.read("a.xlsx#Sales!H1:I4").columns == ["Item", "Price"]


def test_a_table_with_an_empty_column_or_row_in_it_stays_one(folder: Path) -> None:
    rows = [["Item", "Unit", None, "2023", "2024"], ["A", "t", None, 1, 2], ["B", "t", None, 3, 4]]
    book(folder, block("A1", rows) | block("A6", [["C", "t", None, 5, 6], ["D", "t", None, 7, 8]]))
    table = read_tables.read("a.xlsx")
    assert (len(table.rows), table.odd) == (4, ())


def test_records_inside_an_object_are_read_and_what_is_beside_them_is_named(folder: Path) -> None:
    (folder / "a.json").write_text(
        '{"meta": {"page": 1}, "items": [{"id": 1, "price": {"amount": 3}}, {"id": 2, "price": null}]}'
    )
    table = read_tables.read("a.json")
    assert table.columns == ["id", "price.amount"]
    assert "records of 'items'; also in the file: 'meta' (select one with a.json#meta)" in table.notes


def test_every_mix_of_line_breaks_and_quotes_is_loaded_as_it_is() -> None:
    values = ('a\nb "q"', "a\r\nb", "a\rb", "x", '"', None, "a,b")
    rows = [(str(n), value, other) for n, (value, other) in enumerate(itertools.product(values, repeat=2))]
    with duckdb.connect() as base:
        save.load(base, "t", ["n", 'the "text"', "c"], rows)
        assert base.execute("SELECT * FROM t ORDER BY CAST(n AS INT)").fetchall() == rows


def problems(text: str) -> str:
    return told("a.csv", read_text(text.encode(), "a.csv", ""))


def test_telephone_numbers_arent_figures_and_line_breaks_arent_spaces() -> None:
    text = problems('Name,Phone,Note\nA,+46 8 123 456,"one\ntwo"\nB,+34 91 000 22,x\nC,+81 3 1234 55,y\n')
    assert "understood" not in text
    assert "1 value with line breaks" in text
    assert "extra spaces" not in text


@pytest.mark.parametrize("word", ["Total Result", "Gesamtergebnis", "Endsaldo", "Closing balance"])
def test_totals_of_pivot_tables_and_balances_arent_data(word: str) -> None:
    table = DataTable(["Region", "May"], [["North", 1], ["South", 2], [word, 3]], [2, 3, 4], "row", "")
    assert "totals in row 4" in not_data(table)


def test_a_drawn_line_below_the_header_isnt_data() -> None:
    table = read_text(b"Item|Stock\n----|----\n0007|12\n0012|0\n", "a.txt", "")
    assert (table.columns, table.places) == (["Item", "Stock"], [3, 4])
