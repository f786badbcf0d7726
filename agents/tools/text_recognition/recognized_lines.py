"""Puts the words that Tesseract recognized into lines in reading order (pure)."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from agents.pdf_reading.letters import Box
from agents.pdf_reading.letters_to_lines import LinePiece
from agents.pdf_reading.reading_order import in_reading_order, level_rows
from agents.pdf_reading.unruled_tables import row_texts

_NOISE, _NOISE_SHORT, _NOISE_SIGNS, _DOUBTFUL = 25, 60, 85, 80
"""Percent: spots on paper are taken for short words, but never surely."""
_SLOPES, _MOST_SLOPES = 0.005, 35
"""How exactly a slant is measured, and how many such steps it may be: ten degrees."""
_WIDE_GAP = 1.6
"""Of a word's height: a gap that separates columns or cells, not words."""


class RecognizedWord(NamedTuple):
    """A word, its place in pixels from the bottom left, Tesseract's line, and how sure Tesseract is, in percent."""

    text: str
    box: Box
    line: tuple[int, ...]
    sure: float


class RecognizedLine(NamedTuple):
    """A line, where it begins, in percent of the picture from its left and top, and how sure Tesseract is."""

    text: str
    left: int
    top: int
    sure: int


class RecognizedText(NamedTuple):
    """The lines of a picture in reading order, and how sure Tesseract is of them on average."""

    lines: tuple[RecognizedLine, ...]
    sure: int


def recognized_words(tsv: str) -> list[RecognizedWord]:
    """Returns the words of Tesseract's table."""
    found: list[RecognizedWord] = []
    for row in tsv.splitlines()[1:]:
        cells = row.split("\t")
        if len(cells) != 12 or cells[0] != "5" or not cells[11].strip():
            continue
        left, top, wide, high = map(int, cells[6:10])
        sure = float(cells[10])
        word = cells[11].strip()
        letters = sum(c.isalnum() for c in word)
        least = _NOISE if letters > 2 or word.isdigit() else _NOISE_SHORT if letters else _NOISE_SIGNS
        if sure >= least:
            box = Box(left, -top - high, left + wide, -top)
            found.append(RecognizedWord(word, box, tuple(map(int, cells[1:5])), sure))
    return found


def recognized_text(words: Sequence[RecognizedWord], width: int, height: int) -> RecognizedText:
    """Returns the lines of a picture of this size; a picture taken at a slant is levelled."""
    slope = _slope(words)
    sure: dict[Box, list[float]] = {}
    pieces: list[LinePiece] = []
    for piece, parts in _pieces([word._replace(box=_levelled(word.box, slope)) for word in words]):
        pieces.append(piece)
        sure[piece.box] = [word.sure for word in parts for _ in word.text]
    lines: list[RecognizedLine] = []
    rows = in_reading_order(piece for level in level_rows(pieces) for piece in level.pieces)
    for row, words_of_row in zip(rows, row_texts(rows), strict=True):
        box = row.box
        known = [value for piece in row.pieces for value in sure[piece.box]]
        left, top = round(100 * box.left / width), round(-100 * box.top / height)
        lines.append(RecognizedLine(words_of_row, left, top, round(sum(known) / len(known))))
    letters = [value for known in sure.values() for value in known]
    return RecognizedText(tuple(lines), round(sum(letters) / len(letters)) if letters else 0)


def told(text: RecognizedText) -> str:
    """Returns the lines for a model: each with its place, doubtful ones with how sure Tesseract is."""
    return "\n".join(
        f"[{line.left},{line.top}] {line.text}{f' (only {line.sure}% sure)' if line.sure < _DOUBTFUL else ''}"
        for line in text.lines
    )


def _slope(words: Sequence[RecognizedWord]) -> float:
    """Returns how much lines rise: the value for which most words share a line with others."""
    if not words:
        return 0.0
    heights = sorted(word.box.top - word.box.bottom for word in words)
    step = max(1.0, heights[len(heights) // 2] * 0.4)

    def shared(slope: float) -> int:
        lines = Counter(round(((word.box.bottom + word.box.top) / 2 - word.box.left * slope) / step) for word in words)
        return sum(count * count for count in lines.values())

    return max((n * _SLOPES for n in range(-_MOST_SLOPES, _MOST_SLOPES + 1)), key=lambda s: (shared(s), -abs(s)))


def _levelled(box: Box, slope: float) -> Box:
    lift = box.left * slope
    return Box(box.left, box.bottom - lift, box.right, box.top - lift)


def _pieces(words: Iterable[RecognizedWord]) -> Iterator[tuple[LinePiece, list[RecognizedWord]]]:
    """Cuts Tesseract's lines at wide gaps."""
    for _, line in groupby(words, key=lambda word: word.line):
        held: list[RecognizedWord] = []
        for word in line:
            if held and word.box.left - held[-1].box.right > (word.box.top - word.box.bottom) * _WIDE_GAP:
                yield _piece(held), held
                held = []
            held.append(word)
        yield _piece(held), held


def _piece(words: Sequence[RecognizedWord]) -> LinePiece:
    boxes = [word.box for word in words]
    frame = Box(min(b.left for b in boxes), min(b.bottom for b in boxes),
                max(b.right for b in boxes), max(b.top for b in boxes))  # fmt: skip
    return LinePiece(" ".join(word.text for word in words), frame, 0)
