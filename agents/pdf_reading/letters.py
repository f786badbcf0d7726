"""Reads the letters of a page with their places, in the order in which the page writes them."""

import ctypes
import math
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from agents.pdf_reading.fonts_without_unicode_map import TEX, shift
from agents.pdf_reading.pdfium_library import raw

UNREADABLE = "\ufffd"
"""Stands for a letter whose font doesn't say which one it is."""
_SAME_PLACE = 0.13
"""Of a letter's height: how far apart the same letter is drawn twice to look bold or to cast a shadow."""

_SWAPPED = {ord(letter) << 8: ord(letter) for letter in "fijltsTQuh"}
"""The letters of ligatures with their bytes in the wrong order."""
_HALVED = 0.4
"""Of the codes of a font are 0: each letter has two bytes, and they were read one by one."""


class Box(NamedTuple):
    """A place in points; up is up."""

    left: float
    bottom: float
    right: float
    top: float


class Letter(NamedTuple):
    """A letter, its place with its line turned to run from left to right, by how many degrees, and where it is drawn.

    `size`: of its font, in points. A line break counts as a letter.
    """

    text: str
    box: Box
    angle: int
    drawn: Box
    size: float


class _Sign(NamedTuple):
    """A code of the page, the font if it doesn't say which letter that is, and where it is."""

    code: int
    nameless: str
    letter: Letter


def letters(page: Any, *, guess: bool = True) -> list[Letter]:
    """Returns the letters of an open page of PDFium's; those drawn twice at the same place once.

    `guess`: find out which letters a font means that doesn't name them, else take its codes for letters.
    """
    text = page.get_textpage()
    try:
        signs = list(_signs(text))
    finally:
        text.close()
    return list(_once(_named(signs) if guess else (sign.letter for sign in _swapped_back(signs))))


def _signs(text: Any) -> Iterator[_Sign]:
    left, right, bottom, top = (ctypes.c_double() for _ in range(4))
    loose, matrix = raw.FS_RECTF(), raw.FS_MATRIX()
    name = ctypes.create_string_buffer(200)
    half = 0
    for n in range(raw.FPDFText_CountChars(text)):
        code = int(raw.FPDFText_GetUnicode(text, n))
        if 0xD800 <= code < 0xDC00:
            half = code
            continue
        if half and 0xDC00 <= code < 0xE000:
            code = 0x10000 + (half - 0xD800 << 10) + code - 0xDC00
        half = 0
        raw.FPDFText_GetCharBox(text, n, left, right, bottom, top)
        raw.FPDFText_GetLooseCharBox(text, n, loose)
        nameless = ""
        if raw.FPDFText_HasUnicodeMapError(text, n) == 1:
            raw.FPDFText_GetFontInfo(text, n, name, len(name), None)
            nameless = name.value.decode("utf-8", "replace") or "?"
        size = raw.FPDFText_GetFontSize(text, n)
        flipped = 180 if size < 0 else 0
        raw.FPDFText_GetMatrix(text, n, matrix)
        size = abs(size) * math.hypot(matrix.c, matrix.d)
        angle = (round(math.degrees(raw.FPDFText_GetCharAngle(text, n))) + flipped) % 360
        box = turned(Box(loose.left, loose.bottom, loose.right, loose.top), angle)
        drawn = Box(left.value, bottom.value, right.value, top.value)
        yield _Sign(code, nameless, Letter(_plain(code), box, angle, drawn, size))


def _plain(code: int) -> str:
    if code in (2, 0xAD):  # a hyphen that PDFium found at the end of a line
        return "-"
    if code in (0, 0xFFFE, 0xFFFF) or 0xD800 <= code < 0xE000 or code > sys.maxunicode:
        return UNREADABLE
    if code < 32 and code not in (9, 10, 13):
        return UNREADABLE
    return "\n" if code == 13 else chr(code)


