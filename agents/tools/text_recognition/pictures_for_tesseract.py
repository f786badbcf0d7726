"""Makes the pictures that Tesseract reads: of a page of a PDF, or of a picture that people sent."""

import io

from PIL import Image

from agents.pdf_reading.page_picture import page_picture
from agents.tools.prepare_picture_for_showing import upright
from agents.tools.text_recognition.prepared_scan import MOST_SIDE, prepared

_WIDTH = 2_500
"""Pixels of a page's width: 300 to the inch on A4."""


def page_scan(content: bytes, path: str, *, page: int) -> bytes:
    """Returns the page as Tesseract reads it best. Raises ToolFailed if it doesn't exist or can't be drawn."""
    with Image.open(io.BytesIO(page_picture(content, path, page=page, width=_WIDTH))) as image:
        return prepared(image)


def picture_scan(content: bytes, path: str, *, page: int) -> bytes:
    """Returns the picture, or a page of it, as Tesseract reads it best. Raises ToolFailed for a damaged one."""
    return prepared(upright(content, path, side=MOST_SIDE, page=page))
