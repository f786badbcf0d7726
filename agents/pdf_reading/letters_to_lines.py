"""Joins letters to pieces of lines (pure)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from agents.pdf_reading.letters import Box, Letter

_WIDE_GAP = 1.3
"""Of a letter's height: a gap that separates columns or cells, not words."""
_WORD_GAP = 0.22
_SPACED = re.compile(
    "(?<=[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u2026]) (?=[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef\u2026])"
)
"""Chinese and Japanese have no spaces; wide gaps look like them."""
_TALL = re.compile("[\u1100-\u11ff\u2e80-\u9fff\uac00-\ud7ff\uf900-\ufaff\uff00-\uffef]")
"""Scripts that may run from top to bottom."""

RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


class LinePiece(NamedTuple):
    """Letters that stand next to each other, and their place."""

    text: str
    box: Box
    angle: int

    @property
    def height(self) -> float:
        return max(self.box.top - self.box.bottom, 0.1)


def pieces(letters: Iterable[Letter]) -> Iterator[LinePiece]:
    """Returns them in the order of the letters, cut at line breaks, where the angle changes, and at wide gaps."""
    return _upright(_pieces(letters))


def _pieces(letters: Iterable[Letter]) -> Iterator[LinePiece]:
    """Cuts at line breaks, where the angle changes, and at wide gaps."""
    run: list[Letter] = []
    for letter in letters:
        if letter.text == "\n":
            yield from _piece(run)
            run = []
            continue
        last = next((one for one in reversed(run) if not one.text.isspace()), None)
        if last is not None and not letter.text.isspace() and (letter.angle != last.angle or _apart(last, letter)):
            yield from _piece(run)
            run = []
        run.append(letter)
    yield from _piece(run)


def _apart(one: Letter, other: Letter) -> bool:
    a, b = one.box, other.box
    height = max(min(a.top - a.bottom, b.top - b.bottom), 0.1)
    if a.bottom > b.top or b.bottom > a.top:
        return True
    return max(b.left - a.right, a.left - b.right) > height * _WIDE_GAP


def _piece(run: Sequence[Letter]) -> Iterator[LinePiece]:
    shown = [one for one in run if not one.text.isspace()]
    if not shown:
        return
    boxes = [one.box for one in shown]
    box = Box(min(b.left for b in boxes), min(b.bottom for b in boxes),
              max(b.right for b in boxes), max(b.top for b in boxes))  # fmt: skip
    yield LinePiece(_SPACED.sub("", " ".join("".join(_spaced(run)).split())), box, shown[0].angle)


def _spaced(run: Sequence[Letter]) -> Iterator[str]:
    """Yields the letters and spaces as PDFium found them; if some letters are before those written
    earlier, from left to right."""
    shown = [one for one in run if not one.text.isspace()]
    back = sum(b.box.left < a.box.left - (a.box.top - a.box.bottom) * 0.2 for a, b in pairwise(shown))
    if not 0 < back < len(shown) / 2 or any(RIGHT_TO_LEFT.match(one.text) for one in shown):
        yield from (one.text for one in run)
        return
    run = sorted(shown, key=lambda one: one.box.left)
    yield run[0].text
    for one, other in pairwise(run):
        if other.box.left - one.box.right > (other.box.top - other.box.bottom) * _WORD_GAP:
            yield " "
        yield other.text


def _upright(pieces: Iterable[LinePiece]) -> Iterator[LinePiece]:
    """Joins what PDFium cuts after every letter: slanted lines, and lines from top to bottom."""
    held: LinePiece | None = None
    for piece in pieces:
        joined = None if held is None else _slanted(held, piece) or _downwards(held, piece)
        if joined is None and held is not None:
            yield held
        held = joined or piece
    if held is not None:
        yield held


def _slanted(one: LinePiece, other: LinePiece) -> LinePiece | None:
    if one.angle != other.angle or one.angle == 0 or not same_line(one, other):
        return None
    gap = other.box.left - one.box.right
    if not -one.height < gap < one.height * _WIDE_GAP:
        return None
    space = " " if gap > one.height * 0.25 else ""
    return LinePiece(f"{one.text}{space}{other.text}", _around(one.box, other.box), one.angle)


def _downwards(one: LinePiece, other: LinePiece) -> LinePiece | None:
    if len(other.text) != 1 or one.angle != other.angle or not _TALL.match(other.text) or not _TALL.match(one.text):
        return None
    middle = abs((one.box.left + one.box.right) - (other.box.left + other.box.right)) / 2
    height = other.height
    below = one.box.bottom - other.box.top
    standing = len(one.text) == 1 or one.box.right - one.box.left < height * 1.5
    if not standing or middle > height * 0.3 or not -height * 0.4 < below < height * 0.8:
        return None
    return LinePiece(one.text + other.text, _around(one.box, other.box), one.angle)


def _around(a: Box, b: Box) -> Box:
    return Box(min(a.left, b.left), min(a.bottom, b.bottom), max(a.right, b.right), max(a.top, b.top))


def same_line(one: LinePiece, other: LinePiece) -> bool:
    """Returns whether they stand on one line, however far apart."""
    shared = min(one.box.top, other.box.top) - max(one.box.bottom, other.box.bottom)
    return one.angle == other.angle and shared > min(one.height, other.height) * 0.6
