"""Reads a PDF as text, page by page."""

import asyncio
import io

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

MOST_PAGES = 300
MOST = 40_000
"""Characters in one answer; the rest is read from the saved file."""


async def read_pdf(content: bytes, where: str) -> str:
    """Returns the text of the pages that fit, and how to get the others. Raises ToolFailed: broken, locked, without
    text."""
    try:
        return await asyncio.to_thread(_text, content, where)
    except (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise ToolFailed(f"The PDF {where!r} is damaged ({error}). Look for another copy of it.") from error


def _text(content: bytes, where: str) -> str:
    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted and not reader.decrypt(""):
        raise ToolFailed(f"The PDF {where!r} is password-protected. Look for an unprotected copy.")
    shown, size, count = list[str](), 0, len(reader.pages)
    for number, page in enumerate(reader.pages[:MOST_PAGES], 1):
        text = page.extract_text().strip()
        size += len(text)
        if shown and size > MOST:
            break
        shown.append(f"[page {number}]\n{text}")
    if size == 0:
        raise ToolFailed(
            f"The PDF {where!r} has {counted(count, 'page')} but no text, so it's probably scanned. Save it with "
            "browser_download."
        )
    if len(shown) < count:
        shown.append(f"[{counted(count - len(shown), 'more page')}; save it with browser_download and read it there]")
    return "\n\n".join(shown)
