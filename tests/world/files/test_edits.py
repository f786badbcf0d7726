"""Other people's workbooks are changed where that was asked for, and nowhere else."""

import io
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter  # pyright: ignore[reportMissingTypeStubs]

from agents.tools.office import zip_package
from agents.tools.office.sheets.open_and_save_workbook import read_book
from tests.office_workspace import Desk
from tests.world.files.office_packages import line, relations, strict, workbook

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_STYLES = (
    f"<styleSheet {_MAIN}><fonts><font/></fonts><fills><fill><patternFill/></fill></fills><borders><border/></borders>"
    '<cellXfs><xf numFmtId="0"/><xf numFmtId="4"/></cellXfs><extLst><ext uri="{1}"/></extLst></styleSheet>'
)
_FIRST = "xl/worksheets/sheet1.xml"


def _value(number: float, formula: str = "", **attributes: str) -> str:
    """What is inside a cell with a number and, before it, a formula."""
    more = "".join(f' {k}="{v}"' for k, v in attributes.items())
    return (f"<f{more}>{formula}</f>" if formula or more else "") + f"<v>{number}</v>"


def _row(number: int, **cells: str) -> str:
    return f'<row r="{number}">' + "".join(f'<c r="{c}{number}">{v}</c>' for c, v in cells.items()) + "</row>"


def _parts(content: bytes) -> dict[str, bytes]:
    return zip_package.parts(content, "it")


async def _edited(folder: Path, content: bytes, at: str, *rows: list[Any], sheet: str = "Plan") -> tuple[bytes, str]:
    """The file after one write, and what the agent reads."""
    desk = Desk(folder)
    desk.workspace.write("a.xlsx", content)
    told = (await desk.call("sheet_write", path="a.xlsx", sheet=sheet, cell=at, rows=list(rows))).text
    return desk.workspace.read("a.xlsx"), told


def _changed(before: bytes, after: bytes) -> set[str]:
    old, new = _parts(before), _parts(after)
    return {n for n in old.keys() | new.keys() if old.get(n) != new.get(n)}


def _seen(content: bytes, sheet: str = "Plan", *, values: bool = False) -> Any:
    return read_book(content, "it", values=values)[sheet]


async def test_only_the_written_sheet_changes(tmp_path: Path) -> None:
    parts: dict[str, str | bytes] = {
        "xl/styles.xml": _STYLES,
        "customXml/item1.xml": "<a/>",
        "xl/drawings/drawing1.xml": "<xdr:wsDr NAMES><xdr:wmf/></xdr:wsDr>",
        "xl/media/image1.wmf": b"\xd7\xcd\xc6\x9a",
        "xl/printerSettings/printerSettings1.bin": b"\0\1",
        # the file's parts don't agree about large and small letters
        "xl/worksheets/_rels/Sheet1.xml.rels": relations(("drawing", "../drawings/Drawing1.xml")),
    }
    body = (
        f'<sheetPr><tabColor rgb="FF00FF00"/></sheetPr><sheetData>{line(1, "Item", "Price")}{_row(2, B=_value(3))}'
        '</sheetData><protectedRanges><protectedRange name="a" sqref="A1"/></protectedRanges>'
        '<customProperties><customPr name="x" r:id="rId9"/></customProperties><drawing r:id="rId1"/>'
    )
    before = workbook({"Plan": body, "Other": line(1, "a")}, parts)
    after, told = await _edited(tmp_path, before, "A3", ["Pen", 2.5])
    assert _changed(before, after) == {_FIRST}
    assert "everything else is unchanged" in told
    new = _parts(after)[_FIRST]
    assert b"protectedRange " in new and b"customPr " in new and b'drawing r:id="rId1"' in new
    assert [c.value for c in _seen(after)[3]] == ["Pen", 2.5]


async def test_values_that_rest_on_the_written_cell_are_forgotten_and_others_stay(tmp_path: Path) -> None:
    plan = (
        _row(1, A=_value(1), B=_value(2, "A1*2"), C=_value(3, "B1+1"), D=_value(7, "Z9"))
        + _row(2, A=_value(5), B=_value(10, "A2*2", t="shared", ref="B2:B3", si="0"))
        + _row(
            3,
            A=_value(6),
            B=_value(12, t="shared", si="0"),
            C=_value(4, "SUM(Rate)"),
            D=_value(8, "OFFSET(Q1,1,1)"),
            E=_value(9, "TODAY()"),
        )
    )
    more = _row(1, A=_value(2, "Plan!B1"), B=_value(11, "SUM(Plan!A:A)"), C=_value(1, "COUNT(Plan!C5:C9)"))
    last = _row(1, A=_value(4, "1+3"))
    before = workbook({"Plan": plan, "More": more, "Last": last})
    names = _parts(before)
    names["xl/workbook.xml"] = names["xl/workbook.xml"].replace(
        b"</workbook>", b'<definedNames><definedName name="Rate">Plan!$A$1:$A$2</definedName></definedNames></workbook>'
    )
    before = zip_package.pack(names)
    after, _ = await _edited(tmp_path, before, "A1", [100])
    kept = _seen(after, values=True)
    assert [c.value for c in kept[1][:4]] == [100, None, None, 7]
    assert [kept[a].value for a in ("B2", "B3", "C3", "D3", "E3")] == [10, 12, None, None, 9]
    assert [c.value for c in _seen(after, "More", values=True)[1]] == [None, None, 1]
    assert "xl/worksheets/sheet3.xml" not in _changed(before, after)


