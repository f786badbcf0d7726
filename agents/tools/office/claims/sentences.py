"""Cuts a text into sentences and clauses, and finds its figures with the words around them. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from agents.tools.office.claims.figures_in_text import Figure, placed
from agents.tools.office.claims.group_findings import Facts, Group, MeasuredFact

_END = re.compile(r"(?<=[.!?])[”\"’)]?\s+(?=[A-Z“\"(\d])|\n+|;\s+")
_ABBREVIATION = re.compile(r"\b(?:e\.g|i\.e|vs|approx|incl|No|Inc|Ltd|Co|Mr|Ms|Dr)\.$")
_CLAUSE = re.compile(
    r",? (?:while|whereas|but|although|though)\b |, (?:and|followed by|against) (?=[A-Z])|, (?=[A-Z])|: "
)


@dataclass(frozen=True)
class PlacedFigure:
    """A figure and where it is in its sentence."""

    figure: Figure
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.figure.words)


@dataclass(frozen=True)
class Sentence:
    """A sentence, and where it begins in its text. `names`: where names are in it, whose digits are no figures."""

    text: str
    start: int
    names: tuple[tuple[int, int], ...] = ()

    @cached_property
    def figures(self) -> list[PlacedFigure]:
        found = [PlacedFigure(figure, start) for start, figure in placed(self.text)]
        return [f for f in found if not any(a <= f.start < b for a, b in self.names)]

    @cached_property
    def cuts(self) -> list[int]:
        """Returns where its clauses end."""
        return [*(m.start() for m in _CLAUSE.finditer(self.text)), len(self.text)]

    def clause(self, at: int) -> tuple[int, int]:
        """Returns the beginning and the end of the clause around a place."""
        end = next(c for c in self.cuts if c >= at or c == self.cuts[-1])
        before = [c for c in self.cuts if c < at and c != end]
        return (before[-1] if before else 0), end

    def clause_text(self, at: int) -> str:
        begin, end = self.clause(at)
        return self.text[begin:end]

    def after(self, one: PlacedFigure, most: int = 45) -> str:
        """Returns the words between a figure and the next one, at most so many letters."""
        nexts = [f.start for f in self.figures if f.start > one.start]
        return self.text[one.end : min([*nexts, one.end + most])]

    def before(self, one: PlacedFigure, most: int = 45) -> str:
        earlier = [f.end for f in self.figures if f.end <= one.start]
        return self.text[max([0, *earlier, one.start - most]) : one.start]


def sentences(text: str, facts: Facts | None = None) -> list[Sentence]:
    """Returns the sentences of a text with their places; `facts` know the names in it."""
    found = list(_sentences(text))
    return [replace(s, names=_names(s.text, facts)) for s in found] if facts is not None else found


def _names(text: str, facts: Facts) -> tuple[tuple[int, int], ...]:
    return tuple((at, at + len(name)) for at, name in facts.subjects_in(text))


def _sentences(text: str) -> Iterator[Sentence]:
    begin = 0
    for match in _END.finditer(text):
        if _ABBREVIATION.search(text[: match.start()]):
            continue
        if text[begin : match.start()].strip():
            yield Sentence(text[begin : match.start()], begin)
        begin = match.end()
    if text[begin:].strip():
        yield Sentence(text[begin:], begin)


def names_in(sentence: Sentence, facts: Facts, begin: int = 0, end: int | None = None) -> list[tuple[int, str]]:
    """Returns the subjects named in a part of the sentence, with their places in it."""
    stop = len(sentence.text) if end is None else end
    return [(at, name) for at, name in facts.subjects_in(sentence.text) if begin <= at < stop]


def measured(sentence: Sentence, one: PlacedFigure, facts: Facts, cited: Sequence[MeasuredFact]) -> Group | None:
    """Returns the one measure that a figure is about, by its clause, its sentence or what is cited; None if unclear."""
    mine = list(dict.fromkeys(facts.group_of(f) for f in cited))
    for groups in (facts.about(sentence.clause_text(one.start)), facts.about(sentence.text), mine):
        usable = [g for g in groups if len(g.facts) > 1]
        usable = [g for g in usable if g in mine] or usable
        if usable:
            return usable[0] if len(usable) == 1 else None
    return None
