"""Checks tables: summary rows against what is above them, cells against their headers, charts against tables. Pure."""

import re
import statistics
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import NamedTuple

from agents.tools.office.claims import vocabulary
from agents.tools.office.claims.claim import number
from agents.tools.office.claims.figures_in_text import figures, masked
from agents.tools.office.claims.group_findings import Facts, MeasuredFact
from orchestrator.domain.ids import FindingId

_SUMMARIES: tuple[tuple[str, re.Pattern[str], Callable[[Sequence[float]], float]], ...] = (
    ("total", re.compile(r"(?:grand )?totals?:?(?: \(.*\))?|sum:?|all (?:five|four|three|six|together)", re.I), sum),
    ("average", re.compile(r"(?:average|mean|avg\.?):?(?: \(.*\))?", re.I), statistics.fmean),
    ("median", re.compile(r"(?:median|middle):?(?: \(.*\))?", re.I), statistics.median),
    ("highest", re.compile(r"(?:max(?:imum)?|highest):?", re.I), max),
    ("lowest", re.compile(r"(?:min(?:imum)?|lowest):?", re.I), min),
)  # fmt: skip
_NOT_SUMMED = re.compile(
    r"%|\bper\b|price|rate|rating|average|avg|margin|founded|year|rank|share|median|growth|index|ratio|score|date|\bno\.",
    re.IGNORECASE,
)
_SUBTOTAL = re.compile(r"sub-?total\b|.*\btotal:?$", re.IGNORECASE)
_ENOUGH = 2


class GridCell(NamedTuple):
    """A cell of a table or chart. `text`: as people see it."""

    place: str
    text: str
    number: float | None = None
    step: float = 0.0
    """The value of its last digit; 0 for a value that isn't rounded."""
    findings: tuple[FindingId, ...] = ()


@dataclass(frozen=True)
class Grid:
    """A table, or the figures behind a chart, by row and column from 1."""

    name: str
    cells: Mapping[tuple[int, int], GridCell]
    chart: bool = False

    @cached_property
    def rows(self) -> list[int]:
        return sorted({r for r, _ in self.cells})

    def label(self, row: int) -> str:
        """Returns the first words of a row; empty if it begins with a number."""
        first = min((c for r, c in self.cells if r == row and self.cells[r, c].text.strip()), default=None)
        cell = self.cells[row, first] if first is not None else None
        return cell.text.strip() if cell is not None and cell.number is None else ""

    def head(self, row: int, column: int) -> str:
        """Returns the nearest words above a cell."""
        above = (self.cells[r, column] for r in reversed(self.rows) if r < row and (r, column) in self.cells)
        return next((c.text.strip() for c in above if c.number is None and c.text.strip()), "")

    @cached_property
    def labelled(self) -> dict[str, int]:
        """Returns the rows by their labels, summary rows left out."""
        return {
            self.label(r).casefold(): r for r in reversed(self.rows) if self.label(r) and not summary(self.label(r))
        }

    @cached_property
    def body(self) -> int:
        """Returns how many rows have numbers and aren't summaries."""
        return sum(
            any(c.number is not None for (r, _), c in self.cells.items() if r == row) and not summary(self.label(row))
            for row in self.rows
        )


class GridFault(NamedTuple):
    """A cell that is wrong, and what would be right."""

    place: str
    shows: str
    right: str


def cell(place: str, text: str, findings: tuple[FindingId, ...] = ()) -> GridCell:
    """Reads a cell as people see it."""
    told = figures(text)
    if len(told) == 1 and masked(text).strip(" +()") == "#":
        one = told[0]
        scale = one.unit / one.value if one.value else 1.0
        value = -one.unit if text.strip().startswith("(") and one.unit > 0 else one.unit
        return GridCell(place, text, value, one.step * abs(scale), findings)
    return GridCell(place, text, findings=findings)


def summary(label: str) -> str:
    """Returns which summary a row's label announces; empty if none."""
    return next((name for name, words, _ in _SUMMARIES if words.fullmatch(label.strip())), "")


def faults(grids: Sequence[Grid], facts: Facts) -> list[GridFault]:
    """Returns what is wrong in tables and charts."""
    found: list[GridFault] = []
    for grid in grids:
        found += _summaries(grid, facts)
        found += _cells(grid, facts)
    charts, tables = [g for g in grids if g.chart], [g for g in grids if not g.chart]
    for chart, other in product(charts, tables):
        found += _against(chart, other)
    return list(dict.fromkeys(found))


