"""Reads the text of a PDF page by page, as people would find or copy it."""

from agents.pdf_reading.open_pdf import drawable
from agents.pdf_reading.page_text import page_text

_MOST_PAGES = 400


def pdf_pages(content: bytes, path: str) -> list[str]:
    """Returns the text of each page, at most 400. Raises ToolFailed for a damaged or locked file."""
    with drawable(content, path) as document:
        found: list[str] = []
        for number in range(min(len(document), _MOST_PAGES)):
            page = document[number]
            found.append(page_text(page, as_copied=True).text)
            page.close()
        return found
