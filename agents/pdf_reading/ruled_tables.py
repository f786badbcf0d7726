"""Finds the tables whose cells have borders, and the cell of a letter (pure)."""

from bisect import bisect
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from agents.pdf_reading.drawn_lines import DrawnLine

_NEAR = 3.0
"""Points: lines this close are one line, and lines meet across a gap this small."""
_MOST_CELLS = 20_000


class RuledTable(NamedTuple):
    """A grid of lines; the cell of each field of the grid, which names the first field of a joined cell."""

    across: tuple[float, ...]
    """Where its vertical lines are, from left to right."""
    up: tuple[float, ...]
    """Where its horizontal lines are, from the bottom to the top."""
    cells: dict[tuple[int, int], tuple[int, int]]
    """By row from the top and column from the left."""

    def cell(self, x: float, y: float) -> tuple[int, int] | None:
        """Returns the row and column of the cell at a place; None outside."""
        column, row = bisect(self.across, x) - 1, len(self.up) - bisect(self.up, y) - 1
        return self.cells.get((row, column))


def tables(edges: Sequence[DrawnLine]) -> list[RuledTable]:
    """Returns the grids of at least two rows and two columns."""
    found = (_table(group) for group in _connected(_merged(edges)))
    return [one for one in found if one is not None]


def _merged(edges: Iterable[DrawnLine]) -> list[DrawnLine]:
    """Joins the pieces of one line."""
    made: list[DrawnLine] = []
    for edge in sorted(edges, key=lambda e: (e.horizontal, round(e.at), e.start)):
        last = made[-1] if made else None
        near = last is not None and last.horizontal == edge.horizontal and abs(last.at - edge.at) <= _NEAR / 2
        if last is not None and near and edge.start <= last.end + _NEAR:
            made[-1] = last._replace(start=min(last.start, edge.start), end=max(last.end, edge.end))
        else:
            made.append(edge)
    return made


def _connected(edges: list[DrawnLine]) -> list[list[DrawnLine]]:
    """Groups the lines that touch, directly or through others."""
    flat = [e for e in edges if e.horizontal]
    upright = sorted((e for e in edges if not e.horizontal), key=lambda e: e.at)
    places = [e.at for e in upright]
    parent = {id(e): id(e) for e in edges}

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for one in flat:
        for n in range(bisect(places, one.start - _NEAR), bisect(places, one.end + _NEAR)):
            other = upright[n]
            if other.start - _NEAR <= one.at <= other.end + _NEAR:
                parent[root(id(one))] = root(id(other))
    groups: dict[int, list[DrawnLine]] = {}
    for edge in edges:
        groups.setdefault(root(id(edge)), []).append(edge)
    return list(groups.values())


def _table(edges: list[DrawnLine]) -> RuledTable | None:
    across = _snapped(e.at for e in edges if not e.horizontal)
    up = _snapped(e.at for e in edges if e.horizontal)
    columns, rows = len(across) - 1, len(up) - 1
    if columns < 1 or rows < 1 or not 4 <= columns * rows <= _MOST_CELLS:
        return None
    walls = _Walls(edges)
    cells: dict[tuple[int, int], tuple[int, int]] = {}
    for row in range(rows):
        low, high = up[rows - row - 1], up[rows - row]
        for column in range(columns):
            left, right = across[column], across[column + 1]
            if column and not walls.between(False, left, low, high):
                cells[row, column] = cells[row, column - 1]
            elif row and not walls.between(True, high, left, right):
                cells[row, column] = cells[row - 1, column]
            else:
                cells[row, column] = (row, column)
    told = set(cells.values())
    if len({row for row, _ in told}) < 2 or len({column for _, column in told}) < 2:
        return None
    return RuledTable(tuple(across), tuple(up), cells)


class _Walls:
    """Answers whether a line separates two fields of the grid."""

    def __init__(self, edges: list[DrawnLine]) -> None:
        self._edges = {kind: sorted((e for e in edges if e.horizontal is kind), key=lambda e: e.at)
                       for kind in (True, False)}  # fmt: skip
        self._places = {kind: [e.at for e in known] for kind, known in self._edges.items()}

    def between(self, horizontal: bool, at: float, start: float, end: float) -> bool:
        known, places = self._edges[horizontal], self._places[horizontal]
        near = known[bisect(places, at - _NEAR) : bisect(places, at + _NEAR)]
        return sum(max(0.0, min(e.end, end) - max(e.start, start)) for e in near) > (end - start) / 2


def _snapped(places: Iterable[float]) -> list[float]:
    made: list[float] = []
    for place in sorted(places):
        if not made or place - made[-1] > _NEAR:
            made.append(place)
    return made