async def test_one_cell_of_a_shared_formula_is_overwritten_and_the_others_stay(tmp_path: Path) -> None:
    rows = _row(1, A=_value(1), B=_value(2, "A1*$A$1", t="shared", ref="B1:B3", si="4"))
    rows += "".join(_row(n, A=_value(n), B=_value(n, t="shared", si="4")) for n in (2, 3))
    after, _ = await _edited(tmp_path, workbook({"Plan": rows}), "B1", [9])
    assert [_seen(after)[f"B{n}"].value for n in (1, 2, 3)] == [9, "=A2*$A$1", "=A3*$A$1"]


async def test_writing_what_is_there_changes_nothing(tmp_path: Path) -> None:
    texts = f"<sst {_MAIN}><si><r><rPr><b/></rPr><t>Bo</t></r><r><t>ld</t></r></si></sst>"
    row = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"><v>2.50</v></c><c r="C1"><f>B1*2</f><v>5</v></c></row>'
    before = workbook({"Plan": row}, {"xl/sharedStrings.xml": texts})
    after, _ = await _edited(tmp_path, before, "A1", ["Bold", 2.5, "=B1*2"])
    assert after == before


@pytest.mark.parametrize("kind", ["strict", "prefixed", "without addresses", "since 1904", "elsewhere"])
async def test_odd_spellings_of_the_format_are_kept(tmp_path: Path, kind: str) -> None:
    parts = _parts(workbook({"Plan": line(1, "Item", "Price") + _row(3, B=_value(3))}, {"xl/styles.xml": _STYLES}))
    match kind:
        case "prefixed":
            part = parts[_FIRST].replace(b'xmlns="http://schemas.openxmlformats.org/spread', b'xmlns:x="http://schemas.'
                                         b"openxmlformats.org/spread")  # fmt: skip
            for name in (b"worksheet", b"sheetData", b"row", b"c", b"v", b"is", b"t"):
                for end in (b">", b" "):
                    part = part.replace(b"<" + name + end, b"<x:" + name + end)
                part = part.replace(b"</" + name + b">", b"</x:" + name + b">")
            parts[_FIRST] = part
        case "without addresses":
            parts[_FIRST] = parts[_FIRST].replace(b' r="A1"', b"").replace(b' r="B1"', b"").replace(b' r="1"', b"")
        case "since 1904":
            parts["xl/workbook.xml"] = parts["xl/workbook.xml"].replace(
                b"<sheets", b'<workbookPr date1904="1"/><sheets'
            )
        case "elsewhere":
            parts["xl/tables/sheet.xml"] = parts.pop(_FIRST)
            links = parts["xl/_rels/workbook.xml.rels"]
            parts["xl/_rels/workbook.xml.rels"] = links.replace(b"worksheets/sheet1.xml", b"/xl/tables/Sheet.xml")
        case _:
            pass
    before = zip_package.pack(parts)
    before = strict(before) if kind == "strict" else before
    after, told = await _edited(tmp_path, before, "A2", ["Pen", 4, "2026-03-01"], ["Ink"])
    assert "2| Pen | 4 | 2026-03-01" in told and "3| Ink | 3" in told
    assert len(_changed(before, after)) == 2  # the sheet, and the styles for the date
    assert _seen(after)["C2"].value.isoformat()[:10] == "2026-03-01"


