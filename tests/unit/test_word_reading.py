"""What a reader of a Word document owes: labels of lists, columns of merged cells, powers, proposals, hidden text."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any

import docx
import pytest
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from tests.office_workspace import Desk


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def made(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


async def shown(desk: Desk, document: Any) -> str:
    desk.workspace.write("a.docx", made(document))
    return (await desk.call("document_read", path="a.docx")).text


def numbering(document: Any, *levels: tuple[str, str]) -> str:
    """Adds a list with these number formats and texts by level, and returns its number."""
    root = document.part.numbering_part.element
    inside = "".join(
        f'<w:lvl w:ilvl="{n}"><w:start w:val="1"/><w:numFmt w:val="{form}"/><w:lvlText w:val="{text}"/></w:lvl>'
        for n, (form, text) in enumerate(levels)
    )
    root.insert(0, parse_xml(f'<w:abstractNum {nsdecls("w")} w:abstractNumId="77">{inside}</w:abstractNum>'))
    root.append(parse_xml(f'<w:num {nsdecls("w")} w:numId="77"><w:abstractNumId w:val="77"/></w:num>'))
    return "77"


def item(document: Any, text: str, number: str, level: int) -> None:
    properties = document.add_paragraph(text)._p.get_or_add_pPr()
    properties.append(
        parse_xml(f'<w:numPr {nsdecls("w")}><w:ilvl w:val="{level}"/><w:numId w:val="{number}"/></w:numPr>')
    )


async def test_items_of_lists_have_their_numbers_and_levels(desk: Desk) -> None:
    document: Any = docx.Document()
    number = numbering(document, ("decimal", "%1."), ("lowerLetter", "%2)"), ("upperRoman", "%1.%3"))
    for text, level in (("One", 0), ("Deeper", 1), ("Deeper too", 1), ("Two", 0), ("Again", 1), ("Deepest", 2)):
        item(document, text, number, level)
    document.add_paragraph("A point", style="List Bullet")
    document.add_paragraph("First", style="List Number")
    document.add_paragraph("Second", style="List Number")
    text = await shown(desk, document)
    wanted = ["1. One", "  a) Deeper", "  b) Deeper too", "2. Two", "  a) Again", "    2.I Deepest", "- A point"]
    assert [line.partition("] ")[2] for line in text.split("\n\n")] == [*wanted, "1. First", "2. Second"]
    await desk.call("document_edit", path="a.docx", changes=[{"do": "replace", "old": "2. Two", "new": "Zwei"}])
    assert "2. Zwei" in (await desk.call("document_read", path="a.docx")).text


async def test_merged_cells_keep_every_other_cell_in_its_column(desk: Desk) -> None:
    document: Any = docx.Document()
    table = document.add_table(2, 3)
    for cell, text in zip((c for r in table.rows for c in r.cells), ("Item", "Pieces", "kg", "", "", ""), strict=True):
        cell.text = text
    table.cell(1, 0).merge(table.cell(1, 1)).text = "Total"
    table.cell(1, 2).text = "5.7"
    assert "| Item | Pieces | kg |\n| Total |  | 5.7 |" in await shown(desk, document)


async def test_powers_and_indexes_arent_digits_of_a_number_and_can_be_quoted(desk: Desk) -> None:
    document: Any = docx.Document()
    paragraph = document.add_paragraph("H")
    paragraph.add_run("2").font.subscript = True
    paragraph.add_run("O lasts 10")
    paragraph.add_run("6").font.superscript = True
    paragraph.add_run(" cycles on the 1")
    paragraph.add_run("st").font.superscript = True
    assert "H₂O lasts 10⁶ cycles on the 1st" in await shown(desk, document)
    change = {"do": "replace", "old": "10⁶ cycles", "new": "5 cycles"}
    await desk.call("document_edit", path="a.docx", changes=[change])
    assert "lasts 5 cycles" in (await desk.call("document_read", path="a.docx")).text


async def test_what_tracked_changes_take_away_is_told(desk: Desk) -> None:
    document: Any = docx.Document()
    paragraph = document.add_paragraph("Price: ")
    paragraph._p.append(
        parse_xml(f'<w:del {nsdecls("w")} w:id="9" w:author="Ole"><w:r><w:delText>14.50</w:delText></w:r></w:del>')
    )
    paragraph._p.append(
        parse_xml(f'<w:ins {nsdecls("w")} w:id="10" w:author="Ole"><w:r><w:t>13.90</w:t></w:r></w:ins>')
    )
    text = await shown(desk, document)
    assert "[1] Price: 13.90" in text
    assert "[tracked changes at [1] by Ole] deleted '14.50', inserted '13.90'" in text


async def test_hidden_text_is_told_as_hidden_and_a_link_has_its_address(desk: Desk) -> None:
    document: Any = docx.Document()
    document.add_paragraph("Seen, ").add_run("but not this").font.hidden = True
    key = document.part.relate_to(
        "https://example.org/q",
        RELATIONSHIP_TYPE.HYPERLINK,
        is_external=True,
    )
    document.add_paragraph("See ")._p.append(
        parse_xml(f'<w:hyperlink {nsdecls("w", "r")} r:id="{key}"><w:r><w:t>the source</w:t></w:r></w:hyperlink>')
    )
    text = await shown(desk, document)
    assert "[hidden in Word, at [1]] but not this" in text
    assert "[link at [2]] the source: https://example.org/q" in text


_BOX = (
    '<w:r {spaces}><mc:AlternateContent xmlns:mc="http://schemas.openxmlformats.org/markup-compatibility/2006">'
    '<mc:Choice Requires="wps"><w:drawing><w:txbxContent><w:p><w:r><w:t>Contract 2291</w:t></w:r></w:p>'
    "</w:txbxContent></w:drawing></mc:Choice><mc:Fallback><w:pict><w:txbxContent><w:p><w:r>"
    "<w:t>Contract 2291</w:t></w:r></w:p></w:txbxContent></w:pict></mc:Fallback></mc:AlternateContent></w:r>"
)


async def test_words_in_a_box_are_replaced_as_they_are_shown_also_in_the_copy_for_older_programs(desk: Desk) -> None:
    document: Any = docx.Document()
    document.add_paragraph("Above")._p.append(parse_xml(_BOX.format(spaces=nsdecls("w"))))
    assert "[text box] Contract 2291" in await shown(desk, document)
    change = {"do": "replace", "old": "Contract 2291", "new": "Contract 3000"}
    said = (await desk.call("document_edit", path="a.docx", changes=[change])).text
    assert "replaced in a text box, note, header, or footer" in said
    with zipfile.ZipFile(io.BytesIO(desk.workspace.read("a.docx"))) as archive:
        words = re.sub(r"<[^>]+>", "", archive.read("word/document.xml").decode())
    assert (words.count("Contract 3000"), words.count("2291")) == (2, 0)


async def test_words_in_a_note_are_replaced_as_they_are_shown(desk: Desk) -> None:
    await desk.call(
        "document_write",
        path="a.docx",
        title="Prices",
        blocks=[{"type": "paragraph", "text": "Acme asks $49.", "findings": ["f1"]}],
    )
    before = (await desk.call("document_read", path="a.docx")).text
    note = next(line for line in before.splitlines() if line.startswith("[^1]: "))
    word = note.split()[-1]
    change = {"do": "replace", "old": f"{note.split()[-2]} {word}", "new": "elsewhere"}
    await desk.call("document_edit", path="a.docx", changes=[change])
    after = (await desk.call("document_read", path="a.docx")).text
    assert next(line for line in after.splitlines() if line.startswith("[^1]: ")).endswith("elsewhere")


async def test_what_is_crossed_out_is_told(desk: Desk) -> None:
    document: Any = docx.Document()
    paragraph = document.add_paragraph("Rent: ")
    paragraph.add_run("1,450").font.strike = True
    paragraph.add_run(" 1,390 per month")
    assert "[crossed out at [1]] 1,450" in await shown(desk, document)
