"""Finds the tables of a sheet that holds several, beside or below each other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from agents.tools.data.in_sandbox.parse_values import is_empty, kind

_MOST = 300_000
"""Cells of a sheet that is looked through; a larger one is a table of its own."""
_MANY = 60
"""Areas of a sheet with gaps all over, which says nothing about tables."""
Row = tuple[int, Sequence[Any]]


@dataclass(frozen=True)
class SheetArea:
    """A rectangle of a sheet; rows count from 1, columns from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def words(self) -> str:
        return f"{letters_of(self.left)}{self.top}:{letters_of(self.right)}{self.bottom}"

    @property
    def size(self) -> int:
        return (self.bottom - self.top + 1) * (self.right - self.left + 1)

    def touches(self, other: "SheetArea") -> bool:
        beside = self.left <= other.right + 1 and other.left <= self.right + 1
        return beside and self.top <= other.bottom + 1 and other.top <= self.bottom + 1

    def joined(self, other: "SheetArea") -> "SheetArea":
        return SheetArea(
            min(self.top, other.top), min(self.left, other.left), max(self.bottom, other.bottom),
            max(self.right, other.right),
        )  # fmt: skip


def tables(rows: Sequence[Row]) -> list[SheetArea]:
    """Returns the areas of the sheet's tables; nothing if it holds at most one. `rows`: number and cells of each row
    that isn't blank."""
    if sum(len(cells) for _, cells in rows) > _MOST:
        return []
    areas = _parts_joined([a for a in _areas(rows) if a.bottom > a.top])
    areas = [a for a in areas if a.right > a.left]
    by_number = dict(rows)
    found: list[SheetArea] = []
    for area in sorted(areas, key=lambda a: (a.top, a.left)):
        above = next((n for n, one in enumerate(found) if one.left <= area.right and area.left <= one.right), None)
        if above is None or found[above].top > area.bottom or _begins(by_number, area):
            found.append(area)
        else:
            found[above] = found[above].joined(area)  # goes on after a blank row
    return found if len(found) > 1 else []


def within(rows: Sequence[Row], area: SheetArea) -> list[Row]:
    """Returns what is in the area, without blank rows."""
    cut = [(n, list(cells[area.left : area.right + 1])) for n, cells in rows if area.top <= n <= area.bottom]
    return [(n, cells) for n, cells in cut if not all(map(is_empty, cells))]


def _parts_joined(areas: list[SheetArea]) -> list[SheetArea]:
    """Joins areas of the same rows: one table with an empty column in it."""
    found: list[SheetArea] = []
    for area in areas:
        same = next((n for n, a in enumerate(found) if (a.top, a.bottom) == (area.top, area.bottom)), None)
        if same is None:
            found.append(area)
        else:
            found[same] = found[same].joined(area)
    return found


def _begins(rows: dict[int, Sequence[Any]], area: SheetArea) -> bool:
    """Returns whether it begins with names above numbers or dates, maybe below a title of its own."""
    for top in (area.top, area.top + 1):
        head, below = rows.get(top, ()), rows.get(top + 1, ())
        names = [n for n in range(area.left, area.right + 1) if n < len(head) and not is_empty(head[n])]
        if len(names) < 2 or any(kind(head[n]) != "text" for n in names):
            continue
        if any(n < len(below) and kind(below[n]) in ("number", "date") for n in names):
            return True
    return False


def _areas(rows: Sequence[Row]) -> list[SheetArea]:
    """Returns the rectangles around cells that touch each other."""
    found: list[SheetArea] = []
    for number, cells in rows:
        start = None
        for n, cell in enumerate([*cells, None]):
            if not is_empty(cell):
                start = n if start is None else start
            elif start is not None:
                found = _with(found, SheetArea(number, start, number, n - 1))
                start = None
        if len(found) > _MANY:
            return []
    return found


def _with(areas: list[SheetArea], one: SheetArea) -> list[SheetArea]:
    near = [area for area in areas if area.touches(one)]
    while near:
        areas = [area for area in areas if area not in near]
        for area in near:
            one = one.joined(area)
        near = [area for area in areas if area.touches(one)]
    return [*areas, one]


def letters_of(column: int) -> str:
    """Returns the name of a column that is counted from 0."""
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
