"""Everything around the cells of other people's workbooks is changed without losing anything of theirs."""

from pathlib import Path
from typing import Any

import pytest

from agents.tools.office import xml, zip_package
from agents.tools.office.sheets.open_and_save_workbook import read_book
from orchestrator.errors import ToolFailed
from tests.office_workspace import Desk
from tests.world.files.office_packages import line, relations, workbook

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_STYLES = (
    f"<styleSheet {_MAIN}><fonts><font/></fonts><fills><fill><patternFill/></fill></fills><borders><border/></borders>"
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="4"/></cellXfs></styleSheet>'
)
_BOXES = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shape '
    'id="_x0000_s1025"><x:ClientData ObjectType="Note"><x:Row>0</x:Row><x:Column>0</x:Column></x:ClientData></v:shape>'
    "</xml>"
)
_NOTES = (
    f"<comments {_MAIN}><authors><author>Ada</author></authors><commentList>"
    '<comment ref="A1" authorId="0"><text><t>Mine</t></text></comment></commentList></comments>'
)
_FIRST = "xl/worksheets/sheet1.xml"


def _numbers(row: int, *numbers: float) -> str:
    cells = "".join(f'<c r="{c}{row}"><v>{n}</v></c>' for c, n in zip("BCDE", numbers, strict=False))
    return f'<row r="{row}">{cells}</row>'


def _book() -> bytes:
    """Two sheets with names, notes, a chart, and parts that openpyxl drops."""
    body = (
        '<sheetViews><sheetView tabSelected="1" workbookViewId="0"/></sheetViews>'
        '<cols><col min="1" max="4" width="20"/></cols>'
        f"<sheetData>{line(1, 'Item', 'Price', 'Count')}{_numbers(2, 3, 4)}{_numbers(3, 5, 6)}</sheetData>"
        '<conditionalFormatting sqref="C2:C3"><cfRule type="cellIs" priority="4" operator="lessThan"><formula>2'
        '</formula></cfRule></conditionalFormatting><hyperlinks><hyperlink ref="A2" location="\'My Data\'!A1"/>'
        '</hyperlinks><drawing r:id="rId2"/><legacyDrawing r:id="rId3"/>'
    )
    other = f'{line(1, "x")}<row r="2"><c r="B2"><f>Plan!B2*2</f><v>6</v></c></row>'
    parts: dict[str, str | bytes] = {
        "xl/styles.xml": _STYLES,
        "customXml/item1.xml": "<a/>",
        "xl/comments.xml": _NOTES,
        "xl/drawings/drawing1.xml": "<xdr:wsDr NAMES><xdr:sp textlink=\"'My Data'!$A$1\"/></xdr:wsDr>",
        "xl/boxes.vml": _BOXES,
        "xl/charts/chart1.xml": "<c:chartSpace NAMES><c:f>'My Data'!$B$2:$B$3</c:f></c:chartSpace>",
        "xl/worksheets/_rels/sheet1.xml.rels": relations(
            ("comments", "../comments.xml"), ("drawing", "../drawings/drawing1.xml"), ("vmlDrawing", "../boxes.vml")
        ),
    }
    made = zip_package.parts(workbook({"Plan": body, "My Data": other, "Last": line(1, "z")}, parts), "it")
    names = (
        b"<definedNames><definedName name=\"All\">'My Data'!$B$2</definedName>"
        b'<definedName name="_xlnm.Print_Area" localSheetId="1">\'My Data\'!$A$1:$B$2</definedName></definedNames>'
    )
    made["xl/workbook.xml"] = made["xl/workbook.xml"].replace(b"</sheets>", b"</sheets>" + names)
    return zip_package.pack(made)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    one = Desk(tmp_path)
    one.workspace.write("a.xlsx", _book())
    return one


async def _change(desk: Desk, *changes: dict[str, Any], sheet: str = "Plan") -> set[str]:
    """The parts that changed."""
    before = _parts(desk)
    await desk.call("sheet_change", path="a.xlsx", sheet=sheet, changes=list(changes))
    after = _parts(desk)
    return {n for n in before.keys() | after.keys() if before.get(n) != after.get(n)}


def _parts(desk: Desk) -> dict[str, bytes]:
    return zip_package.parts(desk.workspace.read("a.xlsx"), "it")


