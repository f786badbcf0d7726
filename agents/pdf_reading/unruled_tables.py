"""Finds tables without borders by the places of their cells, so that an empty cell keeps its place (pure)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from agents.pdf_reading.letters_to_lines import LinePiece
from agents.pdf_reading.reading_order import Row, is_prose

_LEAST_ROWS, _LEAST_COLUMNS = 3, 3
_FARTHEST, _FARTHER = 5.0, 2.2
"""Of a line's height, and of the usual distance: rows further apart aren't of one table."""
_TOUCHING = 0.15
"""Of a line's height: columns that overlap by less stand beside each other."""
_COVERED = 0.8
"""Of a column's width: a piece that covers several columns so far stands in the first of them."""
_HEADED, _FILLED = 0.75, 0.5
"""The share of columns that the fullest row fills, or of all cells that are filled: one of them is reached."""


@dataclass
class _Column:
    left: float
    right: float
    rows: set[int] = field(default_factory=set[int])

    def shared(self, piece: LinePiece) -> float:
        return min(self.right, piece.box.right) - max(self.left, piece.box.left)

    def hold(self, piece: LinePiece, row: int) -> None:
        self.left, self.right = min(self.left, piece.box.left), max(self.right, piece.box.right)
        self.rows.add(row)


def row_texts(rows: Sequence[Row]) -> list[str]:
    """Returns the text of each row: pieces with a tab between them, or `| cell | cell |` in a table with empty
    cells."""
    texts: list[str] = []
    for block in _blocks(rows):
        texts += _table(block) or [row.text for row in block]
    return texts


def _blocks(rows: Sequence[Row]) -> Iterator[list[Row]]:
    """Groups rows that stand below each other at about the same distance."""
    run: list[Row] = []
    for row in rows:
        if run and not _follows(run[-1], row):
            yield from _evenly(run)
            run = []
        run.append(row)
    if run:
        yield from _evenly(run)


def _follows(above: Row, row: Row) -> bool:
    height = max(above.box.top - above.box.bottom, row.box.top - row.box.bottom)
    return above.angle == row.angle and 0 < _distance(above, row) < height * _FARTHEST


def _distance(above: Row, row: Row) -> float:
    return (above.box.top + above.box.bottom - row.box.top - row.box.bottom) / 2


def _evenly(run: list[Row]) -> Iterator[list[Row]]:
    usual = median(_distance(a, b) for a, b in pairwise(run)) if len(run) > 1 else 0.0
    held = run[:1]
    for above, row in pairwise(run):
        if _distance(above, row) > usual * _FARTHER:
            yield held
            held = []
        held.append(row)
    yield held


def _table(rows: list[Row]) -> list[str] | None:
    """Returns the rows of a table with empty cells and the lines around it; None if there is no such table."""
    several = [n for n, row in enumerate(rows) if len(row.pieces) > 1]
    if len(several) < _LEAST_ROWS:
        return None
    first, last = several[0], several[-1]
    columns = _columns(rows[first : last + 1])
    # A last line with one cell, such as a balance, still stands in its column.
    while last + 1 < len(rows) and _later_cell(rows[last + 1], columns):
        last += 1
    cells = [_cells(row, columns) for row in rows[first : last + 1]]
    if not _is_table(cells, len(columns)):
        return None
    order = sorted(range(len(columns)), key=lambda n: columns[n].left, reverse=_backwards(rows[several[0]]))
    lines = [_line([found.get(n, "") for n in order]) for found in cells if found is not None]
    return [*(row.text for row in rows[:first]), *lines, *(row.text for row in rows[last + 1 :])]


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _columns(rows: Sequence[Row]) -> list[_Column]:
    """Returns the columns from left to right, made of the narrowest pieces first: a long one may reach into the next
    column."""
    placed = sorted(((p.box.right - p.box.left, n, p) for n, row in enumerate(rows) for p in row.pieces),
                    key=lambda one: one[0])  # fmt: skip
    columns: list[_Column] = []
    for _, n, piece in placed:
        over = [c for c in columns if c.shared(piece) > piece.height * _TOUCHING]
        if not over:
            columns.append(_Column(piece.box.left, piece.box.right, {n}))
        elif len(over) == 1 and n not in over[0].rows:
            over[0].hold(piece, n)
    columns.sort(key=lambda c: c.left)
    return _with_their_heads(columns)


def _with_their_heads(columns: list[_Column]) -> list[_Column]:
    """Joins a head with the column beside it whose cells don't stand exactly below it."""
    made: list[_Column] = []
    for column in columns:
        last = made[-1] if made else None
        if last is not None and not last.rows & column.rows and 1 in (len(last.rows), len(column.rows)):
            last.left, last.right = min(last.left, column.left), max(last.right, column.right)
            last.rows |= column.rows
        else:
            made.append(column)
    return made


def _cells(row: Row, columns: Sequence[_Column]) -> dict[int, str] | None:
    """Returns the text by column; None if two pieces stand in one."""
    found: dict[int, str] = {}
    for piece in sorted(row.pieces, key=lambda p: p.box.right - p.box.left):
        free = [n for n in range(len(columns)) if n not in found]
        share = {n: columns[n].shared(piece) / max(columns[n].right - columns[n].left, 0.1) for n in free}
        best = max(free, key=lambda n: (min(share[n], _COVERED), -n), default=None)
        if best is None or share[best] <= 0:
            return None
        found[best] = piece.text
    return found


def _later_cell(row: Row, columns: Sequence[_Column]) -> bool:
    """Returns whether the row is one cell that stands in a column other than the first, and in no other."""
    over = [n for n, column in enumerate(columns) if column.shared(row.pieces[0]) > 0]
    return len(row.pieces) == 1 and len(over) == 1 and over[0] > 0


def _is_table(cells: Sequence[dict[int, str] | None], width: int) -> bool:
    rows = [found for found in cells if found is not None]
    if width < _LEAST_COLUMNS or len(rows) < len(cells):
        return False
    filled = sum(map(len, rows))
    full = max(map(len, rows)) >= width * _HEADED or filled >= width * len(rows) * _FILLED
    gaps = any(len(found) < max(found) + 1 for found in rows)
    texts = [[found[n] for found in rows if n in found] for n in range(width)]
    return full and gaps and sum(is_prose(column) for column in texts if column) < 2


def _backwards(row: Row) -> bool:
    return row.pieces[0].box.left > row.pieces[-1].box.left
