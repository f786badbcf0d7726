"""Finds figures that the file gives for one company but that were found for another. Pure.

A finding's subject is the name in its own words, else the one in its page's address; both only if the file mentions it.
A file attributes a figure only in `NAME … FIGURE` with nothing but plain verbs between, and in rows that begin with a
name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from pydantic import JsonValue

from agents.tools.office.claims.figures_in_text import Figure, agrees, counted, figures, numbers
from orchestrator.domain.deliverables import Provenance
from orchestrator.domain.findings import Finding

_SHORTEST = 4
LISTED = re.compile(r"(?:\b(?:and|or|nor|than|with|versus|vs\.?|to|from|against|unlike|like)|[,&/])\s*$", re.IGNORECASE)
BETWEEN = re.compile(
    r"(?:[’']s)?(?:[\s:(–—-]+(?:costs?|charges?|asks?|takes?|offers?|has|had|is|are|was|were|at|for|of|the|a|an|only|just"
    r"|now|still|about|around|almost|nearly|roughly|price|priced|list|team|plan|reports?|counts?|employs?|sells?|weighs?|holds?|serves?|starts?|earns?|founded|in|on|with|its))*"
    r"[\s:(–—-]+",
    re.IGNORECASE,
)
BESIDE = re.compile(r"\s*\((?:at |for |by )?(?P<name>[^(),;]+)[),;]")
_CELL = re.compile(r"(?P<before>.*[! ]|)(?P<column>[A-Z]{1,3})(?P<row>\d+)")


class Subjects:
    """The companies that a file mentions, and whose each finding is."""

    def __init__(self, findings: Iterable[Finding], texts: Iterable[str]) -> None:
        known = tuple(findings)
        said = {w.casefold() for text in texts for w in re.findall(r"\b[A-Z]\w{3,}", text)}
        names = {label for f in known if len(label := page_label(f)) >= _SHORTEST} & said
        self._words = re.compile(rf"\b({'|'.join(map(re.escape, sorted(names)))})\b", re.IGNORECASE) if names else None
        self._of = {f.id: self._subject(f, names) for f in known}
        self._known = known

    def off(self, place: str, now: JsonValue, named: Sequence[Finding], shown: Mapping[str, JsonValue]) -> str:
        """Returns `FIGURE for NAME` if the figure was found for another company; empty if all is well or it isn't
        known."""
        if self._words is None:
            return ""
        if match := _CELL.fullmatch(place):
            return self._in_row(match, now, named, shown)
        return self._in_words(now, named) if isinstance(now, str) else ""

    def _in_words(self, text: str, named: Sequence[Finding]) -> str:
        assert self._words
        at = 0
        for figure in figures(text):
            at = text.find(figure.words, at)
            before = list(self._words.finditer(text[:at]))
            at += len(figure.words)
            beside = BESIDE.match(text, at)
            if beside and (owner := self._words.fullmatch(beside["name"].strip())) and not counted(figure):
                if self._foreign(owner[0], named, [figure]):
                    return f"{figure.words} for {owner[0]}"
                continue
            if counted(figure) or not before or LISTED.search(text[: before[-1].start()]):
                continue
            if not BETWEEN.fullmatch(text[before[-1].end() : at - len(figure.words)] or " "):
                continue
            if self._foreign(before[-1][0], named, [figure]):
                return f"{figure.words} for {before[-1][0]}"
        return ""

    def _in_row(
        self, at: re.Match[str], now: JsonValue, named: Sequence[Finding], shown: Mapping[str, JsonValue]
    ) -> str:
        assert self._words
        name = str(shown.get(f"{at['before']}A{at['row']}") or "")
        head = str(shown.get(f"{at['before']}{at['column']}1") or "")
        if at["column"] == "A" or not self._words.fullmatch(name.strip()) or self._words.search(head):
            return ""
        told = figures(f"{now:.12g}" if isinstance(now, float) else str(now))
        return f"{now} for {name}" if told and self._foreign(name.strip(), named, told) else ""

    def _foreign(self, name: str, named: Sequence[Finding], told: Sequence[Figure]) -> bool:
        """Returns whether every named finding with this figure belongs to others, and `name` has its own of the same
        kind."""
        owners = [f for f in named if any(agrees(t, numbers(f.value)) for t in told)]
        mine = [f for f in self._known if self._of[f.id] == name.casefold()]
        if not owners or any(self._of[f.id] in (None, name.casefold()) for f in owners):
            return False
        if any(agrees(t, numbers(f.value)) for f in mine for t in told):
            return False
        return any(self._measure(f) == self._measure(owners[0]) for f in mine)

    def _measure(self, finding: Finding) -> str:
        """Returns what it measures: its kind without the company's name."""
        return " ".join((self._words.sub("", finding.kind) if self._words else finding.kind).casefold().split())

    def _subject(self, finding: Finding, names: set[str]) -> str | None:
        source = finding.source
        words = [finding.kind, str(finding.value), *((source.quote, source.locator) if source else ())]
        said = {w.casefold() for text in words for w in (self._words.findall(text) if self._words else ())}
        if said:
            return said.pop() if len(said) == 1 else None
        label = page_label(finding)
        return label if label in names else None


def page_label(finding: Finding) -> str:
    """Returns `acme` for https://www.acme.example/pricing."""
    host = urlsplit(finding.source.url).hostname if finding.source and finding.source.url else None
    parts = (host or "").split(".")[:-1]
    return max(parts, key=len, default="").casefold()


def texts(places: Iterable[Provenance], shown: Mapping[str, JsonValue]) -> Iterator[str]:
    """Returns everything the file says, as far as it is known."""
    yield from (v for v in shown.values() if isinstance(v, str))
    yield from (p.shows for p in places if isinstance(p.shows, str))