def _swapped_back(signs: Sequence[_Sign]) -> list[_Sign]:
    """Returns the signs with the letters of ligatures as they are: some programs write their two bytes in the wrong
    order, so that "fi" reads as two Chinese letters."""
    foreign = {sign.code for sign in signs if 0x2E80 <= sign.code < 0xD800}
    if not foreign or not foreign <= _SWAPPED.keys():
        return list(signs)
    return [
        sign._replace(code=_SWAPPED[sign.code], letter=sign.letter._replace(text=chr(_SWAPPED[sign.code])))
        if sign.code in _SWAPPED
        else sign
        for sign in signs
    ]


def _named(found: Sequence[_Sign]) -> Iterator[Letter]:
    """Yields the letters; those of a font that doesn't name its letters by what reads as text."""
    signs = _swapped_back(found)
    codes: dict[str, list[int]] = {}
    for sign in signs:
        if sign.nameless:
            codes.setdefault(sign.nameless, []).append(sign.code)
    halved = {font for font, found in codes.items() if found.count(0) > len(found) * _HALVED}
    shifts = {font: shift([code for code in found if code or font not in halved]) for font, found in codes.items()}
    for sign in signs:
        if sign.code == 0 and sign.nameless in halved:
            continue
        by = shifts.get(sign.nameless, 0)
        if not sign.nameless:
            yield sign.letter
        else:
            yield sign.letter._replace(
                text=UNREADABLE if by is None else TEX.get(sign.code + by) or _plain(sign.code + by)
            )


def turned(box: Box, angle: int) -> Box:
    """Returns the place after the page is turned so that text at this angle runs from left to right."""
    if angle == 0:
        return box
    x, y = (box.left + box.right) / 2, (box.bottom + box.top) / 2
    wide, high = box.right - box.left, box.top - box.bottom
    if angle in (90, 270):
        wide, high = high, wide
    elif angle != 180:  # the upright frame of a slanted letter is larger than the letter
        wide = high = max(wide, high) * 0.7
    c, s = math.cos(math.radians(angle)), math.sin(math.radians(angle))
    # PDFium counts the angle clockwise.
    x, y = x * c - y * s, x * s + y * c
    return Box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)


def _once(found: Iterable[Letter]) -> Iterator[Letter]:
    """Leaves out letters that are drawn a second time at almost the same place; the longer run of letters stays."""
    kept = list(found)
    runs = list(_runs(kept))
    sizes = Counter(runs)
    seen: dict[tuple[str, int, int], list[int]] = {}
    gone: set[int] = set()
    for n, letter in enumerate(kept):
        if letter.text.isspace():
            continue
        x, y = int(letter.box.left // 8), int(letter.box.bottom // 8)
        around = (seen.get((letter.text, x + i, y + j), ()) for i in (-1, 0, 1) for j in (-1, 0, 1))
        beside = (m for known in around for m in known)
        twin = next((m for m in beside if m not in gone and _twins(letter, kept[m])), None)
        # "ff" as one sign comes as two letters at the same place.
        if twin is not None and not (letter.text == "f" and twin == n - 1 and letter.box == kept[twin].box):
            gone.add(twin if sizes[runs[n]] > sizes[runs[twin]] else n)
        seen.setdefault((letter.text, x, y), []).append(n)
    return (letter for n, letter in enumerate(kept) if n not in gone)


def _runs(found: Sequence[Letter]) -> Iterator[int]:
    """Numbers the letters by the stretch that they are written in: until the line ends, goes back, or has a gap."""
    run, right = 0, 0.0
    for letter in found:
        box = letter.box
        height = box.top - box.bottom
        if letter.text == "\n" or not -height < box.left - right < height:
            run += 1
        right = box.right
        yield run


def _twins(one: Letter, other: Letter) -> bool:
    a, b = one.box, other.box
    near = max(0.01, (a.top - a.bottom) * _SAME_PLACE)
    return abs(a.left - b.left) < near and abs(a.bottom - b.bottom) < near