def _seen(desk: Desk) -> Any:
    return read_book(desk.workspace.read("a.xlsx"), "it")


async def test_formats_and_looks_change_the_sheet_and_the_styles(desk: Desk) -> None:
    changed = await _change(
        desk,
        {"do": "format", "range": "B2:B3", "format": "currency"},
        {"do": "look", "range": "B2:C2", "look": "input"},
        {"do": "look", "range": "A3:C3", "look": "total"},
        {"do": "width", "columns": "B:C", "width": 33},
        {"do": "freeze", "cell": "B2"},
        {"do": "page", "landscape": True},
    )
    sheet = _seen(desk)["Plan"]
    assert changed == {_FIRST, "xl/styles.xml"}
    assert [sheet["B2"].number_format, sheet["C2"].number_format] == ["$#,##0", "General"]
    assert (sheet["B2"].font.color.rgb[-6:], sheet["A3"].font.b, sheet["A3"].border.top.style) == (
        "1D4ED8", True, "medium",
    )  # fmt: skip
    assert [e.attrib["width"] for e in _columns(desk)] == ["20", "33", "33", "20"]
    assert (sheet.freeze_panes, sheet.page_setup.orientation, sheet.sheet_properties.pageSetUpPr.fitToPage) == (
        "B2", "landscape", True,
    )  # fmt: skip


def _columns(desk: Desk) -> list[Any]:
    return list(xml.parsed(_parts(desk)[_FIRST]).iter("{*}col"))


async def test_rules_lists_names_and_tables_are_added_once(desk: Desk) -> None:
    changes: list[dict[str, Any]] = [
        {"do": "highlight", "range": "B2:B3", "rule": "greater", "value": 4, "tone": "good"},
        {"do": "choices", "range": "E2", "options": ["Low", "High"]},
        {"do": "name", "name": "Prices", "range": "B2:B3"},
        {"do": "table", "name": "Stock", "range": "A1:C3"},
    ]
    changed = await _change(desk, *changes)
    once = _parts(desk)
    await _change(desk, *changes[:3])
    assert _parts(desk) == once
    book = _seen(desk)
    sheet = book["Plan"]
    assert changed == {
        _FIRST, "xl/styles.xml", "xl/workbook.xml", "xl/tables/table1.xml", "[Content_Types].xml",
        "xl/worksheets/_rels/sheet1.xml.rels",
    }  # fmt: skip
    rules = [r for group in sheet.conditional_formatting for r in group.rules]
    assert [(r.operator, r.priority) for r in rules] == [("lessThan", 4), ("greaterThan", 5)]
    assert rules[1].dxf.font.color.rgb[-6:] == "1E6B3A"
    assert sheet.data_validations.dataValidation[0].formula1 == '"Low,High"'
    assert book.defined_names["Prices"].attr_text == "Plan!$B$2:$B$3"
    assert [c.name for c in sheet.tables["Stock"].tableColumns] == ["Item", "Price", "Count"]


async def test_notes_are_added_beside_those_of_people_and_removed(desk: Desk) -> None:
    await _change(desk, {"do": "note", "cell": "B2", "text": "ask Ada"}, {"do": "note", "cell": "A1", "text": ""})
    await _change(desk, {"do": "note", "cell": "A2", "text": "here too"}, sheet="Last")
    book = _seen(desk)
    assert book["Plan"]["A1"].comment is None
    assert (book["Plan"]["B2"].comment.text, book["Last"]["A2"].comment.text) == ("ask Ada", "here too")
    boxes = _parts(desk)["xl/boxes.vml"]
    assert (boxes.count(b"<x:Row>"), b"<x:Row>1</x:Row><x:Column>1</x:Column>" in boxes) == (1, True)


async def test_a_renamed_sheet_takes_formulas_names_charts_and_links_along(desk: Desk) -> None:
    changed = await _change(desk, {"do": "rename_sheet", "to": "Our Data"}, sheet="My Data")
    after = _parts(desk)
    assert changed == {"xl/workbook.xml", "xl/drawings/drawing1.xml", "xl/charts/chart1.xml", _FIRST}
    assert b"'Our Data'!$B$2:$B$3" in after["xl/charts/chart1.xml"]
    assert after["xl/workbook.xml"].count(b"'Our Data'!") == 2
    assert b"'Our Data'!A1" in after[_FIRST]


