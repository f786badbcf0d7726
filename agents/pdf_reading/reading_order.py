"""Puts pieces of lines into the order in which people read them (pure).

Most pages write their text in that order. Three kinds don't: those that write columns of text line by line, forms whose
answers are written after all labels, and those that write lines in any order.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import NamedTuple

from agents.pdf_reading.letters import Box, Letter
from agents.pdf_reading.letters_to_lines import RIGHT_TO_LEFT, LinePiece, pieces, same_line

_COLUMN_ROWS, _PROSE_ROWS, _PROSE = 5, 4, 18
"""Columns and paragraphs have at least so many lines, on average of so many letters."""
_MOST_FIGURES = 0.25
_MOST_JUMPS = 0.3
"""Of a page's lines: if more are above the line written before, the page is read from top to bottom instead."""


class Row(NamedTuple):
    """Pieces on one line, in the order of reading."""

    pieces: tuple[LinePiece, ...]

    @property
    def text(self) -> str:
        return "\t".join(p.text for p in self.pieces)

    @property
    def box(self) -> Box:
        boxes = [p.box for p in self.pieces]
        return Box(min(b.left for b in boxes), min(b.bottom for b in boxes),
                   max(b.right for b in boxes), max(b.top for b in boxes))  # fmt: skip

    @property
    def angle(self) -> int:
        return self.pieces[0].angle


class _Paragraph(NamedTuple):
    rows: list[Row]
    prose: bool


def in_reading_order(parts: Iterable[LinePiece]) -> list[Row]:
    """Returns the pieces of a page as rows."""
    written = list(_in_columns(list(_rows(parts))))
    paragraphs = list(_paragraphs(written))
    if not _side_by_side(paragraphs):
        written = _joined(paragraphs)
        if _jumps(written) > _MOST_JUMPS:
            written = sorted(written, key=lambda row: -row.box.top)
    return written


def cell_rows(letters: Iterable[Letter]) -> list[Row]:
    """Returns the letters of a cell as rows from top to bottom."""
    return level_rows(pieces(letters))


def level_rows(parts: Iterable[LinePiece]) -> list[Row]:
    """Returns pieces as rows from top to bottom, whatever order they come in."""
    rows: list[list[LinePiece]] = []
    for piece in sorted(parts, key=lambda p: -(p.box.top + p.box.bottom)):
        if rows and same_line(rows[-1][0], piece):
            rows[-1].append(piece)
        else:
            rows.append([piece])
    return [Row(tuple(_across(row))) for row in rows]


def _across(row: Sequence[LinePiece]) -> list[LinePiece]:
    backwards = sum(len(RIGHT_TO_LEFT.findall(p.text)) for p in row) * 2 > sum(len(p.text) for p in row)
    return sorted(row, key=lambda p: -p.box.right if backwards else p.box.left)


def _rows(parts: Iterable[LinePiece]) -> Iterator[Row]:
    """Joins pieces on the same line that follow each other."""
    row: list[LinePiece] = []
    for piece in parts:
        if row and not (same_line(row[-1], piece) and not any(_overlap(p.box, piece.box) for p in row)):
            yield Row(tuple(_across(row)))
            row = []
        row.append(piece)
    if row:
        yield Row(tuple(_across(row)))


def _overlap(a: Box, b: Box) -> bool:
    return min(a.right, b.right) > max(a.left, b.left)


def _in_columns(rows: list[Row]) -> Iterator[Row]:
    """Takes apart columns of text that the page writes line by line."""
    start = 0
    while start < len(rows):
        end = start
        gutter: tuple[float, float] | None = None
        while end < len(rows) and (narrower := _gutter(rows[end], gutter)) is not None:
            gutter, end = narrower, end + 1
        block = rows[start:end]
        if gutter is not None and sum(len(row.pieces) == 2 for row in block) >= _COLUMN_ROWS:
            middle = (gutter[0] + gutter[1]) / 2
            sides = [[tuple(p for p in row.pieces if (p.box.left < middle) is left) for row in block]
                     for left in (True, False)]  # fmt: skip
            if all(is_prose([p.text for part in side for p in part]) for side in sides):
                yield from (Row(part) for side in sides for part in side if part)
                start = end
                continue
        yield rows[start]
        start += 1


