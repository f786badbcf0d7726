"""Workbooks as people have them: each kind in a small file, with what a reader has to see in it."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from agents.tools.office.libreoffice import convert
from orchestrator.errors import ToolFailed
from tests.office_workspace import Desk
from tests.world.files.office_packages import cell, line, relations, strict, workbook, zipped

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_STYLES = (
    f'<styleSheet {_MAIN}><numFmts><numFmt numFmtId="200" formatCode="[$€-407]#,##0.00;[Red]-#,##0.00"/></numFmts>'
    '<fills><fill/></fills><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="200"/><xf numFmtId="46"/>'
    '<xf numFmtId="9"/></cellXfs></styleSheet>'
)
_NOTES = (
    f'<comments {_MAIN}><authors><author>Ada</author></authors><commentList><comment ref="B2" authorId="0"><text><r>'
    "<t>ask </t></r><r><t>Bob</t></r></text></comment></commentList></comments>"
)
_THREAD = (
    '<ThreadedComments xmlns="http://schemas.microsoft.com/office/spreadsheetml/2018/threadedcomments">'
    '<threadedComment ref="A1" personId="{1}" id="{2}"><text>Is this net?</text></threadedComment>'
    '<threadedComment ref="A1" personId="{1}" id="{3}" parentId="{2}"><text>Yes</text></threadedComment>'
    "</ThreadedComments>"
)
_DRAWING = (
    "<xdr:wsDr NAMES><xdr:twoCellAnchor><xdr:from><xdr:col>2</xdr:col><xdr:row>4</xdr:row></xdr:from><xdr:grpSp>"
    "<xdr:sp><xdr:txBody><a:p><a:r><a:t>Draft only</a:t></a:r></a:p></xdr:txBody></xdr:sp></xdr:grpSp>"
    '<xdr:pic><xdr:nvPicPr><xdr:cNvPr id="1" name="x" descr="Our logo"/></xdr:nvPicPr></xdr:pic>'
    '<xdr:graphicFrame><a:graphic><a:graphicData><c:chart r:id="rId1"/></a:graphicData></a:graphic>'
    "</xdr:graphicFrame></xdr:twoCellAnchor></xdr:wsDr>"
)
_CHART = (
    "<c:chartSpace NAMES><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Sales</a:t></a:r></a:p></c:rich></c:tx>"
    "</c:title><c:plotArea><c:barChart><c:ser><c:tx><c:strRef><c:strCache><c:pt idx='0'><c:v>North</c:v></c:pt>"
    "</c:strCache></c:strRef></c:tx><c:cat><c:numRef><c:numCache><c:formatCode>yyyy\\-mm\\-dd</c:formatCode>"
    "<c:pt idx='0'><c:v>45292</c:v></c:pt></c:numCache></c:numRef></c:cat><c:val><c:numRef><c:numCache>"
    "<c:pt idx='0'><c:v>12.5</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser></c:barChart></c:plotArea></c:chart>"
    "</c:chartSpace>"
)
_HTML = (
    b"<html><body><table><tr><th colspan=2>Region</th><th>Total</th></tr><tr><td rowspan=2>North</td><td>Q1</td>"
    b"<td>5</td></tr><tr><td>Q2</td><td>7</td></tr></table></body></html>"
)
_XML_2003 = (
    b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook '
    b'xmlns="urn:schemas-microsoft-com:office:spreadsheet" xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">'
    b'<Worksheet ss:Name="Plan"><Table><Row ss:Index="3"><Cell ss:Index="2"><Data ss:Type="String">Acme</Data></Cell>'
    b'<Cell ss:Formula="=RC[-1]"><Data ss:Type="Number">4</Data></Cell></Row></Table></Worksheet></Workbook>'
)


def _hung(**kinds: str) -> dict[str, str | bytes]:
    """Parts that hang on the first sheet: comments, drawing, …"""
    parts: dict[str, str | bytes] = {f"xl/{name}.xml": content for name, content in kinds.items()}
    links = relations(*((name, f"../{name}.xml") for name in kinds))
    return {**parts, "xl/worksheets/_rels/sheet1.xml.rels": links}


def _numbers() -> bytes:
    cells = (("A1", 1, 45292), ("B1", 2, 1234.5), ("C1", 3, 1.0625), ("D1", 4, 0.25), ("E1", 99, 3))
    row = "".join(f'<c r="{at}" s="{style}"><v>{value}</v></c>' for at, style, value in cells)
    return workbook({"S": f'<row r="1">{row}</row>'}, {"xl/styles.xml": _STYLES})


def _formulas() -> bytes:
    rows = (
        '<row r="1"><c r="A1"><f t="array" ref="A1:A2">B1:B2*2</f><v>4</v></c><c r="B1"><v>2</v></c>'
        '<c r="C1"><f t="shared" ref="C1:C2" si="0">B1+$B$1</f><v>4</v></c></row>'
        '<row r="2"><c r="A2"><v>6</v></c><c r="B2"><v>3</v></c><c r="C2"><f t="shared" si="0"/><v>5</v></c>'
        '<c r="D2"><f>B2*9</f></c></row>'
    )
    return workbook({"S": rows})


class Kind(NamedTuple):
    """A kind of workbook: how it's made, its name, and what reading it has to say, or must not."""

    name: str
    made: Callable[[], bytes]
    says: tuple[str, ...]
    never: tuple[str, ...] = ()
    path: str = "a.xlsx"
    range: str | None = None


