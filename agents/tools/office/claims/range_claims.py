"""Recomputes where values begin and end, how far one is from the middle, and multiples told in words. Pure."""

import re
import statistics
from collections.abc import Iterator, Sequence

from agents.tools.office.claims import vocabulary
from agents.tools.office.claims.claim import Judged, ids, number
from agents.tools.office.claims.compare_rounded_figure import rounded, shows
from agents.tools.office.claims.group_findings import Facts, Group, MeasuredFact
from agents.tools.office.claims.sentences import PlacedFigure, Sentence, measured, names_in

_RANGE = re.compile(
    r"\b(?:ranges?|ranging|runs?|var(?:y|ies)|spans?|spread|lies?|between)\b[^.;]*?\b(?:from|between)?\b", re.IGNORECASE
)
_COUNTED = re.compile(r"^ (?P<what>[a-z]{4,}s)\b")
_JOIN = re.compile(r"^(?:\s*\([^)]*\))?(?: at [A-Z][\w&. ]*?| for [A-Z][\w&. ]*?)?\s*(?:to|and|–|-|up to)\s*$")
_PART = re.compile(r"\b(?:other|others|rest|remaining|two|three|four|most|without|except)\b", re.IGNORECASE)
_FROM_MIDDLE = re.compile(
    r"^\s*(?:above|below|over|under|more than|less than|higher than|lower than) (?:the|its) "
    r"(?P<what>median|average|mean)\b"
)
_IN_MIDDLE = re.compile(
    r"\b(?:in the middle of the|is the median|(?:sits|lies|is) (?:exactly |right )?in the middle)\b"
)
_TIMES = re.compile(
    rf"(?P<hedge>\b(?:almost|nearly|about|roughly|more than|over|just over|around) )?"
    rf"\b(?P<times>twice|double|half|{'|'.join(vocabulary.NUMBERS)})"
    r"(?: times)? (?=as \w+|that of|the \w+ of)",
    re.IGNORECASE,
)
_PER = re.compile(r"\bper (?P<of>[a-z]+)\b", re.IGNORECASE)
_SCALES = {"thousand": 1e3, "million": 1e6, "billion": 1e9}


def ranges(sentence: Sentence, facts: Facts, cited: Sequence[MeasuredFact]) -> list[Judged]:
    """Returns the claims about a measure's ends, its middle, and how many times as much one is."""
    return [
        *_ends(sentence, facts, cited),
        *_from_middle(sentence, facts, cited),
        *_in_middle(sentence, facts, cited),
        *_times(sentence, facts, cited),
        *_per(sentence, facts),
    ]


def _ends(sentence: Sentence, facts: Facts, cited: Sequence[MeasuredFact]) -> Iterator[Judged]:
    for low, high in zip(sentence.figures, sentence.figures[1:], strict=False):
        if not _JOIN.match(sentence.text[low.end : high.start]) or low.figure.year:
            continue
        begin, end = sentence.clause(low.start)
        if not _RANGE.search(sentence.text[begin : low.start]) or _PART.search(sentence.text[begin:end]):
            continue
        if (group := measured(sentence, low, facts, cited)) is None or names_in(sentence, facts, begin, low.start):
            continue
        if _of_another(sentence, high, group):
            continue
        least, most = min(group.values), max(group.values)
        for one, value, word in ((low, least, "lowest"), (high, most, "highest")):
            ok = _shown(sentence, one, value) or _shown(sentence, one, least + most - value)
            right = "" if ok else f"{number(value, one.figure.words)}, the {word} of {len(group.facts)}"
            yield Judged(
                sentence.start + one.start, one.figure.words, group.ids, f"{word} of {len(group.facts)}", right
            )


def _of_another(sentence: Sentence, high: PlacedFigure, group: Group) -> bool:
    """Returns whether the figures count something else: "between 50 and 500 users" says nothing about prices."""
    counted = _COUNTED.match(sentence.text[high.end :])
    if not counted or not high.figure.bare:
        return False
    return not (vocabulary.concepts(counted["what"]) & group.concepts or counted["what"] in group.facts[0].tokens)


def _shown(sentence: Sentence, one: PlacedFigure, value: float) -> bool:
    return shows(one.figure, value) or rounded(sentence.before(one), one.figure, value)


