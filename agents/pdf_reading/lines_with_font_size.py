"""Reads the lines of a PDF's pages from top to bottom, with the size of their letters."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, NamedTuple

from agents.pdf_reading.letters import letters
from agents.pdf_reading.open_pdf import drawable
from agents.pdf_reading.pdfium_library import raw
from agents.pdf_reading.reading_order import cell_rows

_THIN = 2.0


class SizedLine(NamedTuple):
    """A line of a page: its text, distance from the bottom of the page in points, and font size."""

    text: str
    bottom: float
    size: float


class LinedPage(NamedTuple):
    """One page: its lines, and how many pictures and shapes it has, rules aside."""

    number: int
    lines: list[SizedLine]
    drawn: int


def lined_pages(content: bytes, *, most: int) -> list[LinedPage]:
    """Returns the first pages. Raises ToolFailed for a damaged PDF."""
    found: list[LinedPage] = []
    with drawable(content, "the pages") as document:
        for number in range(min(len(document), most)):
            page = document[number]
            drawn = sum(map(_is_drawn, page.get_objects(max_depth=4)))
            found.append(LinedPage(number + 1, list(_lines(page)), drawn))
            page.close()
    return found


def _lines(page: Any) -> Iterator[SizedLine]:
    found = letters(page)
    for row in cell_rows(found):
        inside = (one for one in found if one.text.strip() and row.box.bottom <= one.box.bottom < row.box.top)
        sizes = Counter(round(one.size, 1) for one in inside)
        text = " ".join(piece.text for piece in row.pieces)
        yield SizedLine(text, row.box.bottom, sizes.most_common(1)[0][0] if sizes else 0.0)


def _is_drawn(thing: Any) -> bool:
    left, bottom, right, top = thing.get_bounds()
    large = right - left > _THIN and top - bottom > _THIN
    return thing.type == raw.FPDF_PAGEOBJ_IMAGE or (thing.type == raw.FPDF_PAGEOBJ_PATH and large)