async def test_a_new_sheet_has_our_look_and_the_others_stay(tmp_path: Path) -> None:
    before = workbook({"Plan": line(1, "Item", "Price") + _row(2, B=_value(3)), "Other": line(1, "a")},
                      {"xl/styles.xml": _STYLES, "customXml/item1.xml": "<a/>"})  # fmt: skip
    desk = Desk(tmp_path)
    desk.workspace.write("a.xlsx", before)
    rows: list[list[Any]] = [["What", "Worth (USD)"], ["All", "=Plan!B2*2"], ["One", {"value": 49, "finding": "f1"}]]
    await desk.call("sheet_write", path="a.xlsx", sheet="Sum", cell="A1", rows=rows)
    once = desk.workspace.read("a.xlsx")
    await desk.call("sheet_write", path="a.xlsx", sheet="Sum", cell="A4", rows=[["More", 5]])
    after = desk.workspace.read("a.xlsx")
    for made in (once, after):
        assert {n for n in _changed(before, made) if n in _parts(before)} == {
            "[Content_Types].xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml", "xl/workbook.xml",
        }  # fmt: skip
    book = read_book(after, "it")
    assert book.sheetnames == ["Plan", "Other", "Sum", "Sources"]
    sheet = book["Sum"]
    assert [c.value for c in sheet["B"]] == ["Worth (USD)", "=Plan!B2*2", 49, 5]
    assert (sheet["A1"].font.b, sheet.freeze_panes, sheet["B4"].number_format) == (True, "A2", "#,##0")
    assert "Team: $49" in sheet["B3"].comment.text
    assert len(_parts(once)) == len(_parts(after)), "what belonged to the sheet before is gone"


async def test_a_workbook_that_openpyxl_cannot_write_gets_its_sheet_all_the_same(tmp_path: Path) -> None:
    style = _STYLES.replace("<fill><patternFill/></fill>", "<fill/>")
    before = workbook({"Plan": line(1, "a")}, {"xl/styles.xml": style})
    after, told = await _edited(tmp_path, before, "A1", ["What", "Worth"], ["All", "=1+1"], sheet="Sum")
    assert "added the sheet" in told and "2| All | =1+1" in told
    assert _FIRST not in _changed(before, after)


async def test_a_tables_header_gives_its_column_the_name(tmp_path: Path) -> None:
    table = (
        f'<table {_MAIN} id="1" name="T" displayName="T" ref="A1:B2"><tableColumns count="2"><tableColumn id="1" '
        'name="Item"/><tableColumn id="2" name="Price"/></tableColumns></table>'
    )
    parts: dict[str, str | bytes] = {
        "xl/tables/table1.xml": table,
        "xl/worksheets/_rels/sheet1.xml.rels": relations(("table", "../tables/table1.xml")),
    }
    body = f'<sheetData>{line(1, "Item", "Price")}{_row(2, B=_value(3))}</sheetData><tableParts count="1"><tablePart '
    before = workbook({"Plan": body + 'r:id="rId1"/></tableParts>'}, parts)
    after, _ = await _edited(tmp_path, before, "B1", ["Cost"])
    assert [c.name for c in _seen(after).tables["T"].tableColumns] == ["Item", "Cost"]


async def test_the_order_of_calculation_goes_when_a_formula_goes(tmp_path: Path) -> None:
    parts = _parts(workbook({"Plan": _row(1, A=_value(1), B=_value(2, "A1*2"))}, {"xl/calcChain.xml": "<calcChain/>"}))
    links = parts["xl/_rels/workbook.xml.rels"]
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/calcChain"
    link = b'<Relationship Id="rId7" Type="' + kind + b'" Target="calcChain.xml"/></Relationships>'
    parts["xl/_rels/workbook.xml.rels"] = links.replace(b"</Relationships>", link)
    before = zip_package.pack(parts)
    kept, _ = await _edited(tmp_path, before, "A2", ["text"])
    gone, _ = await _edited(tmp_path, before, "B1", [4])
    assert "xl/calcChain.xml" in _parts(kept) and "xl/calcChain.xml" not in _parts(gone)
    assert b"calcChain" not in _parts(gone)["xl/_rels/workbook.xml.rels"]


def _ordered(total: str) -> bytes:
    """A table Orders in A1:C4 of the sheet Plan, with a total below that this formula computes."""
    out = io.BytesIO()
    book: Any = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet("Plan")
    sheet.add_table(0, 0, 3, 2, {
        "name": "Orders", "total_row": True,
        "columns": [{"header": "Item"}, {"header": "Count"}, {"header": "Twice", "formula": "=[@Count]*2"}],
    })  # fmt: skip
    for n, count in enumerate((4, 5), 1):
        sheet.write_row(n, 0, [f"item {n}", count])
        sheet.write_formula(n, 2, "=Orders[[#This Row],[Count]]*2", None, count * 2)
    sheet.write_formula(3, 1, total, None, 9)
    book.close()
    return out.getvalue()


@pytest.mark.parametrize(
    "total",
    [
        "=SUBTOTAL(109,[Count])",
        "=SUM([Count])",
        "=SUBTOTAL(109,Orders[Count])",
        '=IF(TRUE,SUM([[#Data],[Count]]),"[x]")',
    ],
)
async def test_a_total_of_its_own_table_is_computed_again(tmp_path: Path, total: str) -> None:
    content = _ordered(total)
    after, _ = await _edited(tmp_path, content, "B2", [14])
    assert _seen(content, values=True)["B4"].value == 9
    assert _seen(after, values=True)["B4"].value in (None, 19)