def _gutter(row: Row, known: tuple[float, float] | None) -> tuple[float, float] | None:
    """Returns the empty stripe that this row shares with those above it; None if it has none."""
    boxes = [p.box for p in row.pieces]
    if known is None:
        gaps = [(a.right, b.left) for a, b in pairwise(boxes) if b.left > a.right]
        return max(gaps, key=lambda gap: gap[1] - gap[0], default=None)
    left = max([known[0], *(b.right for b in boxes if b.left < known[0])])
    right = min([known[1], *(b.left for b in boxes if b.right > known[1])])
    return (left, right) if right - left > 4 and all(b.right <= left or b.left >= right for b in boxes) else None


def is_prose(texts: Sequence[str]) -> bool:
    """Returns whether these lines are running text rather than labels or figures."""
    size = sum(map(len, texts))
    return size >= len(texts) * _PROSE and sum(c.isdigit() for t in texts for c in t) <= size * _MOST_FIGURES


def _paragraphs(rows: Iterable[Row]) -> Iterator[_Paragraph]:
    held: list[Row] = []
    for row in rows:
        if held and not _continues(held[-1], row):
            yield _paragraph(held)
            held = []
        held.append(row)
    if held:
        yield _paragraph(held)


def _continues(above: Row, row: Row) -> bool:
    a, b = above.box, row.box
    height = max(a.top - a.bottom, b.top - b.bottom)
    return above.angle == row.angle and _overlap(a, b) and -height < a.bottom - b.top < height and b.bottom < a.bottom


def _paragraph(rows: list[Row]) -> _Paragraph:
    texts = [row.text for row in rows]
    return _Paragraph(rows, len(rows) >= _PROSE_ROWS and is_prose(texts) and sum(map(len, texts)) > 0)


def _side_by_side(paragraphs: Sequence[_Paragraph]) -> bool:
    """Returns whether the page has columns of text next to each other."""
    frames = [(_frame(p.rows), p.rows[0].angle) for p in paragraphs if p.prose]
    for n, (a, angle) in enumerate(frames):
        for b, other in frames[n + 1 :]:
            if angle == other and not _overlap(a, b) and min(a.top, b.top) - max(a.bottom, b.bottom) > 20:
                return True
    return False


def _frame(rows: Sequence[Row]) -> Box:
    boxes = [row.box for row in rows]
    return Box(min(b.left for b in boxes), min(b.bottom for b in boxes),
               max(b.right for b in boxes), max(b.top for b in boxes))  # fmt: skip


def _joined(paragraphs: Sequence[_Paragraph]) -> list[Row]:
    """Puts a row on the line of an earlier one that it continues, as an answer does with its label."""
    made: list[Row] = []
    open_rows: dict[tuple[int, int], list[int]] = {}
    for paragraph in paragraphs:
        for n, row in enumerate(paragraph.rows):
            free = not paragraph.prose or n == 0
            there = _line_of(row, made, open_rows) if free else None
            if there is None:
                there = len(made)
                made.append(row)
            else:
                made[there] = Row(tuple(_across([*made[there].pieces, *row.pieces])))
            if free:
                open_rows.setdefault((row.angle, round(row.box.bottom / 6)), []).append(there)
    return made


def _line_of(row: Row, made: Sequence[Row], open_rows: dict[tuple[int, int], list[int]]) -> int | None:
    place = round(row.box.bottom / 6)
    for step in (0, -1, 1):
        for n in open_rows.get((row.angle, place + step), ()):
            other = made[n]
            if all(same_line(a, b) and not _overlap(a.box, b.box) for a in row.pieces for b in other.pieces):
                return n
    return None


def _jumps(rows: Sequence[Row]) -> float:
    level = [row for row in rows if row.angle == 0]
    ups = sum(b.box.bottom > a.box.top for a, b in pairwise(level))
    return ups / len(level) if len(level) == len(rows) and len(rows) > 4 else 0.0