async def test_sheets_are_moved_and_deleted_with_the_names_that_only_they_know(desk: Desk) -> None:
    await _change(desk, {"do": "move_sheet", "position": 3}, sheet="Plan")
    book = _seen(desk)
    assert book.sheetnames == ["My Data", "Last", "Plan"]
    assert book["My Data"].print_area == "'My Data'!$A$1:$B$2"
    await _change(desk, {"do": "delete_sheet"}, sheet="Last")
    book = _seen(desk)
    assert book.sheetnames == ["My Data", "Plan"]
    assert book["My Data"].print_area == "'My Data'!$A$1:$B$2"
    assert "xl/worksheets/sheet3.xml" not in _parts(desk)


@pytest.mark.parametrize(
    ("sheet", "change", "words"),
    [
        ("Plan", {"do": "delete_sheet"}, r"referenced by My Data!B2"),
        ("Plan", {"do": "rename_sheet", "to": "Last"}, "already exists"),
        ("Plan", {"do": "table", "name": "All", "range": "A1:C3"}, "is taken"),
        ("Plan", {"do": "table", "name": "T", "range": "B2:C3"}, "header row with distinct names"),
        ("Nope", {"do": "freeze", "cell": "A2"}, "There's no sheet 'Nope'"),
        ("Plan", {"do": "freeze", "cell": "A0"}, "A0"),
    ],
)
async def test_what_would_break_something_is_refused_and_the_file_stays(
    desk: Desk, sheet: str, change: dict[str, Any], words: str
) -> None:
    before = desk.workspace.read("a.xlsx")
    with pytest.raises(ToolFailed, match=words):
        await _change(desk, change, sheet=sheet)
    assert desk.workspace.read("a.xlsx") == before


async def test_charts_are_added_beside_drawings_and_replaced_by_title(desk: Desk) -> None:
    chart = {"kind": "bar", "title": "Prices", "categories": "A2:A3", "values": ["B2:B3"], "at": "F2"}
    await desk.call("sheet_write", path="a.xlsx", sheet="Plan", cell="A2", rows=[["Pen"], ["Ink"]])
    before = _parts(desk)
    for _ in range(2):
        await desk.call("sheet_chart", path="a.xlsx", sheet="Plan", **chart)
    after = _parts(desk)
    assert after.keys() - before.keys() == {"xl/charts/chart2.xml", "xl/drawings/_rels/drawing1.xml.rels"}
    assert b"textlink=" in after["xl/drawings/drawing1.xml"]
    assert {n for n in before if before[n] != after[n]} == {"[Content_Types].xml", "xl/drawings/drawing1.xml"}
    await desk.call("sheet_chart", path="a.xlsx", sheet="Plan", **{**chart, "at": "A9"}, on="Last")
    (shown,) = _seen(desk)["Last"]._charts
    assert shown.series[0].val.numRef.f == "'Plan'!$B$2:$B$3"


async def test_moved_rows_lose_nothing(desk: Desk) -> None:
    before = _parts(desk)
    await _change(desk, {"do": "insert", "what": "rows", "at": 2})
    assert _seen(desk)["My Data"]["B2"].value == "=Plan!B3*2"
    assert _parts(desk).keys() == before.keys()


async def test_rows_of_a_plain_workbook_are_moved_without_asking(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.workspace.write("a.xlsx", workbook({"Plan": _numbers(2, 3) + _numbers(3, 4)}))
    await _change(desk, {"do": "insert", "what": "rows", "at": 3})
    assert [_seen(desk)["Plan"][f"B{n}"].value for n in (2, 3, 4)] == [3, None, 4]


async def test_a_sheet_that_was_added_gets_our_look_when_it_is_filled(desk: Desk) -> None:
    await _change(desk, {"do": "add_sheet"}, sheet="Sum")
    await desk.call("sheet_write", path="a.xlsx", sheet="Sum", cell="A1", rows=[["What", "Worth"], ["All", "=Plan!B2"]])
    sheet = _seen(desk)["Sum"]
    assert (sheet["A1"].font.b, sheet["B2"].value) == (True, "=Plan!B2")
