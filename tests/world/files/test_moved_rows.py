"""Inserted and deleted rows and columns of other people's workbooks lose nothing: all that refers to cells follows."""

import re
from pathlib import Path
from typing import Any

import pytest

from agents.tools.office import provenance_file, zip_package
from agents.tools.office.sheets.open_and_save_workbook import read_book
from orchestrator.errors import ToolFailed
from tests.office_workspace import Desk
from tests.world.files.office_packages import line, relations, workbook

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_X14 = 'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main"'
_XM = 'xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main"'
_SHEET = "xl/worksheets/sheet1.xml"
_SHEET_PARTS = {
    "comments": (
        "xl/comments.xml",
        f'<comments {_MAIN}><authors><author>Ada</author></authors><commentList><comment ref="A2" authorId="0"><text>'
        '<t>Low</t></text></comment><comment ref="B4" authorId="0"><text><t>High</t></text></comment></commentList>'
        "</comments>",
    ),
    "vmlDrawing": (
        "xl/boxes.vml",
        '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:x="urn:schemas-microsoft-com:office:excel"><v:shape id="a">'
        '<x:ClientData ObjectType="Note"><x:Anchor>2, 15, 3, 2, 4, 15, 6, 4</x:Anchor><x:Row>3</x:Row><x:Column>1'
        '</x:Column></x:ClientData></v:shape><v:shape id="b"><x:ClientData ObjectType="Drop"><x:FmlaLink>$C$4'
        "</x:FmlaLink></x:ClientData></v:shape></xml>",
    ),
    "drawing": (
        "xl/drawings/drawing1.xml",
        "<xdr:wsDr NAMES><xdr:twoCellAnchor><xdr:from><xdr:col>4</xdr:col><xdr:row>3</xdr:row></xdr:from><xdr:to>"
        '<xdr:col>8</xdr:col><xdr:row>9</xdr:row></xdr:to><xdr:sp textlink="$B$4"/></xdr:twoCellAnchor></xdr:wsDr>',
    ),
    "table": (
        "xl/tables/table1.xml",
        f'<table {_MAIN} id="1" name="T" displayName="T" ref="A6:B8"><autoFilter ref="A6:B8"/><tableColumns count="2">'
        '<tableColumn id="1" name="Item"/><tableColumn id="2" name="Sum"><calculatedColumnFormula>$B$4*2'
        "</calculatedColumnFormula></tableColumn></tableColumns></table>",
    ),
    "pivotTable": (
        "xl/pivotTables/pivotTable1.xml",
        f'<pivotTableDefinition {_MAIN} name="P" cacheId="1"><location ref="J3:K5" firstHeaderRow="1" firstDataRow="1" '
        'firstDataCol="1"/></pivotTableDefinition>',
    ),
}


def _row(number: int, *values: str, more: str = "") -> str:
    cells = "".join(f'<c r="{c}{number}"><v>{v}</v></c>' for c, v in zip("BCDE", values, strict=False))
    return f'<row r="{number}" spans="1:5"><c r="A{number}" t="str"><v>i{number}</v></c>{cells}{more}</row>'


