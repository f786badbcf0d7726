"""Recomputes figures that a text derives from several findings: medians, totals, shares, differences. Pure."""

import re
import statistics
from collections.abc import Callable, Sequence
from typing import NamedTuple

from agents.tools.office.claims.claim import Judged, ids, number
from agents.tools.office.claims.compare_rounded_figure import shows
from agents.tools.office.claims.figures_in_text import Figure
from agents.tools.office.claims.group_findings import Facts, Group, MeasuredFact
from agents.tools.office.claims.sentences import PlacedFigure, Sentence, names_in
from orchestrator.domain.deliverables import AS_FOUND

Compute = Callable[[Sequence[float]], float]


class _Cue(NamedTuple):
    """Words that say how a figure is derived. `before` and `after`: where they stand beside it."""

    name: str
    before: re.Pattern[str]
    after: re.Pattern[str]
    compute: Compute


def _cue(name: str, words: str, compute: Compute, after: str = "") -> _Cue:
    before = re.compile(rf"\b(?:{words})\b(?P<gap>[^.;]*)$", re.IGNORECASE)
    return _Cue(name, before, re.compile(rf"^(?P<gap>[^,.;]*?)\b(?:{after or words})\b", re.IGNORECASE), compute)


_CUES = (
    _cue("median", "median|middle", statistics.median, "median|in the middle"),
    _cue("average", "average|averages|averaging|mean", statistics.fmean, "average|mean"),
    _cue("total", "total|totals|totaling|combined|together|sum|altogether|add up to|in all", sum,
         "in total|combined|together|altogether|in all|total"),
    _cue("range", "range of|spread of|spans|spread between|gap between the", lambda v: max(v) - min(v), "range|spread"),
)  # fmt: skip
_LONGEST_GAP = 48
_NOT_IN_TOTAL = re.compile(r"total (?:cost of|compensation|addressable)", re.IGNORECASE)
_PART = re.compile(
    r"\b(?:other|others|remaining|rest|except|without|excluding|besides|apart|top|three|two|four)\b", re.I
)


def derived(sentence: Sentence, facts: Facts, cited: Sequence[MeasuredFact], context: str) -> list[Judged]:
    """Returns each figure that a word such as "median" or "together" says is computed."""
    return [
        claim
        for one in sentence.figures
        if (cue := _cue_of(sentence, one)) and (claim := _judged(sentence, one, cue, facts, cited, context))
    ]


def _cue_of(sentence: Sentence, one: PlacedFigure) -> _Cue | None:
    """Returns the nearest cue, before the figure or right after it."""
    before, after = sentence.before(one, 70), sentence.after(one, 40)
    near: list[tuple[int, _Cue]] = []
    for cue in _CUES:
        if (m := cue.before.search(before)) and len(m["gap"]) <= _LONGEST_GAP and not _NOT_IN_TOTAL.search(before):
            near.append((len(m["gap"]), cue))
        if (m := cue.after.search(after)) and len(m["gap"]) <= _LONGEST_GAP // 2:
            near.append((len(m["gap"]) + 2, cue))
    return min(near, key=lambda it: it[0])[1] if near else None


def _judged(
    sentence: Sentence, one: PlacedFigure, cue: _Cue, facts: Facts, cited: Sequence[MeasuredFact], context: str
) -> Judged | None:
    names = [n for _, n in names_in(sentence, facts, *sentence.clause(one.start))]
    names = names or [n for _, n in names_in(sentence, facts)]
    figure = one.figure
    groups = _groups(sentence, one, facts, cited, context)
    if own := _as_found(figure, cue, names, groups, cited, facts):
        return Judged(sentence.start + one.start, figure.words, (own.id,), AS_FOUND)
    before = [n for at, n in names_in(sentence, facts) if at < one.start]
    sets = [s for g in groups for chosen in (before, names) for s in _sets(g, chosen, cited)]
    for chosen in sets:
        if shows(figure, cue.compute([f.value for f in chosen])):
            return Judged(sentence.start + one.start, figure.words, ids(chosen), f"{cue.name} of {len(chosen)}")
    if cue.name == "total" and (listed := _listed(sentence, one)) is not None:
        parts = [
            f
            for p in sentence.figures
            for f in (*cited, *facts.all)
            if p.start < one.start and shows(p.figure, f.value)
        ]
        right = "" if shows(figure, listed) else f"{number(listed, figure.words)}, the sum of the figures before it"
        return Judged(sentence.start + one.start, figure.words, ids(parts), "total of the figures before it", right)
    if not sets or not _usable(groups) or _cannot_know(sentence, one, names):
        return None
    best = sets[0]
    value = cue.compute([f.value for f in best])
    right = f"{number(value, figure.words)}, the {cue.name} of {len(best)} ({', '.join(f.id for f in best[:8])})"
    return Judged(sentence.start + one.start, figure.words, ids(best), f"{cue.name} of {len(best)}", right)


def _cannot_know(sentence: Sentence, one: PlacedFigure, names: Sequence[str]) -> bool:
    """Returns whether the words choose a part of the group that can't be worked out, such as "the other three"."""
    return len(names) == 1 or bool(_PART.search(sentence.clause_text(one.start)) and len(names) < 2)


def _groups(
    sentence: Sentence, one: PlacedFigure, facts: Facts, cited: Sequence[MeasuredFact], context: str
) -> list[Group]:
    mine = [facts.group_of(f) for f in cited]
    for text in (sentence.clause_text(one.start), sentence.text, context):
        if groups := [g for g in facts.about(text) if len(g.facts) > 1]:
            return [g for g in groups if g in mine] or groups
    return list(dict.fromkeys(mine))


def _usable(groups: Sequence[Group]) -> bool:
    """Returns whether the words leave no doubt about the measure."""
    return len([g for g in groups if len(g.facts) > 1]) == 1


def _sets(group: Group, names: Sequence[str], cited: Sequence[MeasuredFact]) -> list[list[MeasuredFact]]:
    """Returns what the figure may be computed from: those that are named, the whole measure, those that are cited."""
    told = [f for f in group.facts if f.subject in names]
    mine = [f for f in group.facts if f in cited]
    sets = [told if len(told) > 1 else [], list(group.facts), mine]
    return [s for n, s in enumerate(sets) if len(s) > 1 and s not in sets[:n]]


def _as_found(
    figure: Figure,
    cue: _Cue,
    names: Sequence[str],
    groups: Sequence[Group],
    cited: Sequence[MeasuredFact],
    facts: Facts,
) -> MeasuredFact | None:
    """Returns a fact that is the figure itself: one subject's own, or an average that a page states."""
    for fact in (*cited, *(f for g in groups for f in g.facts), *facts.all):
        if not shows(figure, fact.value):
            continue
        if [fact.subject] == list(dict.fromkeys(names)) or cue.name in fact.said.casefold():
            return fact
    return None


def _listed(sentence: Sentence, one: PlacedFigure) -> float | None:
    """Returns the sum of the figures before this one if the sentence lists them with the same unit."""
    kind = _unit(one.figure)
    before = [
        f.figure for f in sentence.figures if f.start < one.start and _unit(f.figure) == kind and not f.figure.year
    ]
    return (
        sum(f.unit for f in before) / (one.figure.unit / one.figure.value if one.figure.value else 1)
        if len(before) > 1
        else None
    )


def _unit(figure: Figure) -> str:
    return re.sub(r"[\d.,\s\u00a0\u202f’−-]", "", figure.words)
