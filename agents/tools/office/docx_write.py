"""Blocks to a Word document."""

import io
from typing import Any

import docx
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.image.exceptions import UnrecognizedImageError
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from docx.shared import Emu, Pt, RGBColor

from agents.tool import Workspace
from agents.tools.office import house, package
from agents.tools.office.blocks import Block, cell_findings, cell_text, decimals, numeric
from agents.tools.office.docx_notes import Footnotes
from agents.tools.office.docx_style import dress
from agents.tools.office.inline import Span, spans
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import FindingId
from orchestrator.errors import ToolFailed

_STYLES = {"paragraph": "Normal", "callout": "Callout", "bullets": "List Bullet", "numbers": "List Number"}


def write_docx(workspace: Workspace, title: str, blocks: list[Block], findings: tuple[Finding, ...]) -> bytes:
    """The document; the same blocks give the same bytes."""
    document: Any = docx.Document()
    dress(document)
    properties = document.core_properties
    properties.title, properties.author, properties.comments = title, "threadwork", ""
    notes = Footnotes(document, findings)
    document.add_paragraph(title, style="Title")
    for block in blocks:
        _block(document, workspace, block, notes)
    _edges(document, title)
    notes.finish()
    out = io.BytesIO()
    document.save(out)
    return package.pack(package.parts(out.getvalue(), title))


def _block(document: Any, workspace: Workspace, block: Block, notes: Footnotes) -> None:
    ids = tuple(FindingId(i) for i in block.findings)
    match block.type:
        case "heading":
            notes.mark(_words(document.add_paragraph(style=f"Heading {block.level}"), block.text), ids)
        case "paragraph" | "callout":
            notes.mark(_words(document.add_paragraph(style=_STYLES[block.type]), block.text), ids)
        case "bullets" | "numbers":
            number = _new_numbering(document) if block.type == "numbers" else None
            for item in block.lines():
                paragraph = _words(document.add_paragraph(style=_STYLES[block.type]), item.text)
                if number is not None:
                    _numbered(paragraph, number)
                own = tuple(FindingId(i) for i in item.findings)
                notes.mark(paragraph, (*own, *(i for i in ids if i not in own)))
        case "table":
            _table(document, block, notes)
        case "picture":
            _picture(document, workspace, block, notes)


def _words(paragraph: Any, text: str) -> Any:
    for span in spans(text):
        _link(paragraph, span) if span.url else _look(paragraph.add_run(span.text), span)
    return paragraph


def _look(run: Any, span: Span) -> None:
    run.bold, run.italic = span.bold or None, span.italic or None
    if span.code:
        run.font.name, run.font.size = "Consolas", Pt(9.5)


def _link(paragraph: Any, span: Span) -> None:
    number = paragraph.part.relate_to(span.url, RELATIONSHIP_TYPE.HYPERLINK, is_external=True)
    link: Any = parse_xml(f'<w:hyperlink {nsdecls("w", "r")} r:id="{number}"/>')
    run = paragraph.add_run(span.text)
    run.style = "Hyperlink"
    _look(run, span)
    link.append(run._r)
    paragraph._p.append(link)


def _new_numbering(document: Any) -> int:
    """A numbering that starts at 1 again, as each list should."""
    numbering = document.part.numbering_part.element
    of_style = document.styles["List Number"].element.pPr.numPr.numId.val
    abstract = numbering.num_having_numId(of_style).abstractNumId.val
    number = numbering.add_num(abstract)
    number.add_lvlOverride(0).add_startOverride(1)
    return int(number.numId)


def _numbered(paragraph: Any, number: int) -> None:
    properties = paragraph._p.get_or_add_pPr().get_or_add_numPr()
    properties.get_or_add_ilvl().val = 0
    properties.get_or_add_numId().val = number


