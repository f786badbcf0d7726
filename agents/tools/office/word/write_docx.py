"""Writes blocks as a Word document."""

import itertools
from typing import Any, NamedTuple

from docx.enum.text import WD_ALIGN_PARAGRAPH

from agents.tool import Workspace
from agents.tools.office.word import table_of_contents
from agents.tools.office.word.blocks import Block
from agents.tools.office.word.footnotes import Footnotes
from agents.tools.office.word.lists import Lists
from agents.tools.office.word.markup_runs import field
from agents.tools.office.word.template import Base, house_base, saved
from agents.tools.office.word.write_blocks import Writer, cover
from orchestrator.domain.findings import Finding

_EMU_PER_TWIP = 635


class Front(NamedTuple):
    """What comes before the blocks: a title, lines under it, and whether they have their own page."""

    title: str
    subtitle: str = ""
    page: bool = False


class PageLayout(NamedTuple):
    """What is only known after layout: each heading's page, and blocks that start a page."""

    pages: list[int] | None = None
    breaks: frozenset[int] = frozenset()


class Written(NamedTuple):
    """The document, and the texts of its headings in order if it has contents to fill."""

    content: bytes
    headings: list[str]


_UNKNOWN = PageLayout()


def write_docx(
    workspace: Workspace,
    front: Front,
    blocks: list[Block],
    findings: tuple[Finding, ...],
    *,
    base: Base | None = None,
    layout: PageLayout = _UNKNOWN,
) -> Written:
    """Returns the document; the same blocks give the same bytes."""
    base = base or house_base()
    document = base.document
    properties = document.core_properties
    properties.title, properties.author, properties.comments = front.title, "threadwork", ""
    notes = Footnotes(document, findings)
    writer = Writer(document, workspace, notes, base.look, Lists(document))
    if not base.edged:
        _edges(document, front)
    _begin(document, front)
    writer.breaking = front.page
    _all(writer, blocks, layout.breaks)
    if writer.contents is not None:
        section = document.sections[0]
        right = (section.page_width - section.left_margin - section.right_margin) // _EMU_PER_TWIP
        table_of_contents.fill(writer.contents, writer.entries, layout.pages, right=right, styles=document.styles)
    notes.finish()
    return Written(saved(document, front.title), [e.text for e in writer.entries] if writer.contents else [])


def _begin(document: Any, front: Front) -> None:
    if front.page:
        cover(document, front.title, front.subtitle)
        return
    document.add_paragraph(front.title, style="Title")
    if front.subtitle:
        document.add_paragraph(front.subtitle, style="Subtitle")


def _all(writer: Writer, blocks: list[Block], breaks: frozenset[int]) -> None:
    """Writes all blocks; neighboring wide ones share landscape pages, together with the headings right before them."""
    wide = [b.wide and b.type in ("table", "picture") for b in blocks]
    for n in range(len(blocks) - 2, -1, -1):
        wide[n] = wide[n] or (wide[n + 1] and blocks[n].type == "heading")
    turned = False
    for lies, group in itertools.groupby(enumerate(blocks), key=lambda pair: wide[pair[0]]):
        if lies != turned:
            # A page break where a new page starts anyway would leave an empty page.
            writer.breaking = False
            writer.landscape(lies)
            turned = lies
        for n, block in group:
            writer.breaking = writer.breaking or n in breaks
            writer.add(block)


def _edges(document: Any, front: Front) -> None:
    """Puts the title at the top from page two on, and page numbers at the bottom; a cover has none."""
    section = document.sections[0]
    section.different_first_page_header_footer = True
    section.header.paragraphs[0].text = front.title
    for footer in (section.footer, *(() if front.page else (section.first_page_footer,))):
        paragraph = footer.paragraphs[0]
        paragraph.style, paragraph.alignment = "Footer", WD_ALIGN_PARAGRAPH.RIGHT
        paragraph.add_run("Page ")
        field(paragraph, "PAGE")
        paragraph.add_run(" of ")
        field(paragraph, "NUMPAGES")
