"""A table as it was read: columns, rows, and each row's place in its file."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NamedTuple

from agents.tools.data.in_sandbox.refusal import CannotDo
from orchestrator.domain.plural import counted

PLACE = "_row"
"""The column of a query's tables with each row's place in its file."""


class NamedSource(NamedTuple):
    """A file, and the sheet or table in it."""

    path: Path
    shown: str
    part: str


@dataclass(frozen=True)
class DataTable:
    """Rows of equal length; `places` are line, row or record numbers from 1, as `unit` says.

    `kind`: the file's type, in words. `notes`: what had to be guessed. `odd`: what is wrong with the file itself.
    `total`: rows of the file if not all were read, and `sample`: which were, if not the first ones. `about` is before
    a total that was estimated.
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
    sample: str = ""
    about: str = ""

    def column(self, name: str) -> int:
        """Returns its number. Raises CannotDo with similar names."""
        if name in self.columns:
            return self.columns.index(name)
        raise CannotDo(unknown("column", name, self.columns))

    def values(self, number: int) -> list[Any]:
        return [row[number] for row in self.rows]


def unknown(what: str, name: str, known: Sequence[str]) -> str:
    """Returns a sentence with the most similar names, or all of them."""
    folded = {one.casefold().strip(): one for one in known}
    near = [folded[n] for n in get_close_matches(name.casefold().strip(), folded, 3, 0.55)]
    named = ", ".join(map(repr, known[:30])) or "none"
    return f"There's no {what} {name!r}; " + (
        f"did you mean {' or '.join(map(repr, near))}?" if near else f"there are {named}."
    )


def named(header: Sequence[Any]) -> list[str]:
    """Makes column names from a header: blanks get a number, repetitions a suffix."""
    names: list[str] = []
    taken: set[str] = set()
    for number, cell in enumerate(header, 1):
        name = " ".join(str(cell).split()) if cell is not None else ""
        name = base = name or f"column {number}"
        again = 1
        while name.casefold() in taken:
            again += 1
            name = f"{base}_{again}"
        names.append(name)
        taken.add(name.casefold())
    return names


def spans(numbers: Sequence[int], most: int = 6) -> str:
    """Turns sorted numbers into '4-9, 12 and 3 more'."""
    parts: list[list[int]] = []
    for n in numbers:
        if parts and n == parts[-1][1] + 1:
            parts[-1][1] = n
        else:
            parts.append([n, n])
    words = [str(a) if a == b else f"{a}-{b}" for a, b in parts[:most]]
    return ", ".join(words) + (f" and {counted(len(parts) - most, 'more place')}" if len(parts) > most else "")


def located(unit: str, numbers: Sequence[int], most: int = 6) -> str:
    """Returns `line 4` or `lines 4-9, 12 and 3 more places`."""
    return f"{unit}{'' if len(numbers) == 1 else 's'} {spans(numbers, most)}"


def listed(names: Sequence[str]) -> str:
    return ", ".join(map(repr, names[:20])) + (f" and {len(names) - 20} more" if len(names) > 20 else "")
