"""Renders a page of a PDF as a picture."""

import io

import pypdfium2  # pyright: ignore[reportMissingTypeStubs]

from agents.pdf_reading.open_pdf import drawable
from orchestrator.domain.plural import counted
from orchestrator.errors import ToolFailed

_WIDTH, _MOST_SIDE = 1600, 4000


def page_picture(content: bytes, path: str, *, page: int, width: int = _WIDTH) -> bytes:
    """Renders the page as PNG, 1600 pixels wide. Raises ToolFailed if it doesn't exist or can't be drawn."""
    with drawable(content, path) as document:
        if not 1 <= page <= len(document):
            raise ToolFailed(f"{path!r} has {counted(len(document), 'page')}; there's no page {page}.")
        try:
            one = document[page - 1]
            wide, high = one.get_size()
            scale = min(width / max(wide, 1.0), _MOST_SIDE / max(high, 1.0))
            image = one.render(scale=scale).to_pil()
        except (pypdfium2.PdfiumError, ValueError, OSError) as error:
            raise ToolFailed(f"Page {page} of {path!r} can't be rendered. Ask for a new copy of the file.") from error
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def page_count(content: bytes, path: str) -> str:
    """Returns the number of pages, as digits. Raises ToolFailed for a damaged or locked file."""
    with drawable(content, path) as document:
        return str(len(document))