def _book(pivot: bool = False) -> bytes:
    formulas = (
        '<c r="D4"><f t="shared" ref="D4:D5" si="0">B4*C$2</f><v>1</v></c>'
        '<c r="E4"><f>SUM(B2:B5)</f><v>14</v></c><c r="F4"><f>ROW()</f><v>4</v></c>'
    )
    body = (
        '<dimension ref="A1:F8"/><sheetViews><sheetView workbookViewId="0"><pane ySplit="2" topLeftCell="A3" '
        'state="frozen"/><selection activeCell="B4" sqref="B4:C5"/></sheetView></sheetViews>'
        '<cols><col min="1" max="2" width="20"/><col min="3" max="9" width="5"/></cols><sheetData>'
        + line(1, "Item", "Price", "Count")
        + _row(2, "2", "9")
        + _row(3, "3", "1")
        + _row(4, "4", "1", more=formulas)
        + _row(5, "5", "1", more='<c r="D5"><f t="shared" si="0"/><v>1</v></c>')
        + line(6, "Item", "Sum")
        + _row(7, "1")
        + _row(8, "1")
        + '</sheetData><protectedRanges><protectedRange name="p" sqref="B4:B5 E9"/></protectedRanges>'
        '<mergeCells count="2"><mergeCell ref="A10:C10"/><mergeCell ref="E2:E5"/></mergeCells>'
        '<conditionalFormatting sqref="B2:B5"><cfRule type="expression" priority="1"><formula>$B2&gt;$C$2</formula>'
        '</cfRule></conditionalFormatting><dataValidations count="1"><dataValidation type="list" sqref="C4"><formula1>'
        "$A$2:$A$5</formula1></dataValidation></dataValidations>"
        '<hyperlinks><hyperlink ref="A4" location="Plan!B5"/></hyperlinks>'
        '<rowBreaks count="1" manualBreakCount="1"><brk id="5" max="16383" man="1"/></rowBreaks>'
        '<drawing r:id="rId3"/><legacyDrawing r:id="rId2"/><tableParts count="1"><tablePart r:id="rId4"/></tableParts>'
        f'<extLst><ext {_X14} uri="x"><x14:sparklineGroups {_XM}><x14:sparklineGroup><x14:sparklines><x14:sparkline>'
        "<xm:f>Plan!B2:B5</xm:f><xm:sqref>G4</xm:sqref></x14:sparkline></x14:sparklines></x14:sparklineGroup>"
        "</x14:sparklineGroups></ext></extLst>"
    )
    other = f'{line(1, "x")}<row r="2"><c r="B2"><f>Plan!$B$4*2+A1</f><v>8</v></c></row>'
    names = (
        f'<workbook {_MAIN} NAMES><sheets><sheet name="Plan" sheetId="1" r:id="rId1"/><sheet name="My Data" '
        'sheetId="2" r:id="rId2"/></sheets><definedNames><definedName name="Top">Plan!$B$4:$B$5</definedName>'
        '<definedName name="Whole">Plan!$A:$A</definedName></definedNames></workbook>'
    )
    kinds = [kind for kind in _SHEET_PARTS if pivot or kind != "pivotTable"]
    hung = relations(*((kind, f"../{_SHEET_PARTS[kind][0].removeprefix('xl/')}") for kind in kinds))
    parts: dict[str, str | bytes] = {
        **dict(_SHEET_PARTS[kind] for kind in kinds),
        "xl/workbook.xml": names,
        "customXml/item1.xml": "<theirs/>",
        "xl/charts/chart1.xml": "<c:chartSpace NAMES><c:f>Plan!$B$2:$B$5</c:f></c:chartSpace>",
        "xl/worksheets/_rels/sheet1.xml.rels": hung,
    }
    return workbook({"Plan": body, "My Data": other}, parts)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    made = Desk(tmp_path)
    made.workspace.write("a.xlsx", _book())
    return made


async def _change(desk: Desk, do: str, what: str, at: int | str, count: int = 1) -> dict[str, str]:
    changes = [{"do": do, "what": what, "at": at, "count": count}]
    await desk.call("sheet_change", path="a.xlsx", sheet="Plan", changes=changes)
    return {n: p.decode() for n, p in zip_package.parts(desk.workspace.read("a.xlsx"), "it").items()}


def _cell(part: str, address: str) -> str:
    found = re.search(rf'<c r="{address}"[^>]*?(?:/>|>.*?</c>)', part)
    return found[0] if found else ""


