"""Reads a PDF of the web as text, page by page."""

from agents.bounded_read import bounded
from agents.pdf_reading.read_pages import ReadPdf, read_pages
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

MOST = 40_000
"""Characters in one answer; the rest is read from the saved file."""


async def read_pdf(content: bytes, where: str) -> str:
    """Returns the text of the pages that fit, and how to get the others. Raises ToolFailed: broken, locked, without
    text."""
    read = ReadPdf.model_validate_json(await bounded(read_pages, content, where, pages=""))
    shown, size = list[str](), 0
    for page in read.pages:
        text = "\n".join([page.text, *page.notes]).strip()
        size += len(text)
        if shown and size > MOST:
            break
        shown.append(f"[page {page.number}]\n{text}")
    if size == 0:
        raise ToolFailed(
            f"The PDF {where!r} has {counted(read.total, 'page')} but no text, so it's probably scanned. Save it with "
            "browser_download, then read it with document_read or look_at."
        )
    if len(shown) < read.total:
        shown.append(
            f"[{counted(read.total - len(shown), 'more page')}; save it with browser_download and read it there]"
        )
    return "\n\n".join(shown)
