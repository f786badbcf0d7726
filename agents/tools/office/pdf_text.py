"""Opens a PDF and reads its text page by page."""

import io
import threading

from pypdf import PdfReader
from pypdf.errors import PyPdfError

from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_MOST_PAGES = 400
pdfium = threading.Lock()
"""PDFium isn't thread-safe."""
BROKEN = (PyPdfError, ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError, OSError)
"""What a damaged PDF raises."""


def open_pdf(content: bytes, path: str) -> PdfReader:
    """Opens the PDF. Raises ToolFailed if it is damaged, empty, or password-protected."""
    if b"%PDF-" not in content[:1024]:
        raise ToolFailed(f"{path!r} isn't a PDF file. Check the file.")
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise ToolFailed(f"{path!r} is password-protected. Ask for an unprotected copy.")
        count = len(reader.pages)
    except BROKEN as error:
        raise ToolFailed(f"{path!r} can't be read as a PDF ({error}). Check the file.") from error
    if count == 0:
        raise ToolFailed(f"{path!r} is a PDF without any pages. Check the file.")
    return reader


def pdf_pages(content: bytes, path: str) -> list[str]:
    """Returns the text of each page, at most 400. Raises ToolFailed for a damaged or locked file."""
    reader = open_pdf(content, path)
    try:
        return [page.extract_text().strip() for page in reader.pages[:_MOST_PAGES]]
    except BROKEN as error:
        raise ToolFailed(f"{path!r} can't be read as a PDF ({error}). Check the file.") from error


def pdf_text(content: bytes, path: str) -> str:
    """Shows it page by page. Raises ToolFailed for a damaged or locked file, or one without any text."""
    pages = pdf_pages(content, path)
    if not any(pages):
        raise ToolFailed(
            f"{path!r} has {counted(len(pages), 'page')} but no text, so it's probably scanned. Use look_at."
        )
    return f"{path}: {counted(len(pages), 'page')}.\n\n" + "\n\n".join(
        f"[page {n}]\n{text}" for n, text in enumerate(pages, 1)
    )
