"""Checks that the file's content agrees with the findings it names. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from pydantic import JsonValue

from agents.tools.office.claims.figures_in_text import agrees, counted, derived, figures, numbers, same
from agents.tools.office.claims.misattributed_figures import Subjects, texts
from orchestrator.domain.deliverables import Check, Provenance
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import FindingId

_CELL = re.compile(r"((?:!|^)[A-Z]{1,3}\d+|(?:table|chart)(?: \d+)? [A-Z]{1,2}\d+)$")
_ADDRESS, _PLAIN = re.compile(r"[A-Z]{1,3}\d+"), re.compile(r"-?\d+(\.\d+)?")
"""A cell of a CSV file, and a number in one."""
_SEEN = re.compile(r"\(seen [^)]*\)|[\d.,]+…")
_MOST_NAMED, _LONGEST = 8, 160


class WrongFigure(NamedTuple):
    """A place whose value differs from the finding it names."""

    place: str
    shows: str
    finding: Finding

    def __str__(self) -> str:
        quote = self.finding.source.quote if self.finding.source else ""
        said = f" (“{quote[:_LONGEST]}”)" if quote else ""
        if " for " in self.shows and self.finding.source:
            said += f" of {self.finding.source.where[:_LONGEST]}"
        return f"{self.place} shows {self.shows}, but {self.finding.id} is {_words(self.finding.value)}{said}"


def checked(
    places: Iterable[Provenance],
    findings: Iterable[Finding],
    shown: Mapping[str, JsonValue],
    right: Collection[tuple[str, str]] = (),
) -> tuple[WrongFigure, ...]:
    """Returns what disagrees. `shown`: current text by place; other places show what was originally written.

    `right`: places and figures that were recomputed already.
    """
    known = {f.id: f for f in findings}
    everything = [n for f in known.values() for n in _all(f)]
    places = tuple(places)
    subjects = Subjects(known.values(), texts(places, shown))
    found: list[WrongFigure] = []
    for place in places:
        named = [known[i] for i in place.findings if i in known]
        now = shown.get(place.place, place.shows)
        fine = {words for where, words in right if where == place.place}
        if named and (words := _off(place.place, now, named, everything, fine)):
            found.append(WrongFigure(place.place, words, named[0]))
        elif named and (words := subjects.off(place.place, now, named, shown)):
            found.append(WrongFigure(place.place, words, _owner(words, named)))
    return tuple(found)


def noted(notes: Iterable[tuple[str, str]], findings: Iterable[Finding]) -> tuple[WrongFigure, ...]:
    """Returns footnotes, by place, that name a finding's source but a figure that isn't in it."""
    known = [f for f in findings if f.source]
    found: list[WrongFigure] = []
    for place, words in notes:
        named = [f for f in known if f.source and _address(f.source.where) in words]
        if not named:
            continue
        bare = _SEEN.sub("", words)
        for finding in named:
            bare = bare.replace(_address(finding.source.where) if finding.source else "", "")
        allowed = [n for f in named for n in _all(f)]
        if off := next((f.words for f in figures(bare) if not counted(f) and not agrees(f, allowed)), ""):
            found.append(WrongFigure(place, off, named[0]))
    return tuple(found)


def check(wrong: Sequence[WrongFigure], findings: Iterable[Finding], traced: int) -> Check:
    """Returns the check's sentence, including findings that nobody read or whose quote lacks their value."""
    findings = tuple(findings)
    doubtful = [f.id for f in findings if not quoted(f)]
    note = f"; the quote for {_listed(doubtful)} doesn't contain its value" if doubtful else ""
    note += _unread(findings)
    if not wrong:
        words = f"traced figures that match their findings: {traced}{note}"
        return Check(name="figures", ok=True, words=words, told=bool(note))
    words = f"{'; '.join(map(str, wrong[:_MOST_NAMED]))}{_more(len(wrong) - _MOST_NAMED)}"
    return Check(name="figures", ok=False, words=f"{words}. Correct it, or cite the right finding{note}")


def _unread(findings: Sequence[Finding]) -> str:
    """Says how many sources weren't checked, and why, in the findings' order."""
    unread = [f"{f.id} ({f.source.unchecked})" for f in findings if f.source and f.source.unchecked]
    if not unread:
        return ""
    named = f"{'; '.join(unread[:_MOST_NAMED])}{_more(len(unread) - _MOST_NAMED)}"
    return f"; {len(unread)} {'source was' if len(unread) == 1 else 'sources were'} not checked: {named}"


def backed(text: str, findings: Iterable[Finding]) -> tuple[FindingId, ...]:
    """Returns the findings behind a text's figures; none if one of the figures has no finding, or if it has no
    figures."""
    told = [f for f in figures(text) if not counted(f)]
    behind = [[f.id for f in findings if agrees(figure, _all(f))] for figure in told]
    return tuple(dict.fromkeys(i for ids in behind for i in ids)) if all(behind) else ()


def _owner(words: str, named: Sequence[Finding]) -> Finding:
    """Returns the finding that the text's first figure comes from."""
    return next((f for f in named for figure in figures(words)[:1] if agrees(figure, numbers(f.value))), named[0])


def number(text: str) -> bool:
    """Returns whether a cell of a CSV file contains a number."""
    return bool(_PLAIN.fullmatch(text.strip()))


def quoted(finding: Finding) -> bool:
    """Returns whether a finding's number is in its own quote; True if there is no number or no figure to compare."""
    value, quote = finding.value, finding.source.quote if finding.source else ""
    if isinstance(value, bool) or not isinstance(value, int | float) or not (told := list(numbers(quote))):
        return True
    return same(float(value), told) or any(agrees(f, [float(value)]) for f in figures(quote))


def _off(place: str, now: JsonValue, named: list[Finding], everything: list[float], fine: Collection[str] = ()) -> str:
    """Returns the first figure that disagrees, as written; empty if all agree or there is nothing to compare."""
    values = [n for f in named for n in _values(f)]
    if isinstance(now, str) and _ADDRESS.fullmatch(place) and _PLAIN.fullmatch(now):
        now = float(now)
    if isinstance(now, int | float) and not isinstance(now, bool):
        return "" if not values or same(float(now), [*values, *derived(values)]) else f"{now:g}"
    if not isinstance(now, str):
        return ""
    cell = bool(_CELL.search(place)) and len(named) == 1 and values
    allowed = values if cell else [*everything, *derived(values)]
    years = any(1900 <= n <= 2100 for n in allowed)
    for figure in figures(now):
        if (not cell and counted(figure)) or (figure.year and not years) or not allowed:
            continue
        if figure.words not in fine and not agrees(figure, allowed):
            return figure.words
    return ""


def _address(where: str) -> str:
    """Returns as much of it as notes show."""
    return where.split("://", 1)[-1].rstrip("/")[:80]


def _values(finding: Finding) -> list[float]:
    """Returns the finding's numbers: those of its value, else those of its quote."""
    return list(numbers(finding.value)) or (list(numbers(finding.source.quote)) if finding.source else [])


def _all(finding: Finding) -> list[float]:
    """Returns every number it mentions."""
    source = [finding.source.quote, finding.source.locator] if finding.source else []
    return [n for words in (finding.value, finding.kind, *source) for n in numbers(words)]


def _words(value: JsonValue) -> str:
    text = f"{value:g}" if isinstance(value, float) else str(value)
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _listed(ids: Sequence[FindingId]) -> str:
    return ", ".join(ids[:_MOST_NAMED]) + _more(len(ids) - _MOST_NAMED)


def _more(count: int) -> str:
    return f" and {count} more" if count > 0 else ""
