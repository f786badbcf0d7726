"""A table being cleaned: its cells and rows change, and every change is counted."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from agents.tools.data.in_sandbox.table import DataTable, located

_EXAMPLES = 3


class Example(NamedTuple):
    """One changed cell."""

    place: int
    column: str
    before: Any
    after: Any


class Dropped(NamedTuple):
    """A removed row, why it was removed, and what it contained."""

    place: int
    why: str
    row: list[Any]


@dataclass
class StepResult:
    """What one step did. `left`: places of cells it couldn't read."""

    words: str
    cells: int = 0
    rows: int = 0
    columns: int = 0
    examples: list[Example] = field(default_factory=list[Example])
    left: list[Example] = field(default_factory=list[Example])
    note: str = ""


@dataclass
class Cleaning:
    """A table being cleaned, the log of its changes and the removed rows."""

    columns: list[str]
    rows: list[list[Any]]
    places: list[int]
    unit: str
    header: tuple[str, ...] = ()
    log: list[StepResult] = field(default_factory=list[StepResult])
    dropped: list[Dropped] = field(default_factory=list[Dropped])
    origin: dict[str, str] = field(default_factory=dict[str, str])
    """The original names of renamed columns."""

    @classmethod
    def of(cls, table: DataTable) -> "Cleaning":
        rows = [list(row) for row in table.rows]
        return cls(list(table.columns), rows, list(table.places), table.unit, table.header)

    @property
    def table(self) -> DataTable:
        return DataTable(self.columns, self.rows, self.places, self.unit, header=self.header)

    def number(self, name: str) -> int:
        return self.table.column(name)

    def numbers(self, names: list[str]) -> list[int]:
        return [self.number(n) for n in names] if names else list(range(len(self.columns)))

    def each(self, columns: Iterable[int], change: StepResult, new: Callable[[Any], Any]) -> StepResult:
        """Puts `new(value)` into every cell of the columns and counts the differences."""
        for n in columns:
            for row, at in zip(self.rows, self.places, strict=True):
                before, after = row[n], new(row[n])
                if type(after) is not type(before) or after != before:
                    row[n] = after
                    change.cells += 1
                    if len(change.examples) < _EXAMPLES:
                        change.examples.append(Example(at, self.columns[n], before, after))
        return change

    def drop(self, change: StepResult, gone: dict[int, str]) -> StepResult:
        """Removes the rows at these indexes; the words say why."""
        self.dropped += [Dropped(self.places[i], why, self.rows[i]) for i, why in sorted(gone.items())]
        change.rows = len(gone)
        change.note = f"{located(self.unit, sorted(self.places[i] for i in gone))}" if gone else ""
        self.rows = [row for i, row in enumerate(self.rows) if i not in gone]
        self.places = [place for i, place in enumerate(self.places) if i not in gone]
        return change
