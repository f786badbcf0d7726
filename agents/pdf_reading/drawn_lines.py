"""Finds the straight lines that a page draws: the borders of its tables."""

import ctypes
from collections.abc import Iterator
from typing import Any, NamedTuple

from agents.pdf_reading.pdfium_library import raw

_MOST_OBJECTS, _DEEPEST = 20_000, 4
_THIN, _SHORT = 2.0, 4.0


class DrawnLine(NamedTuple):
    """A horizontal (`at` is its height) or vertical line from `start` to `end`, in points."""

    horizontal: bool
    at: float
    start: float
    end: float


class _Matrix(NamedTuple):
    a: float = 1
    b: float = 0
    c: float = 0
    d: float = 1
    e: float = 0
    f: float = 0

    def then(self, after: "_Matrix") -> "_Matrix":
        a, b, c, d, e, f = self
        return _Matrix(
            a * after.a + b * after.c, a * after.b + b * after.d, c * after.a + d * after.c,
            c * after.b + d * after.d, e * after.a + f * after.c + after.e, e * after.b + f * after.d + after.f,
        )  # fmt: skip

    def point(self, x: float, y: float) -> tuple[float, float]:
        return self.a * x + self.c * y + self.e, self.b * x + self.d * y + self.f


def edges(page: Any) -> list[DrawnLine]:
    """Returns the lines of an open page of PDFium's, in the page's own coordinates."""
    count = raw.FPDFPage_CountObjects(page)
    found: list[DrawnLine] = []
    for n in range(min(count, _MOST_OBJECTS)):
        found += _of(raw.FPDFPage_GetObject(page, n), _Matrix(), 0)
    return found


def _of(thing: Any, outer: _Matrix, depth: int) -> Iterator[DrawnLine]:
    kind = raw.FPDFPageObj_GetType(thing)
    if kind not in (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_FORM):
        return
    held = raw.FS_MATRIX()
    raw.FPDFPageObj_GetMatrix(thing, held)
    matrix = _Matrix(held.a, held.b, held.c, held.d, held.e, held.f).then(outer)
    if kind == raw.FPDF_PAGEOBJ_PATH:
        yield from _path(thing, matrix)
    elif depth < _DEEPEST:
        for n in range(min(raw.FPDFFormObj_CountObjects(thing), _MOST_OBJECTS)):
            yield from _of(raw.FPDFFormObj_GetObject(thing, n), matrix, depth + 1)


def _path(path: Any, matrix: _Matrix) -> Iterator[DrawnLine]:
    x, y = ctypes.c_float(), ctypes.c_float()
    first = last = None
    sides: list[DrawnLine] = []
    for n in range(min(raw.FPDFPath_CountSegments(path), _MOST_OBJECTS)):
        segment = raw.FPDFPath_GetPathSegment(path, n)
        raw.FPDFPathSegment_GetPoint(segment, x, y)
        here = matrix.point(x.value, y.value)
        match raw.FPDFPathSegment_GetType(segment):
            case raw.FPDF_SEGMENT_MOVETO:
                first = here
            case raw.FPDF_SEGMENT_LINETO if last is not None:
                sides += _edge(last, here)
            case _:
                pass
        last = here
        if raw.FPDFPathSegment_GetClose(segment) and first is not None:
            sides += _edge(last, first)
    yield from _without_thickness(sides)


def _edge(a: tuple[float, float], b: tuple[float, float]) -> Iterator[DrawnLine]:
    if abs(a[1] - b[1]) < _THIN < abs(a[0] - b[0]):
        yield DrawnLine(True, (a[1] + b[1]) / 2, min(a[0], b[0]), max(a[0], b[0]))
    elif abs(a[0] - b[0]) < _THIN < abs(a[1] - b[1]):
        yield DrawnLine(False, (a[0] + b[0]) / 2, min(a[1], b[1]), max(a[1], b[1]))


def _without_thickness(sides: list[DrawnLine]) -> Iterator[DrawnLine]:
    """A line drawn as a thin rectangle counts once: its short sides say nothing."""
    return (side for side in sides if side.end - side.start >= _SHORT)
