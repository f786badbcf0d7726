"""A PDF opened, and its text page by page."""

import io
import threading

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from orchestrator.errors import ToolFailed

_MOST_PAGES = 400
pdfium = threading.Lock()
"""PDFium may be used by one thread at a time."""
BROKEN = (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OSError)
"""What a damaged PDF raises."""


def open_pdf(content: bytes, path: str) -> PdfReader:
    """The PDF. Raises ToolFailed for one that is damaged, empty, or locked with a password."""
    if b"%PDF-" not in content[:1024]:
        raise ToolFailed(f"{path!r} cannot be read as a PDF, it does not begin like one; check the file.")
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ToolFailed(f"{path!r} is locked with a password; ask for an open copy.")
        count = len(reader.pages)
    except BROKEN as error:
        raise ToolFailed(f"{path!r} cannot be read as a PDF ({error}); check the file.") from error
    if count == 0:
        raise ToolFailed(f"{path!r} is a PDF without a page; check the file.")
    return reader


def pdf_pages(content: bytes, path: str) -> list[str]:
    """The text of each page, at most 400. Raises ToolFailed for a damaged or locked file."""
    reader = open_pdf(content, path)
    try:
        return [page.extract_text().strip() for page in reader.pages[:_MOST_PAGES]]
    except BROKEN as error:
        raise ToolFailed(f"{path!r} cannot be read as a PDF ({error}); check the file.") from error


def pdf_text(content: bytes, path: str) -> str:
    """Page by page. Raises ToolFailed for a damaged or locked file, or one without any text."""
    pages = pdf_pages(content, path)
    if not any(pages):
        raise ToolFailed(
            f"{path!r} has {len(pages)} pages but no text; it is probably scanned. Look at it as a picture."
        )
    return f"{path}: {len(pages)} pages.\n\n" + "\n\n".join(f"[page {n}]\n{text}" for n, text in enumerate(pages, 1))
