"""Measures how much of a page is pictures."""

import ctypes
from typing import Any

from agents.pdf_reading.pdfium_library import raw

_MOST_OBJECTS, _DEEPEST = 5_000, 4


def picture_share(page: Any) -> float:
    """Returns the share of an open page of PDFium's that its largest picture covers, from 0 to 1."""
    width, height = page.get_size()
    count = min(raw.FPDFPage_CountObjects(page), _MOST_OBJECTS)
    largest = max((_area(raw.FPDFPage_GetObject(page, n), 0) for n in range(count)), default=0.0)
    return min(1.0, largest / max(width * height, 1.0))


def _area(thing: Any, depth: int) -> float:
    kind = raw.FPDFPageObj_GetType(thing)
    if kind == raw.FPDF_PAGEOBJ_IMAGE:
        left, bottom, right, top = (ctypes.c_float() for _ in range(4))
        raw.FPDFPageObj_GetBounds(thing, left, bottom, right, top)
        return abs((right.value - left.value) * (top.value - bottom.value))
    if kind == raw.FPDF_PAGEOBJ_FORM and depth < _DEEPEST:
        count = min(raw.FPDFFormObj_CountObjects(thing), _MOST_OBJECTS)
        return max((_area(raw.FPDFFormObj_GetObject(thing, n), depth + 1) for n in range(count)), default=0.0)
    return 0.0
