"""Renders a page of a PDF as a picture."""

import io
from typing import Any

import pypdfium2  # pyright: ignore[reportMissingTypeStubs]

from agents.tools.office.pdf_text import open_pdf, pdfium
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_WIDTH, _MOST_SIDE = 1600, 4000


def drawn(content: bytes, path: str, page: int) -> bytes:
    """Renders the page as PNG, 1600 pixels wide. Raises ToolFailed if it doesn't exist or can't be drawn."""
    count = len(open_pdf(content, path).pages)
    if not 1 <= page <= count:
        raise ToolFailed(f"{path!r} has {counted(count, 'page')}; there's no page {page}.")
    try:
        with pdfium:
            document: Any = pypdfium2.PdfDocument(content)
            try:
                document.init_forms()  # without it the answers in a form are not drawn
                one = document[page - 1]
                width, height = one.get_size()
                scale = min(_WIDTH / max(width, 1.0), _MOST_SIDE / max(height, 1.0))
                image = one.render(scale=scale).to_pil()
            finally:
                document.close()
    except (pypdfium2.PdfiumError, ValueError, OSError) as error:
        raise ToolFailed(f"Page {page} of {path!r} can't be rendered ({error}). Check the file.") from error
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()
