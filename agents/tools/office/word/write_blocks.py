"""Writes each block into its part of a Word document."""

import io
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from docx.enum.section import WD_ORIENT, WD_SECTION
from docx.image.exceptions import UnrecognizedImageError
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Emu, Pt
from docx.text.paragraph import Paragraph

from agents.tool import Workspace
from agents.tools.office.inline_markup import plain
from agents.tools.office.word import lists, markup_runs, table_of_contents
from agents.tools.office.word.blocks import Block
from agents.tools.office.word.footnotes import Footnotes
from agents.tools.office.word.markup_runs import words
from agents.tools.office.word.tables import TableLook, table
from orchestrator.domain.ids import FindingId
from orchestrator.errors import ToolFailed

_STYLES = {"paragraph": "Normal", "callout": "Callout", "quote": "Quote"}
_ITEMS = {"bullets": "List Bullet", "numbers": "List Number"}
_NUMBERED = re.compile(r"^(table|figure|tabelle|abbildung|chart|exhibit)\s*\d", re.IGNORECASE)


@dataclass
class Writer:
    """Adds blocks at the end of one document. `started` counts what has a number."""

    document: Any
    workspace: Workspace
    notes: Footnotes
    look: TableLook
    lists: lists.Lists
    entries: list[table_of_contents.ContentsEntry] = field(default_factory=list[table_of_contents.ContentsEntry])
    contents: Any = None
    started: Counter[str] = field(default_factory=Counter[str])
    breaking: bool = False
    """Makes the next paragraph start a page, through a property of its own, so that no empty line remains."""
    section: Any = None
    """Returns the section whose margins apply; the last one if None."""

    def add(self, block: Block) -> None:
        """Adds one block."""
        before = len(self.document.element.body)
        breaking, self.breaking = self.breaking, False
        self._add(block)
        if breaking:
            first = self.document.element.body[before - 1]
            if first.tag == qn("w:tbl"):
                first.addprevious(parse_xml(f'<w:p {nsdecls("w")}><w:r><w:br w:type="page"/></w:r></w:p>'))
            else:
                Paragraph(first, self.document).paragraph_format.page_break_before = True

    def _add(self, block: Block) -> None:
        ids = tuple(FindingId(i) for i in block.findings)
        match block.type:
            case "heading":
                self._heading(block, ids)
            case "paragraph" | "callout" | "quote":
                paragraph = words(self._paragraph(_STYLES[block.type]), block.text)
                if block.text.rstrip().endswith(":"):
                    paragraph.paragraph_format.keep_with_next = True
                self.notes.mark(paragraph, ids)
            case "bullets" | "numbers":
                self._list(block, ids)
            case "table":
                self._table(block, ids)
            case "picture":
                self._picture(block, ids)
            case "contents":
                self.contents = self.document.add_paragraph()
            case "page_break":
                self.breaking = True

    def landscape(self, turned: bool) -> None:
        """Starts a landscape page, or a portrait one again."""
        self.turn(self.document.add_section(WD_SECTION.NEW_PAGE), turned)

    def turn(self, section: Any, turned: bool) -> None:
        # Word fills a new section's first page from another header; only the document's first page has that.
        section.different_first_page_header_footer = False
        long, short = sorted((section.page_width, section.page_height), reverse=True)
        section.orientation = WD_ORIENT.LANDSCAPE if turned else WD_ORIENT.PORTRAIT
        section.page_width, section.page_height = (long, short) if turned else (short, long)

    def _paragraph(self, style: str) -> Any:
        if style == "Normal":
            return self.document.add_paragraph()
        return self.document.add_paragraph(style=style)

    def _heading(self, block: Block, ids: tuple[FindingId, ...]) -> None:
        paragraph = words(self.document.add_paragraph(style=f"Heading {block.level}"), block.text)
        self.started["heading"] += 1
        name = table_of_contents.bookmark(paragraph, self.started["heading"])
        self.entries.append(table_of_contents.ContentsEntry(block.level, plain(block.text), name))
        self.notes.mark(paragraph, ids)

    def _list(self, block: Block, ids: tuple[FindingId, ...]) -> None:
        number = self.lists.number(block.type)
        items = block.lines()
        for n, item in enumerate(items):
            paragraph = words(self.document.add_paragraph(style=_ITEMS[block.type]), item.text)
            lists.put(paragraph, number)
            # No item is alone on a page.
            if n < len(items) - 1 and n in (0, len(items) - 2):
                paragraph.paragraph_format.keep_with_next = True
            own = tuple(FindingId(i) for i in item.findings)
            self.notes.mark(paragraph, (*own, *(i for i in ids if i not in own)))

    def _table(self, block: Block, ids: tuple[FindingId, ...]) -> None:
        if block.text:
            caption = self._caption("Table", block.text)
            caption.paragraph_format.keep_with_next = True
            self.notes.mark(caption, ids)
        room, _ = self._room()
        table(self.document, block, self.notes, self.look, room)
        if not block.text and ids:
            self.notes.mark(self.document.add_paragraph("Sources: ", style="Caption"), ids)
        else:
            self._gap()

    def _picture(self, block: Block, ids: tuple[FindingId, ...]) -> None:
        room, height = self._room()
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.space_before = Pt(8)
        paragraph.paragraph_format.space_after = Pt(2)
        paragraph.paragraph_format.keep_with_next = bool(block.text)
        try:
            shape = paragraph.add_run().add_picture(io.BytesIO(self.workspace.read(block.path)))
        except UnrecognizedImageError as error:
            raise ToolFailed(f"{block.path!r} isn't a picture that Word can display. Use PNG or JPG.") from error
        ratio = min(1.0, room / shape.width, int(height * (0.8 if block.wide else 0.5)) / shape.height)
        shape.width, shape.height = Emu(int(shape.width * ratio)), Emu(int(shape.height * ratio))
        for side in ("distL", "distR"):
            shape._inline.set(side, "0")
        shape._inline.docPr.set("descr", block.alt or plain(block.text))
        if block.text:
            caption = self._caption("Figure", block.text)
            caption.paragraph_format.space_before, caption.paragraph_format.space_after = Pt(2), Pt(12)
            self.notes.mark(caption, ids)

    def _caption(self, kind: str, text: str) -> Any:
        """Writes a caption with a number that Word updates, unless the text has one."""
        paragraph = self.document.add_paragraph(style="Caption")
        if not _NUMBERED.match(text):
            self.started[kind] += 1
            paragraph.add_run(f"{kind}\u00a0").bold = True
            markup_runs.field(
                paragraph, f"SEQ {kind} \\* ARABIC", str(self.started[kind]), look="<w:rPr><w:b/></w:rPr>"
            )
            paragraph.add_run("\u2002")
        return words(paragraph, text)

    def _room(self) -> tuple[int, int]:
        """Returns the width and height between the current page's margins, in EMU."""
        s = self.section or self.document.sections[-1]
        return s.page_width - s.left_margin - s.right_margin, s.page_height - s.top_margin - s.bottom_margin

    def _gap(self) -> None:
        """Adds space after a table: a small empty line, since a table has no spacing of its own."""
        paragraph = self.document.add_paragraph()
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.paragraph_format.line_spacing = Pt(10)


def cover(document: Any, title: str, subtitle: str) -> None:
    """Writes a title page with the title a third of the way down."""
    head = document.add_paragraph(title, style="Title")
    head.paragraph_format.space_before = Pt(190)
    head.paragraph_format.space_after = Pt(14)
    for run in head.runs:
        run.font.size = Pt(28)
    for line in subtitle.splitlines():
        document.add_paragraph(line, style="Subtitle").paragraph_format.space_after = Pt(3)