def _summaries(grid: Grid, facts: Facts) -> Iterator[GridFault]:
    for row in grid.rows:
        name = summary(grid.label(row))
        compute = next((c for n, _, c in _SUMMARIES if n == name), None)
        if compute is None:
            continue
        for (r, column), one in grid.cells.items():
            if r != row or one.number is None:
                continue
            head = grid.head(row, column)
            if name == "total" and _NOT_SUMMED.search(head):
                continue
            above = _above(grid, row, column)
            if len(above) < _ENOUGH or _found(one, facts):
                continue
            sums = [above, *([parts] if name == "total" and len(parts := _subtotals(grid, row, column)) > 1 else [])]
            wanted = [compute(values) for values in sums]
            if not any(_near(one, w) for w in wanted):
                yield GridFault(
                    one.place, one.text, f"{number(wanted[0], one.text)}, the {name} of the {len(above)} rows above"
                )


def totals(grids: Sequence[Grid], facts: Facts) -> Iterator[tuple[GridCell, str, tuple[FindingId, ...]]]:
    """Returns the cells of summary rows that are right, how they follow, and the findings of the cells above."""
    for grid in grids:
        for (row, column), one in grid.cells.items():
            name = summary(grid.label(row))
            compute = next((c for n, _, c in _SUMMARIES if n == name), None)
            if compute is None or one.number is None or len(above := _above(grid, row, column)) < _ENOUGH:
                continue
            behind = [i for (r, c), up in grid.cells.items() if c == column and r < row for i in up.findings]
            if behind and _near(one, compute(above)):
                yield one, f"{name} of {len(above)}", tuple(dict.fromkeys(behind))


def _above(grid: Grid, row: int, column: int) -> list[float]:
    """Returns the figures above a summary up to their header, without those of other summary rows."""
    found: list[float] = []
    for r in reversed([r for r in grid.rows if r < row]):
        one = grid.cells.get((r, column))
        if one is None or not one.text.strip() or summary(grid.label(r)):
            continue
        if one.number is None:
            if found and len(one.text) > 3:
                break
            continue
        if not _SUBTOTAL.fullmatch(grid.label(r)):
            found.append(one.number)
    return found


def _subtotals(grid: Grid, row: int, column: int) -> list[float]:
    rows = [r for r in grid.rows if r < row and _SUBTOTAL.fullmatch(grid.label(r))]
    return [n for r in rows if (one := grid.cells.get((r, column))) and (n := one.number) is not None]


def _found(one: GridCell, facts: Facts) -> bool:
    """Returns whether the cell shows one finding itself, so that nothing is computed in it."""
    return len(one.findings) == 1 and any(
        one.number is not None and _near(one, f.value) for f in facts.named(one.findings)
    )


def _near(one: GridCell, value: float) -> bool:
    assert one.number is not None
    slack = max(one.step / 2, 1e-6 * max(1.0, abs(value))) + 1e-9
    return any(abs(one.number - value * t) <= slack for t in ((1.0, 100.0) if "%" in one.text else (1.0,)))


def _cells(grid: Grid, facts: Facts) -> Iterator[GridFault]:
    """Returns cells whose header, row or sign doesn't fit the one finding they show."""
    for (row, column), one in grid.cells.items():
        named = facts.named(one.findings)
        if one.number is None or len(one.findings) != 1 or not named or summary(grid.label(row)):
            continue
        fact = named[0]
        if abs(one.number) != abs(fact.value) and not _near(one, fact.value):
            continue
        head, label = grid.head(row, column), grid.label(row)
        words = (
            _off_head(head, f"{head} {label}", one.text, fact)
            or _off_measure(head, fact, facts)
            or _off_row(label, head, fact, facts)
        )
        if words:
            yield GridFault(one.place, one.text, words)