async def test_inserted_rows_move_all_that_refers_to_cells(desk: Desk) -> None:
    before = zip_package.parts(desk.workspace.read("a.xlsx"), "it")
    parts = await _change(desk, "insert", "rows", 4, 2)
    sheet = parts[_SHEET]
    assert "<f>B6*C$2</f>" in _cell(sheet, "D6") and "<f>B7*C$2</f>" in _cell(sheet, "D7")
    assert _cell(sheet, "E6") == '<c r="E6"><f>SUM(B2:B7)</f></c>'  # its range has grown, so it's computed again
    assert _cell(sheet, "F6") == '<c r="F6"><f>ROW()</f></c>'
    for words in (
        'dimension ref="A1:F10"', 'ySplit="2"', 'activeCell="B6" sqref="B6:C7"', 'sqref="B6:B7 E11"',
        'mergeCell ref="A12:C12"', 'mergeCell ref="E2:E7"',
        'conditionalFormatting sqref="B2:B7"', "<formula>$B2&gt;$C$2<",
        'dataValidation type="list" sqref="C6"', "$A$2:$A$7", 'hyperlink ref="A6" location="Plan!B7"', 'brk id="7"',
        "<xm:f>Plan!B2:B7</xm:f><xm:sqref>G6</xm:sqref>",
    ):  # fmt: skip
        assert words in sheet
    assert "<f>Plan!$B$6*2+A1</f><v>8</v>" in parts["xl/worksheets/sheet2.xml"]
    assert "Plan!$B$6:$B$7<" in parts["xl/workbook.xml"] and "Plan!$A:$A<" in parts["xl/workbook.xml"]
    assert 'ref="A2"' in parts["xl/comments.xml"] and 'ref="B6"' in parts["xl/comments.xml"]
    assert "<x:Row>5</x:Row>" in parts["xl/boxes.vml"] and "2, 15, 5, 2, 4, 15, 8, 4" in parts["xl/boxes.vml"]
    assert "$C$6" in parts["xl/boxes.vml"]
    drawing = parts["xl/drawings/drawing1.xml"]
    assert re.findall(r"row>(\d+)<", drawing) == ["5", "11"] and 'textlink="$B$6"' in drawing
    table = parts["xl/tables/table1.xml"]
    assert table.count('ref="A8:B10"') == 2 and "$B$6*2" in table
    assert "Plan!$B$2:$B$7" in parts["xl/charts/chart1.xml"]
    assert parts["customXml/item1.xml"].encode() == before["customXml/item1.xml"]
    assert parts.keys() == before.keys()


async def test_inserted_columns_move_cells_widths_and_anchors(desk: Desk) -> None:
    parts = await _change(desk, "insert", "columns", "C", 1)
    sheet = parts[_SHEET]
    assert "<f>B4*D$2</f>" in _cell(sheet, "E4") and "<v>9</v>" in _cell(sheet, "D2") and not _cell(sheet, "C2")
    assert '<col min="1" max="3" width="20"/><col min="4" max="10" width="5"/>' in sheet
    assert 'mergeCell ref="A10:D10"' in sheet and 'mergeCell ref="F2:F5"' in sheet
    assert re.findall(r"col>(\d+)<", parts["xl/drawings/drawing1.xml"]) == ["5", "9"]
    assert 'ref="A6:B8"' in parts["xl/tables/table1.xml"]


async def test_deleted_rows_take_what_was_on_them_and_nothing_else(desk: Desk) -> None:
    parts = await _change(desk, "delete", "rows", 3)
    sheet = parts[_SHEET]
    assert "<f>B3*C$2</f>" in _cell(sheet, "D3") and _cell(sheet, "E3") == '<c r="E3"><f>SUM(B2:B4)</f></c>'
    assert 'mergeCell ref="E2:E4"' in sheet and "<v>i4</v>" in _cell(sheet, "A3")
    assert 'ref="B3"' in parts["xl/comments.xml"] and "<x:Row>2</x:Row>" in parts["xl/boxes.vml"]
    assert read_book(desk.workspace.read("a.xlsx"), "it").worksheets[0].max_row == 9


@pytest.mark.parametrize(
    ("do", "what", "at", "count", "words"),
    [
        ("delete", "rows", 4, 1, r"My Data!B2 refers to 'Plan!\$B\$4\*2\+A1', part of which would be deleted"),
        ("delete", "rows", 6, 1, "the header, the totals, or all of the table 'T'"),
        ("insert", "columns", "B", 1, "part of the table 'T'"),
        ("insert", "rows", 4, 1, "go through a pivot table on 'Plan'"),
        ("insert", "columns", "K", 1, "go through a pivot table on 'Plan'"),
    ],
)
async def test_what_cannot_follow_is_refused_and_nothing_changes(
    desk: Desk, do: str, what: str, at: int | str, count: int, words: str
) -> None:
    desk.workspace.write("a.xlsx", before := _book(pivot="pivot" in words))
    with pytest.raises(ToolFailed, match=words):
        await _change(desk, do, what, at, count)
    assert desk.workspace.read("a.xlsx") == before


