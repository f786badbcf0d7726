"""Word documents as people have them: each kind in a small file, with what a reader has to see in it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.office_workspace import Desk
from tests.world.files.office_packages import package, relations, strict, workbook

_RUN = "<w:r><w:t>{}</w:t></w:r>"
_HTML = b"<html><body><h1>Offer</h1><p>Ends Friday</p></body></html>"
_EQUATION = (
    "<m:oMath><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num><m:den><m:r><m:t>2</m:t></m:r></m:den></m:f><m:r><m:t>=</m:t>"
    "</m:r><m:sSup><m:e><m:r><m:t>x</m:t></m:r></m:e><m:sup><m:r><m:t>2</m:t></m:r></m:sup></m:sSup><m:rad><m:deg/>"
    "<m:e><m:r><m:t>n</m:t></m:r></m:e></m:rad></m:oMath>"
)
_BOX = (
    "<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:inline><a:graphic><a:graphicData>"
    "<wps:wsp><wps:txbx><w:txbxContent>{0}</w:txbxContent></wps:txbx></wps:wsp></a:graphicData></a:graphic></wp:inline>"
    "</w:drawing></mc:Choice><mc:Fallback><w:pict><v:shape><v:textbox><w:txbxContent>{0}</w:txbxContent></v:textbox>"
    "</v:shape></w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
)
_GRAPHIC = (
    "<w:p><w:r><w:drawing><wp:inline><a:graphic><a:graphicData>{}</a:graphicData></a:graphic></wp:inline></w:drawing>"
    "</w:r></w:p>"
)
_CHART = (
    "<c:chartSpace NAMES><c:chart><c:title><c:tx><c:rich><a:p><a:r><a:t>Costs</a:t></a:r></a:p></c:rich></c:tx>"
    "</c:title><c:plotArea><c:pieChart><c:ser><c:cat><c:strRef><c:strCache><c:pt idx='0'><c:v>Rent</c:v></c:pt>"
    "</c:strCache></c:strRef></c:cat><c:val><c:numRef><c:numCache><c:pt idx='0'><c:v>900</c:v></c:pt></c:numCache>"
    "</c:numRef></c:val></c:ser>"
    "</c:pieChart></c:plotArea></c:chart></c:chartSpace>"
)
_SMART = (
    "<dgm:dataModel NAMES><dgm:ptLst><dgm:pt><dgm:t><a:bodyPr/><a:p><a:r><a:t>Plan</a:t></a:r></a:p></dgm:t></dgm:pt>"
    "<dgm:pt><dgm:t><a:p><a:r><a:t>Build</a:t></a:r></a:p></dgm:t></dgm:pt></dgm:ptLst></dgm:dataModel>"
)


def p(text: str, look: str = "") -> str:
    return f"<w:p>{f'<w:pPr>{look}</w:pPr>' if look else ''}{_RUN.format(text)}</w:p>"


def tc(inside: str, look: str = "") -> str:
    return f"<w:tc>{f'<w:tcPr>{look}</w:tcPr>' if look else ''}{inside}</w:tc>"


def sdt(inside: str) -> str:
    return f"<w:sdt><w:sdtPr/><w:sdtContent>{inside}</w:sdtContent></w:sdt>"


def tbl(*rows: str) -> str:
    return f"<w:tbl><w:tblPr/><w:tblGrid/>{''.join(rows)}</w:tbl>"


def document(
    body: str, *linked: tuple[str, str] | tuple[str, str, str], parts: Mapping[str, str | bytes] | None = None
) -> bytes:
    main = f"<w:document NAMES><w:body>{body}</w:body></w:document>"
    links = {"word/_rels/document.xml.rels": relations(*linked)} if linked else {}
    return package("word/document.xml", {"word/document.xml": main, **links, **(parts or {})})


def _with(kind: str, body: str, inside: str) -> bytes:
    """A document with one more part of this kind."""
    part = f"<w:{kind} NAMES>{inside}</w:{kind}>"
    return document(body, (kind, f"{kind}.xml"), parts={f"word/{kind}.xml": part})


_NESTED = tbl(
    "<w:tr>" + tc(p("in") + tbl("<w:tr>" + tc(p("deep")) + tc(p("down")) + "</w:tr>")) + tc(p("out")) + "</w:tr>"
)
_ODD_MERGES = tbl(
    "<w:tr>" + tc(p("top"), '<w:gridSpan w:val="9"/>') + "</w:tr>",
    "<w:tr>" + tc(p(""), '<w:gridSpan w:val="0"/><w:vMerge/>') + tc(p("b"), '<w:vMerge w:val="continue"/>') + "</w:tr>",
    "<w:tr/>",
)
_ROW_DELETED = tbl(
    "<w:tr>" + tc(p("Apples")) + tc(p("3")) + "</w:tr>",
    '<w:tr><w:trPr><w:del w:id="1" w:author="Ada"/></w:trPr>'
    + tc('<w:p><w:del w:id="2" w:author="Ada"><w:r><w:delText>Pears</w:delText></w:r></w:del></w:p>')
    + tc('<w:p><w:del w:id="3" w:author="Ada"><w:r><w:delText>8</w:delText></w:r></w:del></w:p>')
    + "</w:tr>",
    "<w:tr>" + tc(p("Plums")) + tc(p("5")) + "</w:tr>",
)
_CONTROLS = tbl(sdt("<w:tr>" + sdt(tc(p("kept"))) + tc(sdt(p("also"))) + "</w:tr>"))
_STYLES = (
    '<w:styles NAMES><w:style w:styleId="a"/><w:style w:styleId="b"><w:name w:val="heading 1"/></w:style></w:styles>'
)
_BOXES = (
    '<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r><w:r><w:t> paid </w:t></w:r><w:r><w:sym w:font="Wingdings" '
    'w:char="F0A8"/></w:r><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:checkBox><w:default w:val="1"/>'
    "</w:checkBox>"
    '</w:ffData></w:fldChar></w:r><w:r><w:fldChar w:fldCharType="begin"><w:ffData><w:ddList><w:result w:val="1"/>'
    '<w:listEntry w:val="Red"/><w:listEntry w:val="Blue"/></w:ddList></w:ffData></w:fldChar></w:r>'
)


class Kind(NamedTuple):
    """A kind of document: how it's made, what reading it has to say, and what it must not."""

    name: str
    made: Callable[[], bytes | str]
    says: tuple[str, ...]
    never: tuple[str, ...] = ()
    path: str = "a.docx"