_BARE = "<row><c t='str'><v>a</v></c><c><v>1</v></c></row><row><c><v>2</v></c></row>"
_LONG = "".join(line(n, f"{n}-" + "w" * 900 + "END") for n in range(1, 200))
_MANY = "".join(line(n, f"r{n}") for n in range(1, 500))
_HEADED = (
    "<headerFooter><oddHeader>&amp;L&amp;&quot;Arial,Bold&quot;Acme&amp;RPage &amp;P</oddHeader>"
    "<oddFooter>&amp;C&amp;8R&amp;&amp;D</oddFooter></headerFooter>"
)
_COLUMNS = '<cols><col min="2" max="2" hidden="1"/></cols><sheetData>'
KINDS = (
    Kind("numbers under formats", _numbers, ("2024-01-01 | €1,234.50 | 25:30:00 | 25% | 3",)),
    Kind(
        "array and shared formulas",
        _formulas,
        ("{=B1:B2*2} → 4 | 2 | =B1+$B$1 → 4", "6 | 3 | =B2+$B$1 → 5 | =B2*9", "1 formula without a stored value"),
        ("object at 0x", "openpyxl"),
    ),
    Kind(
        "a note in pieces",
        lambda: workbook({"S": line(1, "x")}, _hung(comments=_NOTES)),
        ("[note at B2 by Ada] ask Bob",),
    ),
    Kind(
        "comments in a thread",
        lambda: workbook({"S": line(1, "x")}, _hung(threadedComment=_THREAD)),
        ("[comment at A1 by unknown] Is this net?", "[reply at A1 by unknown] Yes"),
    ),
    Kind(
        "a text box in a group, a picture and a chart",
        lambda: workbook(
            {"S": line(1, "x")},
            _hung(drawing=_DRAWING)
            | {"xl/_rels/drawing.xml.rels": relations(("chart", "chart.xml")), "xl/chart.xml": _CHART},
        ),
        (
            "[text box at C5] Draft only",
            "[picture at C5: Our logo]",
            "[chart bar: Sales] at C5",
            "| | North |",
            "| 2024-01-01 | 12.5 |",
        ),
    ),
    Kind(
        "header and footer",
        lambda: workbook({"S": f"<sheetData>{line(1, 'x')}</sheetData>{_HEADED}"}),
        ("[page header] Acme | Page [page]", "[page footer] R&D"),
    ),
    Kind(
        "hidden sheets, rows and columns",
        lambda: workbook(
            {
                "S": f'{_COLUMNS}{line(1, "x", "y", "z")}<row r="2" hidden="1">{cell("A2", "off")}</row></sheetData>',
                "Costs": line(1, "c"),
            },
            states=" h",
        ),
        ("'Costs' (hidden)", "[hidden in Excel: rows 2; columns B]", "off"),
    ),
    Kind(
        "strict Open XML",
        lambda: strict(workbook({"S": line(1, "Zürich", "x")}, {"xl/styles.xml": _STYLES})),
        ("Zürich | x",),
    ),
    Kind(
        "an empty first sheet",
        lambda: workbook({"S": "", "Data": line(1, "here")}),
        ("Empty: 'S'. This is 'Data'", "here"),
    ),
    Kind("no cells at all", lambda: workbook({"S": ""}), ("[no cells with content]",)),
    Kind(
        "a far cell",
        lambda: workbook({"S": line(1, "near") + f'<row r="1048576">{cell("XFD1048576", "far")}</row>'}),
        ("A | XFD", "1048576|  | far"),
    ),
    Kind("rows and cells without addresses", lambda: workbook({"S": _BARE}), ("1| a | 1", "2| 2")),
    Kind("a long cell", lambda: workbook({"S": line(1, "w" * 2000 + "END")}), ("wEND",), ("…",)),
    Kind(
        "many long cells",
        lambda: workbook({"S": _LONG}),
        ("[cut at 240 characters: A1, A2", "A8, …; read them one at a time with range"),
    ),
    Kind("one long cell of many", lambda: workbook({"S": _LONG}), ("7-w", "wEND"), path="a.xlsx", range="A7"),
    Kind(
        "a window that goes on", lambda: workbook({"S": _MANY}), ("r300", "continue with range='A301:A499'"), ("r301",)
    ),
    Kind("the next window", lambda: workbook({"S": _MANY}), ("r301", "r499"), ("r300", "goes on"), range="A301:A499"),
    Kind(
        "three hundred sheets",
        lambda: workbook({f"S{n}": line(1, f"v{n}") for n in range(1, 301)}),
        ("v1", "'S60'", "and 240 more"),
    ),
    Kind(
        "damage in a part beside the cells",
        lambda: workbook({"S": line(1, "kept")}, _hung(comments="not XML at all")),
        ("kept", "[Damaged parts were left out: xl/comments.xml.]"),
    ),
    Kind(
        "relations that point nowhere",
        lambda: workbook(
            {"S": line(1, "kept")},
            {"xl/worksheets/_rels/sheet1.xml.rels": relations(("comments", "../gone.xml"), ("drawing", "NULL"))},
        ),
        ("kept",),
    ),
    Kind(
        "a chart whose relations have another case",
        lambda: workbook(
            {"S": line(1, "x")},
            {
                "xl/worksheets/_rels/Sheet1.xml.rels": relations(("comments", "../Comments1.xml")),
                "xl/comments1.xml": _NOTES,
            },
        ),
        ("[note at B2 by Ada] ask Bob",),
    ),
    Kind(
        "a web page named .xls",
        lambda: _HTML,
        ("a web page with tables", "1| Region |  | Total", "2| North | Q1 | 5", "3|  | Q2 | 7"),
        path="a.xls",
    ),
    Kind("Excel 2003 XML named .xls", lambda: _XML_2003, ("'Plan'", "3|  | Acme | =RC[-1] → 4"), path="a.xls"),
    Kind(
        "tabs named .xls",
        lambda: "Größe\tPreis\nA\t1,5\n".encode("utf-16"),
        ("1| Größe | Preis", "2| A | 1,5"),
        path="a.xls",
    ),
    Kind("a new workbook named .xls", lambda: workbook({"S": line(1, "modern")}), ("modern",), path="a.xls"),
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_a_workbook_is_read_as_people_see_it(kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(convert, "soffice", lambda: None)
    desk = Desk(tmp_path)
    desk.workspace.write(kind.path, kind.made())
    text = (await desk.call("sheet_read", path=kind.path, **({"range": kind.range} if kind.range else {}))).text
    for words in kind.says:
        assert words in text
    for words in kind.never:
        assert words not in text


async def test_many_empty_styled_rows_are_no_zip_bomb(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    empty = "".join(f'<row r="{n}" s="1" customFormat="1"{" " * 1500}/>' for n in range(2, 25_001))
    desk.workspace.write("a.xlsx", workbook({"S": line(1, "top") + empty}))
    assert "top" in (await desk.call("sheet_read", path="a.xlsx")).text


async def test_a_locked_workbook_says_so(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    locked = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(900) + "EncryptedPackage".encode("utf-16-le") + bytes(200)
    desk.workspace.write("a.xlsx", locked)
    with pytest.raises(ToolFailed, match=r"'a\.xlsx' is password-protected\. Ask for an unprotected copy\."):
        await desk.call("sheet_read", path="a.xlsx")


async def test_a_zip_that_is_no_workbook_says_what_is_missing(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.workspace.write("a.xlsx", zipped({"notes.txt": "hello"}))
    with pytest.raises(ToolFailed) as refused:
        await desk.call("sheet_read", path="a.xlsx")
    assert "\n" not in str(refused.value) and "Error" not in str(refused.value)