def _table(document: Any, block: Block, notes: Footnotes) -> None:
    if block.text:
        caption = _words(document.add_paragraph(style="Caption"), block.text)
        caption.paragraph_format.keep_with_next = True
        notes.mark(caption, tuple(FindingId(i) for i in block.findings))
    columns = max(len(row) for row in block.rows)
    table = document.add_table(len(block.rows), columns)
    table.style, table.alignment, table.autofit = "House Table", WD_TABLE_ALIGNMENT.CENTER, False
    section = document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    widths = _widths(block, columns, room)
    right = [_right(block, c) for c in range(columns)]
    places = [decimals(block.rows, c) for c in range(columns)]
    for r, (row, line) in enumerate(zip(block.rows, table.rows, strict=True)):
        line._tr.get_or_add_trPr().append(parse_xml(f"<w:cantSplit {nsdecls('w')}/>"))
        for c, cell in enumerate(line.cells):
            cell.width = widths[c]
            given = row[c] if c < len(row) else None
            paragraph = _words(cell.paragraphs[0], cell_text(given, places[c]))
            paragraph.paragraph_format.space_after = Pt(2)
            paragraph.paragraph_format.space_before = Pt(2)
            if right[c]:
                paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT
            if r == 0:
                _head(paragraph)
            notes.mark(paragraph, cell_findings(given))
    table.rows[0]._tr.get_or_add_trPr().append(parse_xml(f"<w:tblHeader {nsdecls('w')}/>"))
    for c, width in enumerate(widths):
        table.columns[c].width = width
    if not block.text and block.findings:
        notes.mark(document.add_paragraph("Sources: ", style="Caption"), tuple(FindingId(i) for i in block.findings))
    else:
        _gap(document)


def _head(paragraph: Any) -> None:
    """White and bold said on the runs too: some readers ignore a table style's letters."""
    paragraph.paragraph_format.keep_with_next = True
    for run in paragraph.runs:
        run.bold = True
        run.font.color.rgb = RGBColor.from_string(house.WHITE)


def _right(block: Block, column: int) -> bool:
    below = [row[column] for row in block.rows[1:] if column < len(row) and cell_text(row[column])]
    figures = [c for c in below if numeric(c) or _figure(cell_text(c))]
    return len(figures) * 2 > len(below)


def _figure(text: str) -> bool:
    return len(text) <= 16 and text.strip("$€£¥+-~ ")[:1].isdigit() and sum(c.isalpha() for c in text) <= 3


def _widths(block: Block, columns: int, room: int) -> list[Emu]:
    """By the longest text of each column, damped, so that a column of prose does not starve the figures."""
    longest = [
        max((min(60, len(cell_text(row[c]))) for row in block.rows if c < len(row)), default=4) for c in range(columns)
    ]
    weights = [max(7.0, n) ** 0.75 for n in longest]
    return [Emu(int(room * w / sum(weights))) for w in weights]


def _gap(document: Any) -> None:
    """Air after a table; an empty line of a small height, since a table has no spacing of its own."""
    paragraph = document.add_paragraph()
    paragraph.paragraph_format.space_after = Pt(0)
    paragraph.paragraph_format.line_spacing = Pt(8)


def _picture(document: Any, workspace: Workspace, block: Block, notes: Footnotes) -> None:
    section = document.sections[0]
    room = section.page_width - section.left_margin - section.right_margin
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.keep_with_next = bool(block.text)
    try:
        shape = paragraph.add_run().add_picture(io.BytesIO(workspace.read(block.path)))
    except UnrecognizedImageError as error:
        raise ToolFailed(f"{block.path!r} is no picture Word can show; give a png or jpg.") from error
    ratio = min(1.0, room / shape.width, int(section.page_height * 0.45) / shape.height)
    shape.width, shape.height = Emu(int(shape.width * ratio)), Emu(int(shape.height * ratio))
    shape._inline.docPr.set("descr", block.text or block.path)
    if block.text:
        caption = _words(document.add_paragraph(style="Caption"), block.text)
        caption.alignment = WD_ALIGN_PARAGRAPH.CENTER
        notes.mark(caption, tuple(FindingId(i) for i in block.findings))


def _edges(document: Any, title: str) -> None:
    """Title on top from page two on; page numbers at the bottom."""
    section = document.sections[0]
    section.different_first_page_header_footer = True
    section.header.paragraphs[0].text = title
    for footer in (section.footer, section.first_page_footer):
        paragraph = footer.paragraphs[0]
        paragraph.style, paragraph.alignment = "Footer", WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.add_run("Page ")
        _field(paragraph, "PAGE")
        paragraph.add_run(" of ")
        _field(paragraph, "NUMPAGES")


def _field(paragraph: Any, code: str) -> None:
    field = f'<w:fldSimple {nsdecls("w")} w:instr=" {code} "><w:r><w:t>1</w:t></w:r></w:fldSimple>'
    paragraph._p.append(parse_xml(field))
