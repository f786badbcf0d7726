"""Lays a document out with LibreOffice, to fill its contents and to keep small tables on one page.

Word keeps a table together automatically, LibreOffice doesn't; so the page break is written, and both show the same
pages.
"""

import asyncio
from collections.abc import Callable, Iterator

from agents.pdf_reading.pdf_text import pdf_pages
from agents.tools.office.inline_markup import plain
from agents.tools.office.libreoffice import convert
from agents.tools.office.word.blocks import Block, cell_text, decimals
from agents.tools.office.word.table_of_contents import pages_of
from agents.tools.office.word.tables import SMALL
from agents.tools.office.word.write_docx import PageLayout, Written
from orchestrator.errors import ToolFailed

_MOST_ROUNDS = 8


async def laid_out(blocks: list[Block], write: Callable[[PageLayout], Written], *, program: str | None) -> Written:
    """Returns the document with its pages settled; unchanged if `program`, LibreOffice, is missing or fails."""
    layout = PageLayout()
    written = await asyncio.to_thread(write, layout)
    if program is None or not (written.headings or any(_small(b) for b in blocks)):
        return written
    for _ in range(_MOST_ROUNDS):
        pdf = await convert.if_possible(written.content, ".docx", "pdf", program=program)
        if pdf is None:
            return written
        split = await asyncio.to_thread(_first_split, blocks, pdf, layout.breaks)
        if split is None:
            break
        layout = layout._replace(breaks=layout.breaks | {split})
        written = await asyncio.to_thread(write, layout)
    else:
        return written
    if not written.headings:
        return written
    pages = await asyncio.to_thread(pages_of, written.headings, pdf)
    return await asyncio.to_thread(write, layout._replace(pages=pages))


def _small(block: Block) -> bool:
    return block.type == "table" and not block.wide and len(block.rows) <= SMALL


def _first_split(blocks: list[Block], pdf: bytes, known: frozenset[int]) -> int | None:
    """Returns where to break: before the first small table whose header row is repeated at the top of a page."""
    try:
        tops = [_top(page) for page in pdf_pages(pdf, "the pages")]
    except ToolFailed:
        return None
    for start, block in _tables(blocks):
        head = _flat("".join(plain(cell_text(c, decimals(block.rows, n))) for n, c in enumerate(block.rows[0])))
        if start not in known and any(head in top for top in tops):
            return start
    return None


def _tables(blocks: list[Block]) -> Iterator[tuple[int, Block]]:
    """Returns each small table with the block where its page would start: the first heading right before it."""
    for n, block in enumerate(blocks):
        if _small(block):
            start = n
            while start and blocks[start - 1].type == "heading":
                start -= 1
            yield start, block


def _top(text: str) -> str:
    """Returns the first lines of a page, below the running title, where a repeated header row would be."""
    return _flat("".join(text.splitlines()[:3]))


def _flat(text: str) -> str:
    return "".join(text.split())