KINDS = (
    Kind("an empty document", lambda: document(""), ("[The document is empty.]",)),
    Kind("a block in a content control", lambda: document(sdt(p("held"))), ("[1] held",)),
    Kind("rows and cells in content controls", lambda: document(_CONTROLS), ("| kept | also |",)),
    Kind("a table in a table", lambda: document(_NESTED), ("| in [table inside: deep; down] | out |",)),
    Kind(
        "a row that a tracked change deletes",
        lambda: document(_ROW_DELETED),
        ("| Apples | 3 |\n| [deleted row: Pears; 8] |\n| Plums | 5 |",),
        ("|  |  |",),
    ),
    Kind("odd merges", lambda: document(_ODD_MERGES), ("| top |", "|  | b |")),
    Kind(
        "a style without a type or a name",
        lambda: document(
            p("Costs", '<w:pStyle w:val="b"/>') + p("x", '<w:pStyle w:val="a"/>'),
            ("styles", "styles.xml"),
            parts={"word/styles.xml": _STYLES},
        ),
        ("## Costs", "[2] x"),
    ),
    Kind(
        "end notes",
        lambda: _with(
            "endnotes",
            '<w:p><w:r><w:t>As said</w:t></w:r><w:r><w:endnoteReference w:id="7"/></w:r></w:p>',
            f'<w:endnote w:id="-1" w:type="separator">{p("---")}</w:endnote>'
            f'<w:endnote w:id="7">{p("By Ada")}</w:endnote>',
        ),
        ("As said[^e1]", "[^e1]: By Ada"),
        ("---",),
    ),
    Kind(
        "comments",
        lambda: _with(
            "comments",
            p("a") + '<w:p><w:commentRangeStart w:id="3"/><w:r><w:t>49</w:t></w:r></w:p>',
            f'<w:comment w:id="3" w:author="Bob">{p("net or")}{p("gross?")}</w:comment>'
            f'<w:comment w:id="9">{p("?")}</w:comment>',
        ),
        ("[comment by Bob at [2]] net or gross?", "[comment by unknown] ?"),
    ),
    Kind("equations", lambda: document(f"<w:p>{_RUN.format('so ')}{_EQUATION}</w:p>"), ("so (a+b)/2=x^2√(n)",)),
    Kind("an equation of its own", lambda: document(f"<m:oMathPara>{_EQUATION}</m:oMathPara>"), ("(a+b)/2=x^2",)),
    Kind("check boxes and choices", lambda: document(f"<w:p>{_BOXES}</w:p>"), ("☒ paid ☐☒Blue",)),
    Kind(
        "a text box of Word 2010", lambda: document(_BOX.format(p("boxed"))), ("[text box] boxed",), ("boxed\n\n[text",)
    ),
    Kind(
        "word art",
        lambda: document('<w:p><w:r><w:pict><v:shape><v:textpath string="DRAFT"/></v:shape></w:pict></w:r></w:p>'),
        ("[WordArt] DRAFT",),
    ),
    Kind(
        "a chart",
        lambda: document(
            _GRAPHIC.format('<c:chart r:id="rId1"/>'), ("chart", "chart.xml"), parts={"word/chart.xml": _CHART}
        ),
        ("[chart pie: Costs]", "| Rent | 900 |"),
    ),
    Kind(
        "SmartArt",
        lambda: document(
            _GRAPHIC.format('<dgm:relIds r:dm="rId1"/>'), ("diagramData", "data.xml"), parts={"word/data.xml": _SMART}
        ),
        ("[SmartArt]\n- Plan\n- Build",),
    ),
    Kind(
        "an embedded workbook",
        lambda: document(
            '<w:p><w:r><w:object><o:OLEObject ProgID="Excel.Sheet.12" r:id="rId1"/></w:object></w:r></w:p>',
            ("package", "embeddings/costs.xlsx"),
            parts={"word/embeddings/costs.xlsx": b"PK"},
        ),
        ("[embedded Excel.Sheet.12: costs.xlsx]",),
    ),
    Kind(
        "an inserted web page",
        lambda: document(
            p("before") + '<w:altChunk r:id="rId1"/>' + p("after"),
            ("aFChunk", "part.htm"),
            parts={"word/part.htm": _HTML},
        ),
        ("[1] before\n\n[embedded web page]\n# Offer\nEnds Friday\n\n[2] after",),
    ),
    Kind(
        "an inserted document",
        lambda: document(
            '<w:altChunk r:id="rId1"/>', ("aFChunk", "in.docx"), parts={"word/in.docx": document(p("inner"))}
        ),
        ("[embedded document]\n[1] inner",),
    ),
    Kind(
        "headers and footers with boxes",
        lambda: document(
            p("x"),
            ("header", "h.xml"),
            ("footer", "f.xml"),
            parts={
                "word/h.xml": f"<w:hdr NAMES>{p('Acme')}{_BOX.format(p('Secret'))}</w:hdr>",
                "word/f.xml": f"<w:ftr NAMES>{p('Page 1')}</w:ftr>",
            },
        ),
        ("[header] Acme", "[header] [text box] Secret", "[footer] Page 1"),
    ),
    Kind(
        "relations that point nowhere",
        lambda: document(p("kept"), ("image", "NULL"), ("hyperlink", "#_top"), ("hyperlink", "http://[", "External")),
        ("[1] kept",),
    ),
    Kind("strict Open XML", lambda: strict(document(p("Zürich"))), ("[1] Zürich",)),
    Kind(
        "damage in a part beside the text",
        lambda: _with("comments", p("kept"), "<w:comment"),
        ("[1] kept",),
        ("Error",),
    ),
    Kind("a web page named .doc", lambda: _HTML, ("[This file is actually a web page.]", "# Offer"), path="a.doc"),
    Kind(
        "text named .doc",
        lambda: b"Dear Ada,\nbye",
        ("[This file is actually plain text.]", "Dear Ada"),
        path="a.doc",
    ),
    Kind("a new document named .doc", lambda: document(p("modern")), ("[1] modern",), path="a.doc"),
    Kind(
        "a workbook named .doc",
        lambda: workbook({"S": "<row><c><v>7</v></c></row>"}),
        ("[sheet 'S']\n| 7 |",),
        path="a.doc",
    ),
)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
async def test_a_document_is_read_as_people_see_it(kind: Kind, tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    made = kind.made()
    desk.workspace.write(kind.path, made if isinstance(made, bytes) else made.encode())
    text = (await desk.call("document_read", path=kind.path)).text
    for words in kind.says:
        assert words in text
    for words in kind.never:
        assert words not in text


async def test_thousands_of_boxes_and_pictures_take_no_time_of_their_own(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    images = [("image", f"i{n}.png") for n in range(1000)]
    desk.workspace.write("a.docx", document(_BOX.format(p("boxed")) * 1000, *images))
    assert "[text box] boxed" in (await desk.call("document_read", path="a.docx")).text


async def test_merged_cells_of_a_web_page_keep_the_columns(tmp_path: Path) -> None:
    page = (
        "<table><tr><th rowspan=2>Shop</th><th colspan=2>May</th><th>June</th></tr><tr><th>Goal</th><th>Sold</th>"
        "<th>Goal</th></tr><tr><td>Graz</td><td>4</td><td>3</td><td>5</td></tr><tr><td colspan=4>All in 1,000</td></tr>"
        "</table>"
    )
    desk = Desk(tmp_path)
    desk.workspace.write("a.html", page.encode())
    told = (await desk.call("document_read", path="a.html")).text
    assert told.splitlines() == [
        "| Shop | May | | June", "| | Goal | Sold | Goal", "| Graz | 4 | 3 | 5", "| All in 1,000",
    ]  # fmt: skip