async def test_a_pivot_table_below_moves_as_a_whole(desk: Desk) -> None:
    desk.workspace.write("a.xlsx", _book(pivot=True))
    parts = await _change(desk, "insert", "rows", 3)
    assert 'location ref="J4:K6"' in parts["xl/pivotTables/pivotTable1.xml"]


async def test_a_formula_through_several_sheets_is_refused(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    three = '<row r="1"><c r="A1"><f>SUM(Plan:Last!B2)</f><v>1</v></c></row>'
    desk.workspace.write("a.xlsx", workbook({"Plan": line(1, "x"), "Last": line(1, "y"), "Sum": three}))
    with pytest.raises(ToolFailed, match="Sum!A1 refers to several sheets at once"):
        await _change(desk, "insert", "rows", 1)


async def test_an_array_formula_moves_but_is_never_cut(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    array = '<row r="3"><c r="A3"><f t="array" ref="A3:A4">B3:B4*2</f><v>2</v></c></row>'
    array += '<row r="4"><c r="A4"><v>4</v></c></row>'
    desk.workspace.write("a.xlsx", workbook({"Plan": line(1, "x") + array}))
    with pytest.raises(ToolFailed, match="go through A3:A4, which one formula fills"):
        await _change(desk, "insert", "rows", 4)
    assert 'ref="A5:A6">B5:B6*2</f>' in (await _change(desk, "insert", "rows", 2, 2))[_SHEET]


async def test_whole_columns_stay_whole_and_inserted_rows_look_like_those_above(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    rows = (
        line(1, "x") + '<row r="2" ht="30" customHeight="1"><c r="A2" s="0"><v>1</v></c></row>'
        '<row r="3"><c r="A3"><f>SUM(C1:C1048576)</f></c></row>'
    )
    desk.workspace.write("a.xlsx", workbook({"Plan": rows}))
    sheet = (await _change(desk, "insert", "rows", 3))[_SHEET]
    assert "SUM(C1:C1048576)" in sheet and '<row r="3" ht="30" customHeight="1">' in sheet


@pytest.mark.parametrize(
    ("do", "at", "formula"),
    [
        ("insert", 1, "$B3&gt;$C$2+SUM(B$3:B3)"),
        ("insert", 2, "$B3&gt;$C$1+SUM(B$3:B3)"),
        ("insert", 4, "$B2&gt;$C$1+SUM(B$2:B2)"),
        ("delete", 3, "$B2&gt;$C$1+SUM(B$2:B2)"),
    ],
)
async def test_a_rule_keeps_counting_from_its_first_cell(tmp_path: Path, do: str, at: int, formula: str) -> None:
    desk = Desk(tmp_path)
    rule = (
        f'<sheetData>{line(1, "x")}</sheetData><conditionalFormatting sqref="B2:B9"><cfRule type="expression" '
        'priority="1"><formula>$B2&gt;$C$1+SUM(B$2:B2)</formula></cfRule></conditionalFormatting>'
    )
    desk.workspace.write("a.xlsx", workbook({"Plan": rule}))
    assert f"<formula>{formula}</formula>" in (await _change(desk, do, "rows", at))[_SHEET]


async def test_traces_and_edited_areas_follow(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.workspace.write("a.xlsx", workbook({"Plan": line(1, "x")}))
    cell: dict[str, Any] = {"value": 49, "finding": "f1"}
    await desk.call("sheet_write", path="a.xlsx", sheet="Plan", cell="B4", rows=[[cell]])
    await _change(desk, "insert", "rows", 2)
    known = provenance_file.load(desk.workspace, "a.xlsx")
    assert [p.place for p in known.places] == ["Plan!B5"] and known.edited == ("Plan!B5:B5",)
