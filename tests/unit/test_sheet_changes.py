"""What is around the cells: names, tables, formats, highlights, choices, pages, rows, columns and sheets."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from agents.tools.office import zip_package
from orchestrator.errors import ToolFailed
from tests.office_workspace import Desk

ROWS: list[list[Any]] = [
    ["Item", "Price", "Count", "Worth"],
    ["Pen", {"value": 2.5, "finding": "f1", "format": "currency"}, 10, "=B2*C2"],
    ["Book", 12, 4, "=B3*C3"],
    ["Lamp", 30, 2, "=B4*C4"],
    ["Total", None, "=SUM(C2:C4)", "=SUM(D2:D4)"],
]


@pytest.fixture
async def desk(tmp_path: Path) -> Desk:
    one = Desk(tmp_path)
    await one.call("sheet_write", path="a.xlsx", sheet="Stock", cell="A1", rows=ROWS)
    await one.call(
        "sheet_write", path="a.xlsx", sheet="Sum up", cell="A1", rows=[["What", "Worth"], ["All", "=Stock!D5*2"]]
    )
    return one


async def change(desk: Desk, *changes: dict[str, Any], sheet: str = "Stock") -> str:
    return (await desk.call("sheet_change", path="a.xlsx", sheet=sheet, changes=list(changes))).text


def book(desk: Desk) -> Any:
    return openpyxl.load_workbook(desk.folder / "a.xlsx")


async def test_named_cells_can_stand_in_formulas(desk: Desk) -> None:
    await change(
        desk, {"do": "name", "name": "Prices", "range": "B2:B4"}, {"do": "name", "name": "Rate", "range": "C2"}
    )
    await desk.call("sheet_write", path="a.xlsx", sheet="Sum up", cell="B3", rows=[["=SUM(Prices)*Rate"]])
    assert book(desk).defined_names["Prices"].attr_text == "Stock!$B$2:$B$4"
    assert book(desk)["Sum up"]["B3"].value == "=SUM(Prices)*Rate"


async def test_a_table_has_its_header_and_filter_and_keeps_our_look(desk: Desk) -> None:
    await change(desk, {"do": "table", "name": "Stocked", "range": "A1:D4"})
    table = book(desk)["Stock"].tables["Stocked"]
    assert (table.ref, table.autoFilter.ref, [c.name for c in table.tableColumns]) == ("A1:D4", "A1:D4", ROWS[0])


async def test_formats_looks_and_widths_are_kept_when_more_is_written(desk: Desk) -> None:
    await change(
        desk,
        {"do": "format", "range": "C2:C4", "format": "decimal"},
        {"do": "look", "range": "B2:C4", "look": "input"},
        {"do": "width", "columns": "A:B", "width": 30},
        {"do": "freeze", "cell": "C2"},
        {"do": "page", "landscape": False, "one_page": True, "repeat_rows": "1:1"},
    )
    await desk.call("sheet_write", path="a.xlsx", sheet="Stock", cell="A6", rows=[["Note"]])
    sheet = book(desk)["Stock"]
    assert sheet["C3"].number_format == "#,##0.00"
    assert sheet["B3"].font.color.rgb == "001D4ED8"
    assert [sheet.column_dimensions[c].width for c in "AB"] == [30, 30]
    assert sheet.freeze_panes == "C2"
    page = sheet.page_setup
    assert (page.orientation, page.fitToHeight, sheet.print_title_rows) == ("portrait", 1, "$1:$1")


RULES: list[tuple[dict[str, Any], str]] = [
    ({"rule": "scale"}, "colorScale"),
    ({"rule": "bar"}, "dataBar"),
    ({"rule": "greater", "value": 10, "tone": "good"}, "cellIs"),
    ({"rule": "less", "value": "=$C$2", "tone": "bad"}, "cellIs"),
    ({"rule": "between", "value": 1, "upper": 5}, "cellIs"),
    ({"rule": "top", "value": 2}, "top10"),
    ({"rule": "bottom", "value": 1}, "top10"),
    ({"rule": "duplicates"}, "duplicateValues"),
    ({"rule": "contains", "value": "late"}, "expression"),
]


@pytest.mark.parametrize(("rule", "kind"), RULES)
async def test_each_highlight_becomes_one_rule_however_often_it_is_asked_for(
    desk: Desk, rule: dict[str, Any], kind: str
) -> None:
    for _ in range(2):
        await change(desk, {"do": "highlight", "range": "D2:D4", **rule})
    rules = [r for group in book(desk)["Stock"].conditional_formatting for r in group.rules]
    assert [r.type for r in rules] == [kind]


async def test_a_drop_down_takes_words_or_a_range(desk: Desk) -> None:
    await change(
        desk,
        {"do": "choices", "range": "F2", "options": ["Base", "High", "Low"]},
        {"do": "choices", "range": "F3", "options": "A2:A4"},
    )
    checks = book(desk)["Stock"].data_validations.dataValidation
    assert [(str(c.sqref), c.formula1) for c in checks] == [("F2", '"Base,High,Low"'), ("F3", "Stock!$A$2:$A$4")]


async def test_rows_that_come_take_formulas_charts_names_and_sources_along(desk: Desk) -> None:
    chart = {"kind": "bar", "title": "Worth", "categories": "A2:A4", "values": ["D2:D4"], "at": "F2"}
    await desk.call("sheet_chart", path="a.xlsx", sheet="Stock", **chart)
    await change(
        desk,
        {"do": "name", "name": "Prices", "range": "B2:B4"},
        {"do": "highlight", "range": "D2:D4", "rule": "scale"},
        {"do": "note", "cell": "A4", "text": "the last one"},
    )
    await change(desk, {"do": "insert", "what": "rows", "at": 3, "count": 2})
    made = book(desk)
    sheet = made["Stock"]
    assert [sheet[c].value for c in ("D2", "D5", "C7", "D7")] == ["=B2*C2", "=B5*C5", "=SUM(C2:C6)", "=SUM(D2:D6)"]
    assert made["Sum up"]["B2"].value == "=Stock!D7*2"
    assert made.defined_names["Prices"].attr_text == "Stock!$B$2:$B$6"
    assert [str(g.sqref) for g in sheet.conditional_formatting] == ["D2:D6"]
    assert sheet["A6"].comment.text == "the last one"
    assert sheet._charts[0].series[0].val.numRef.f == "Stock!$D$2:$D$6"
    places = json.loads((desk.folder / ".threadwork/provenance/a.xlsx.json").read_bytes())["places"]
    assert [p["place"] for p in places] == ["Stock!B2"]


async def test_columns_that_go_take_formulas_along(desk: Desk) -> None:
    await desk.call("sheet_write", path="a.xlsx", sheet="Stock", cell="E1", rows=[["Twice"], ["=D2*2"]])
    await change(desk, {"do": "insert", "what": "columns", "at": "A"})
    await change(desk, {"do": "delete", "what": "columns", "at": "A"})
    sheet = book(desk)["Stock"]
    assert (sheet["D2"].value, sheet["E2"].value, sheet["D5"].value) == ("=B2*C2", "=D2*2", "=SUM(D2:D4)")


async def test_what_a_formula_reads_cannot_be_deleted_and_nothing_is_changed(desk: Desk) -> None:
    before = (desk.folder / "a.xlsx").read_bytes()
    with pytest.raises(ToolFailed, match="Stock!D2 refers to '=B2\\*C2', part of which would be deleted"):
        await change(desk, {"do": "freeze", "cell": "B3"}, {"do": "delete", "what": "columns", "at": "C"})
    assert (desk.folder / "a.xlsx").read_bytes() == before


async def test_a_deleted_row_shortens_what_sums_it(desk: Desk) -> None:
    await change(desk, {"do": "delete", "what": "rows", "at": 3})
    sheet = book(desk)["Stock"]
    assert [sheet[c].value for c in ("A3", "D3", "D4")] == ["Lamp", "=B3*C3", "=SUM(D2:D3)"]


async def test_a_sheet_gets_another_name_and_formulas_follow(desk: Desk) -> None:
    await change(desk, {"do": "rename_sheet", "to": "What we have"}, {"do": "freeze", "cell": "B2"})
    made = book(desk)
    assert made.sheetnames[0] == "What we have"
    assert made["Sum up"]["B2"].value == "='What we have'!D5*2"
    assert "What we have!B2" in (desk.folder / ".threadwork/provenance/a.xlsx.json").read_text()


async def test_sheets_come_go_and_change_places_unless_something_reads_them(desk: Desk) -> None:
    await change(desk, {"do": "add_sheet"}, {"do": "move_sheet", "position": 1}, sheet="Cover")
    assert book(desk).sheetnames[0] == "Cover"
    with pytest.raises(ToolFailed, match="'Stock' is referenced by Sum up!B2"):
        await change(desk, {"do": "delete_sheet"})
    await change(desk, {"do": "delete_sheet"}, sheet="Cover")
    assert "Cover" not in book(desk).sheetnames


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"do": "name", "name": "AB12", "range": "A1"}, "isn't a valid cell name"),
    ({"do": "table", "name": "T", "range": "A5:D5"}, "needs a header row"),
    ({"do": "highlight", "range": "D2:D4", "rule": "greater"}, "needs value"),
    ({"do": "highlight", "range": "nowhere", "rule": "scale"}, "isn't a range"),
    ({"do": "choices", "range": "A2", "options": ["a,b"]}, "pass the range"),
    ({"do": "insert", "what": "rows", "at": "B"}, "Use a row number"),
    ({"do": "width", "columns": "1", "width": 3}, "isn't a valid range of columns"),
    ({"do": "page", "repeat_rows": "A:B"}, "isn't a valid range of rows"),
    ({"do": "rename_sheet", "to": "Sum up"}, "A sheet 'Sum up' already exists"),
    ({"do": "paint"}, "changes"),
]


@pytest.mark.parametrize(("wrong", "words"), WRONG)
async def test_what_cannot_be_done_is_said_in_one_sentence(desk: Desk, wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ToolFailed, match=words):
        await change(desk, wrong)


async def test_a_table_keeps_its_columns(desk: Desk) -> None:
    await change(desk, {"do": "table", "name": "Stocked", "range": "A1:D4"})
    with pytest.raises(ToolFailed, match="part of the table 'Stocked'"):
        await change(desk, {"do": "insert", "what": "columns", "at": "B"})
    await change(desk, {"do": "insert", "what": "rows", "at": 3})
    assert book(desk)["Stock"].tables["Stocked"].ref == "A1:D5"


@pytest.mark.parametrize("kind", ["scatter", "stacked bar", "stacked column"])
async def test_every_kind_of_chart_has_axes_titles_and_numbers(desk: Desk, kind: str) -> None:
    labels = "B2:B4" if kind == "scatter" else "A2:A4"
    values = ["C2:C4", "D2:D4"]
    words: dict[str, Any] = {"x_title": "Items", "y_title": "USD", "format": "currency", "on": "Charts"}
    told = await desk.call(
        "sheet_chart",
        path="a.xlsx",
        sheet="Stock",
        kind=kind,
        title="A",
        categories=labels,
        values=values,
        at="A1",
        **words,
    )
    assert "sheet 'Charts'" in told.text
    (chart,) = book(desk)["Charts"]._charts
    drawn = zip_package.parts((desk.folder / "a.xlsx").read_bytes(), "a.xlsx")["xl/charts/chart1.xml"]
    assert b'<numFmt formatCode="$#,##0" sourceLinked="0"' in drawn
    assert [a.title.tx.rich.p[0].r[0].t for a in (chart.x_axis, chart.y_axis)] == ["Items", "USD"]
    assert len(chart.series) == 2
