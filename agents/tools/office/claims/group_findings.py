"""Sorts findings into what they are about: whose, which measure, and in which unit. Pure."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from agents.tools.office.claims import vocabulary
from agents.tools.office.claims.figures_in_text import numbers
from agents.tools.office.claims.misattributed_figures import page_label
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import FindingId

_SPLIT = re.compile(r"\s*(?:: | [–—-] | \| )\s*")
_OF = re.compile(r"(?P<measure>.+?) (?:of|for|at|in) (?P<subject>[A-Z].*)")
_DULL = frozenset({"of", "the", "for", "in", "a", "an", "per", "and", "at", "to", "its", "by", "is", "out"})
_YEAR = re.compile(r"\b(?:19|20)\d\d\b")
_ALIKE, _SHORTEST, _CONCEPT = 0.6, 4, 4


@dataclass(frozen=True)
class MeasuredFact:
    """A finding with a number. `said`: all that its source says; `measure`: what its kind says besides the subject."""

    id: FindingId
    subject: str
    measure: str
    value: float
    said: str
    finding: Finding = field(repr=False, compare=False)

    @cached_property
    def currencies(self) -> set[str]:
        return vocabulary.currencies(self.said)

    @cached_property
    def periods(self) -> set[str]:
        return vocabulary.periods(self.said)

    @cached_property
    def years(self) -> set[str]:
        return set(_YEAR.findall(self.said))

    @cached_property
    def concepts(self) -> set[str]:
        return vocabulary.concepts(self.measure)

    @cached_property
    def percent(self) -> bool:
        return "%" in self.said or "percent" in self.said or "per cent" in self.said

    @cached_property
    def tokens(self) -> frozenset[str]:
        return frozenset(w for w in re.findall(r"[a-z]+|\d+|%", self.measure.lower()) if w not in _DULL)


@dataclass(frozen=True)
class Group:
    """The facts of one measure, one for each subject."""

    measure: str
    facts: tuple[MeasuredFact, ...]

    @cached_property
    def concepts(self) -> set[str]:
        return self.facts[0].concepts

    @property
    def ids(self) -> tuple[FindingId, ...]:
        return tuple(f.id for f in self.facts)

    @property
    def values(self) -> list[float]:
        return [f.value for f in self.facts]

    def of(self, subject: str) -> MeasuredFact | None:
        return next((f for f in self.facts if f.subject == subject), None)


class Facts:
    """All findings with a number, by measure and by subject."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        known = tuple(findings)
        gone = {f.supersedes for f in known if f.supersedes}
        self.all = _by_page([fact for f in known if f.id not in gone and (fact := _fact(f)) is not None])
        told = (s for f in known if f.id not in gone and (s := _subject(f)[0]))
        self.subjects = tuple(dict.fromkeys([*told, *(f.subject for f in self.all if f.subject)]))
        self._by_id: Mapping[FindingId, MeasuredFact] = {f.id: f for f in self.all}
        self.groups = tuple(_groups(self.all))
        self._names = _pattern(self.subjects)

    def named(self, ids: Iterable[FindingId]) -> tuple[MeasuredFact, ...]:
        return tuple(self._by_id[i] for i in ids if i in self._by_id)

    def group_of(self, fact: MeasuredFact) -> Group:
        return next(g for g in self.groups if fact in g.facts)

    def about(self, text: str) -> list[Group]:
        """Returns the groups that a text's words are about, those with most words first; none if no word fits."""
        heard, meant = set(vocabulary.words(text)), vocabulary.concepts(text)
        scored = sorted(((_score(g, heard, meant), g) for g in self.groups), key=lambda it: -it[0])
        least = _CONCEPT if scored and scored[0][0] >= _CONCEPT else 1
        return [g for s, g in scored if s >= least]

    def subjects_in(self, text: str) -> list[tuple[int, str]]:
        """Returns the subjects that a text names, each with its place, in order."""
        if self._names is None:
            return []
        by_fold = {s.casefold(): s for s in self.subjects}
        return [(m.start(), by_fold[m[0].casefold()]) for m in self._names.finditer(text)]


def _score(group: Group, heard: set[str], meant: set[str]) -> int:
    own = {w for w in group.facts[0].tokens if len(w) > 2}
    return _CONCEPT * len(group.concepts & meant) + len(own & heard)


def _pattern(subjects: Sequence[str]) -> re.Pattern[str] | None:
    usable = sorted({s for s in subjects if len(s) >= 2}, key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, usable))})(?!\w)", re.IGNORECASE) if usable else None


def _subject(finding: Finding) -> tuple[str, str]:
    """Returns whose the finding is and what it measures: `("Acme", "price")` for "Acme: price" and "price of Acme"."""
    head, *rest = _SPLIT.split(finding.kind, maxsplit=1)
    if rest and head[:1].isalnum():
        return head.strip(), rest[0].strip()
    if match := _OF.fullmatch(finding.kind):
        return match["subject"].strip(), match["measure"].strip()
    return "", finding.kind


def _fact(finding: Finding) -> MeasuredFact | None:
    value = finding.value
    if isinstance(value, bool) or value is None:
        return None
    if not isinstance(value, int | float):
        if not isinstance(value, str) or (not value.strip()[:1].isdigit() and value.strip()[:1] not in "$€£-−"):
            return None
        told = [*numbers(value)]
        if not told or len(value) > 40:
            return None
        value = told[0]
    subject, measure = _subject(finding)
    source = finding.source
    said = " ".join([finding.kind, str(finding.value), *((source.quote, source.locator) if source else ())])
    return MeasuredFact(finding.id, subject, measure, float(value), said, finding)


def _by_page(facts: Sequence[MeasuredFact]) -> tuple[MeasuredFact, ...]:
    """Returns the facts; of those whose kind names nobody, each page's company is the subject if all pages differ."""
    bare: dict[frozenset[str], list[MeasuredFact]] = {}
    for fact in facts:
        if not fact.subject:
            bare.setdefault(fact.tokens, []).append(fact)
    labels: dict[FindingId, str] = {}
    for members in bare.values():
        pages = [page_label(f.finding) for f in members]
        if len(members) > 1 and all(len(p) >= _SHORTEST for p in pages) and len({*pages}) == len(pages):
            labels |= {f.id: page for f, page in zip(members, pages, strict=True)}
    return tuple(replace(f, subject=labels.get(f.id, f.subject)) for f in facts)


def _groups(facts: Sequence[MeasuredFact]) -> list[Group]:
    """Returns the facts by measure; measures in nearly the same words are one, if no subject has both."""
    exact: dict[frozenset[str], list[MeasuredFact]] = {}
    for fact in facts:
        exact.setdefault(fact.tokens, []).append(fact)
    merged: list[tuple[frozenset[str], list[MeasuredFact]]] = []
    for tokens, members in exact.items():
        for known, others in merged:
            alike = len(tokens & known) / max(1, len(tokens | known)) >= _ALIKE
            years = {t for t in tokens ^ known if t.isdigit()}
            if alike and not years and not {f.subject for f in members} & {f.subject for f in others}:
                others.extend(members)
                break
        else:
            merged.append((tokens, list(members)))
    return [Group(members[0].measure, _newest(members)) for _, members in merged]


def _newest(members: Iterable[MeasuredFact]) -> tuple[MeasuredFact, ...]:
    """Returns each subject's last fact; all of those without a subject."""
    return tuple({(f.subject or f.id): f for f in members}.values())