def _from_middle(sentence: Sentence, facts: Facts, cited: Sequence[MeasuredFact]) -> Iterator[Judged]:
    for one in sentence.figures:
        match = _FROM_MIDDLE.match(sentence.text[one.end :])
        names = [n for _, n in names_in(sentence, facts)]
        group = measured(sentence, one, facts, cited)
        if not match or len(set(names)) != 1 or group is None or (fact := group.of(names[0])) is None:
            continue
        middle = statistics.median(group.values) if match["what"] == "median" else statistics.fmean(group.values)
        distance = abs(fact.value - middle)
        wanted = distance / abs(middle) * 100 if "%" in one.figure.words and middle else distance
        ok = shows(one.figure, wanted) or rounded(sentence.before(one), one.figure, wanted)
        right = "" if ok else f"{number(wanted, one.figure.words)} from the {match['what']} of {number(middle)}"
        yield Judged(
            sentence.start + one.start, one.figure.words, group.ids, f"distance from the {match['what']}", right
        )


def _in_middle(sentence: Sentence, facts: Facts, cited: Sequence[MeasuredFact]) -> Iterator[Judged]:
    for match in _IN_MIDDLE.finditer(sentence.text):
        names = names_in(sentence, facts, 0, match.start())
        groups = [g for g in facts.about(sentence.text) if len(g.facts) > 2 and len(g.facts) % 2]
        if not names or len(groups) != 1 or (fact := groups[0].of(names[-1][1])) is None:
            continue
        middle = statistics.median(groups[0].values)
        who = next(f.subject for f in groups[0].facts if f.value == middle)
        right = "" if fact.value == middle else f"{who} ({number(middle)}), not {fact.subject} ({number(fact.value)})"
        yield Judged(
            sentence.start + match.start(), match[0], groups[0].ids, f"middle of {len(groups[0].facts)}", right
        )


def _times(sentence: Sentence, facts: Facts, cited: Sequence[MeasuredFact]) -> Iterator[Judged]:
    """Judges "twice that of" and "seven times as many … as" between the two that are named."""
    for match in _TIMES.finditer(sentence.text):
        begin, end = sentence.clause(match.start())
        names = list(dict.fromkeys(n for _, n in names_in(sentence, facts, begin, end)))
        groups = [
            g for g in facts.about(sentence.text[begin:end]) if len(names) == 2 and g.of(names[0]) and g.of(names[1])
        ]
        if len(names) != 2 or not groups:
            continue
        told = {"twice": 2.0, "double": 2.0, "half": 0.5}.get(match["times"].lower()) or float(
            vocabulary.NUMBERS[match["times"].lower()]
        )
        found = [(g, a, b) for g in groups if (a := g.of(names[0])) and (b := g.of(names[1])) and b.value]
        good = [f for f in found if _about(told, f[1].value / f[2].value, (match["hedge"] or "").strip().lower())]
        if not found or (not good and len(found) > 1):
            continue
        _, a, b = (good or found)[0]
        right = "" if good else f"{a.value / b.value:.1f} times ({a.id}: {number(a.value)}, {b.id}: {number(b.value)})"
        words = match[0].strip()
        yield Judged(sentence.start + match.start(), words, ids([a, b]), "one divided by the other", right)


def _about(told: float, ratio: float, hedge: str) -> bool:
    if hedge in ("almost", "nearly"):
        return told * 0.8 <= ratio <= told
    if hedge in ("more than", "over", "just over"):
        return told <= ratio <= told * 1.35
    return told * 0.87 <= ratio <= told * 1.15


def _per(sentence: Sentence, facts: Facts) -> Iterator[Judged]:
    """Accepts a figure per customer or employee that two findings about one subject give; it blames none."""
    match = _PER.search(sentence.text)
    of = vocabulary.concepts(match["of"] + "s") | vocabulary.concepts(match["of"]) if match else set[str]()
    names = {n for _, n in names_in(sentence, facts)}
    for one in sentence.figures if of else ():
        mine = [f for f in facts.all if f.subject in names]
        for above in mine:
            for below in (
                f for f in mine if f.concepts & of and f.value and f.subject == above.subject and f is not above
            ):
                value = above.value * _scale(above) / below.value
                if shows(one.figure, value) or rounded(sentence.before(one), one.figure, value):
                    yield Judged(
                        sentence.start + one.start, one.figure.words, ids([above, below]), "one divided by the other"
                    )
                    return


def _scale(fact: MeasuredFact) -> float:
    return next((s for word, s in _SCALES.items() if word in fact.measure.lower()), 1.0)