def _off_head(head: str, beside: str, shown: str, fact: MeasuredFact) -> str:
    """Returns what is wrong about a cell under this header; `beside`: the header and the row's label."""
    money = vocabulary.currencies(shown) or vocabulary.currencies(head)
    scale = {w for w in re.findall(r"[a-z]+", head.lower()) if w in vocabulary.UNITS["scale"]}
    if money and fact.currencies and not money & fact.currencies:
        return f"{fact.id} in {' or '.join(sorted(fact.currencies))}, not {' or '.join(sorted(money))}"
    known = {w for w in re.findall(r"[a-z]+", fact.said.lower()) if w in vocabulary.UNITS["scale"]}
    if scale and known and not scale & known:
        return f"{fact.id} in {' or '.join(sorted(known))}, not {' or '.join(sorted(scale))}"
    told = vocabulary.periods(beside)
    if told and fact.periods and not told & fact.periods:
        return f"{fact.id} per {' or '.join(sorted(fact.periods))}, not per {' or '.join(sorted(told))}"
    return ""


def _off_measure(head: str, fact: MeasuredFact, facts: Facts) -> str:
    """Returns what is wrong if the header names another measure, which the subject has too."""
    about = vocabulary.concepts(head)
    if not about or not fact.concepts or about & (fact.concepts | vocabulary.concepts(fact.said)):
        return ""
    other = next((f for f in facts.all if f.subject == fact.subject and about & f.concepts), None)
    return f"{other.value:,g} ({other.id}); {fact.id} is “{fact.measure}”" if other is not None else ""


def _off_row(label: str, head: str, fact: MeasuredFact, facts: Facts) -> str:
    """Returns what is wrong if the row is one subject's and the finding is another's."""
    names = [n for _, n in facts.subjects_in(label)]
    if len(names) != 1 or names[0] == fact.subject or not fact.subject or facts.subjects_in(head):
        return ""
    mine = facts.group_of(fact).of(names[0])
    return (
        f"{mine.value:,g} for {names[0]} ({mine.id}); {fact.id} is about {fact.subject}"
        if mine and mine.value != fact.value
        else ""
    )


def _against(chart: Grid, other: Grid) -> Iterator[GridFault]:
    """Returns the figures of a chart that differ from those of a table with the same labels."""
    both = [label for label in chart.labelled if label in other.labelled]
    if len(both) < _ENOUGH or len(both) * 2 < len(chart.labelled):
        return
    drawn, shown = _columns(chart), _columns(other)
    for c, t in product(drawn, shown):
        alike = _same_head(drawn[c], shown[t])
        if not alike and not (len(drawn) == 1 and len(shown) == 1):
            continue
        pairs = [
            (a, b)
            for label in both
            if (a := chart.cells.get((chart.labelled[label], c))) and (b := other.cells.get((other.labelled[label], t)))
        ]
        pairs = [(a, b) for a, b in pairs if a.number is not None and b.number is not None]
        off = [(a, b) for a, b in pairs if not _near(a, b.number or 0.0) and not _near(b, a.number or 0.0)]
        if off and len(off) * 2 <= len(pairs):
            a, b = off[0]
            yield GridFault(a.place, a.text, f"{b.text}, as {b.place} says")
            return


def _columns(grid: Grid) -> dict[int, str]:
    """Returns the headers of the columns with numbers."""
    last = max(grid.rows, default=0)
    found = {c for (_, c), one in grid.cells.items() if one.number is not None}
    return {c: grid.head(last + 1, c) for c in sorted(found)}


def _same_head(a: str, b: str) -> bool:
    plain_a, plain_b = vocabulary.words(a), vocabulary.words(b)
    return plain_a == plain_b or bool(vocabulary.concepts(a) & vocabulary.concepts(b) and {*plain_a} & {*plain_b})


def of_places(cells: Iterable[tuple[str, str, tuple[FindingId, ...]]]) -> list[Grid]:
    """Sorts places such as `Prices > table 1 B2`, `Slide 2 > chart B3` and `Orders!B2` into tables and charts."""
    found: dict[str, dict[tuple[int, int], GridCell]] = {}
    for place, text, ids in cells:
        if match := _ADDRESS.fullmatch(place):
            column = 0
            for letter in match["column"]:
                column = column * 26 + ord(letter) - 64
            found.setdefault(match["name"], {})[int(match["row"]), column] = cell(place, text, ids)
    return [Grid(name, known, chart=bool(re.search(r"\bchart$", name))) for name, known in found.items()]


_ADDRESS = re.compile(
    r"(?P<name>.*\btable \d+|Slide \d+ > (?:table|chart)|.*\bchart|.*!|)\s?(?P<column>[A-Z]{1,3})(?P<row>\d+)"
)
