"""A table as it was read: columns, rows, and where each row stands in its file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from agents.tools.data.inside.refusal import CannotDo

PLACE = "_row"
"""The column of a query's tables that says where a row stands in its file."""


@dataclass(frozen=True)
class DataTable:
    """Rows of equal length; `places` are line, row or record numbers from 1, as `unit` says.

    `kind`: what the file is, in words. `notes`: what had to be guessed. `odd`: what is wrong with the file itself.
    `total`: rows of the file when not all were read.
    """

    columns: list[str]
    rows: list[list[Any]]
    places: list[int]
    unit: str = "line"
    kind: str = ""
    notes: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    total: int | None = None
    header: tuple[str, ...] = field(default=())

    def column(self, name: str) -> int:
        """Its number. Raises CannotDo with the names that are near."""
        if name in self.columns:
            return self.columns.index(name)
        raise CannotDo(unknown("column", name, self.columns))

    def values(self, number: int) -> list[Any]:
        return [row[number] for row in self.rows]


def unknown(what: str, name: str, known: Sequence[str]) -> str:
    """A sentence with the nearest names, or all of them."""
    folded = {one.casefold().strip(): one for one in known}
    near = [folded[n] for n in get_close_matches(name.casefold().strip(), folded, 3, 0.55)]
    named = ", ".join(map(repr, known[:30])) or "none"
    return f"There's no {what} {name!r}; " + (
        f"did you mean {' or '.join(map(repr, near))}?" if near else f"there are {named}."
    )


def named(header: Sequence[Any]) -> list[str]:
    """Column names out of a header: blanks get a number, repetitions a suffix."""
    names: list[str] = []
    for number, cell in enumerate(header, 1):
        name = " ".join(str(cell).split()) if cell is not None else ""
        name = base = name or f"column {number}"
        again = 1
        while name.casefold() in {n.casefold() for n in names}:
            again += 1
            name = f"{base}_{again}"
        names.append(name)
    return names


def spans(numbers: Sequence[int], most: int = 6) -> str:
    """'4-9, 12 and 3 more' out of sorted numbers."""
    parts: list[list[int]] = []
    for n in numbers:
        if parts and n == parts[-1][1] + 1:
            parts[-1][1] = n
        else:
            parts.append([n, n])
    words = [str(a) if a == b else f"{a}-{b}" for a, b in parts[:most]]
    return ", ".join(words) + (f" and {len(parts) - most} more places" if len(parts) > most else "")
