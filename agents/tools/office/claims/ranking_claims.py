"""Checks superlatives and comparisons: who is the cheapest, the largest, faster than another. Pure."""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from agents.tools.office.claims import vocabulary
from agents.tools.office.claims.claim import Judged, ids
from agents.tools.office.claims.compare_rounded_figure import shows
from agents.tools.office.claims.group_findings import Facts, Group, MeasuredFact
from agents.tools.office.claims.sentences import Sentence, names_in

_ENDS = "|".join([*vocabulary.MOST, *vocabulary.OWN_MEASURE])
_SUPERLATIVE = re.compile(
    rf"\b(?:(?P<rank>second|third|fourth|2nd|3rd)[ -])?(?P<word>{_ENDS})\b(?: (?P<adjective>expensive|affordable"
    r"|costly|profitable|pricey|popular))?",
    re.IGNORECASE,
)
_NOT_RANKING = re.compile(
    r"^(?:most|least|best|top|worst) (?:of|recent|likely|important|importantly|people|teams? (?:who|that)|practices?|"
    r"\d+|three|five|ten|two|four|six|seven|eight|nine|notes?|to)\b",
    re.IGNORECASE,
)
_AT = re.compile(r"\b(?:at(?: the(?: very)?)?|one of the|among the|some of the|for the|in the|on)\s*$", re.IGNORECASE)
_ONE_OF = re.compile(r"\b(?:at|one of the|among the|amongst the|some of the|two|three|both)\s*$", re.IGNORECASE)
_PART = re.compile(
    r"\b(?:of the (?:two|three|four|other|larger|smaller|big)|after|besides|apart from|other than|except|excluding"
    r"|behind|next to|without|outside|(?:among|of) (?:those|these|the (?:larger|smaller|others?)))\b",
    re.IGNORECASE,
)
_COPULA = re.compile(r"^(?:[’']s?)?\s*(?:\([^)]*\)\s*)?(?:\w+ ){0,3}?(?:the |by far |its |our )*$", re.IGNORECASE)
_THEN_NAME = re.compile(
    r"^(?:[^.;,:(–—]{0,45}?)(?: is| was|,|:| –| —| \(| at| from| belongs to| goes to| has| comes from)?\s*$"
)
_VAGUE = frozenset({"best", "worst", "top", "leads", "leader"})
"""Words that are an opinion unless a measure is named."""
_RANKS = {"second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4}
_ADJECTIVES = {"expensive": ("price", 1), "costly": ("price", 1), "pricey": ("price", 1), "affordable": ("price", -1),
               "profitable": ("profit", 1)}  # fmt: skip


class _Asked(NamedTuple):
    """What a superlative asks for: which end of which measures, and which rank from there."""

    start: int
    words: str
    end: int
    concepts: tuple[str, ...]
    rank: int = 1
    either: bool = False


def rankings(sentence: Sentence, facts: Facts, cited: Sequence[MeasuredFact]) -> list[Judged]:
    """Returns each superlative and comparison; the ones that no finding can settle have no findings."""
    return [*_superlatives(sentence, facts, cited), *_comparisons(sentence, facts)]


def _superlatives(sentence: Sentence, facts: Facts, cited: Sequence[MeasuredFact]) -> Iterator[Judged]:
    for asked in _asked(sentence):
        groups = _groups(asked, facts, sentence, cited)
        if not groups:
            yield Judged(sentence.start + asked.start, asked.words, ())
            continue
        who = _who(sentence, asked, facts)
        if who is None:
            yield from _by_figure(sentence, asked, groups)
            continue
        known = [g for g in groups if g.of(who)]
        if not known or _of_a_part(sentence.clause_text(asked.start), known[0]):
            yield Judged(sentence.start + asked.start, asked.words, known[0].ids if known else ())
            continue
        right = next((g for g in known if who in _at_end(g, asked)), None)
        if right:
            yield Judged(
                sentence.start + asked.start, asked.words, right.ids, f"{asked.words.lower()} of {len(right.facts)}"
            )
            continue
        group = known[0]
        best = " and ".join(_at_end(group, asked))
        fact = group.of(_at_end(group, asked)[0])
        mine = group.of(who)
        said = f"{best} ({fact.value:,g}, {fact.id}), not {who} ({mine.value:,g})" if fact and mine else best
        yield Judged(
            sentence.start + asked.start, asked.words, group.ids, f"{asked.words.lower()} of {len(group.facts)}", said
        )


def _of_a_part(clause: str, group: Group) -> bool:
    """Returns whether the clause ranks only some of a group; "of the four" is all of four."""
    match = _PART.search(clause)
    told = vocabulary.NUMBERS.get(match[0].split()[-1].lower()) if match else None
    return match is not None and told != len(group.facts)


def _asked(sentence: Sentence) -> Iterator[_Asked]:
    text = sentence.text
    for match in _SUPERLATIVE.finditer(text):
        word = match["word"].lower()
        if _NOT_RANKING.match(text[match.start("word") :]) or _ONE_OF.search(text[: match.start()]):
            continue
        rank = _RANKS.get((match["rank"] or "").lower(), 1)
        if adjective := (match["adjective"] or "").lower():
            concept, sign = _ADJECTIVES.get(adjective, ("", 0))
            if word in ("most", "least") and concept:
                end = sign if word == "most" else -sign
                yield _Asked(match.start(), match[0], end, (concept,), rank)
            continue
        if word in vocabulary.OWN_MEASURE:
            end, concept = vocabulary.OWN_MEASURE[word]
            if word in ("fastest", "slowest", "quickest") and "growth" not in vocabulary.concepts(
                _near(sentence, match)
            ):
                continue
            yield _Asked(match.start(), match[0], end, (concept,), rank)
            continue
        end = vocabulary.MOST[word]
        concepts, vague = _measure_near(sentence, match), word in _VAGUE
        if word in ("leads", "leader", "top") and not concepts:
            continue
        if vague and not concepts:
            yield _Asked(match.start(), match[0], 0, (), rank)
            continue
        either = vague and not {"rating", "growth", "revenue", "customers", "profit", "margin"} & {*concepts}
        if "founded" in concepts and word in ("most",):
            continue
        sizes = vocabulary.SIZES if word in ("largest", "biggest", "smallest") else ()
        yield _Asked(match.start(), match[0], end, concepts or sizes, rank, either)


def _near(sentence: Sentence, match: re.Match[str]) -> str:
    begin, end = sentence.clause(match.start())
    return sentence.text[max(begin, match.start() - 30) : min(end, match.end() + 30)]


def _measure_near(sentence: Sentence, match: re.Match[str]) -> tuple[str, ...]:
    """Returns the measure named right after the superlative, else the one nearest before it in the clause."""
    begin, end = sentence.clause(match.start())
    after = sentence.text[match.end() : end]
    first = re.split(r"[,;(]|\b(?:and|with|at|while)\b", after)[0]
    nearest_first = vocabulary.words(" ".join(sentence.text[begin : match.start()].split()[-4:]))[::-1]
    for words in (vocabulary.words(" ".join(first.split()[:5])), nearest_first):
        named = [c for w in words if (c := next(iter(vocabulary.concepts(w)), ""))]
        if named:
            return (named[0],)
    return ()


def _groups(asked: _Asked, facts: Facts, sentence: Sentence, cited: Sequence[MeasuredFact]) -> list[Group]:
    usable = [g for g in facts.groups if len(g.facts) > 1 and asked.end]
    if found := [g for c in asked.concepts for g in usable if c in g.concepts]:
        return found
    # A measure that isn't in the vocabulary, such as latency: its own words follow, or all that is cited is about it.
    words = set(vocabulary.words(sentence.text[asked.start : sentence.clause(asked.start)[1]])[:5])
    named = [g for g in usable if not g.concepts and {w for w in g.facts[0].tokens if len(w) > 2} & words]
    mine = list(dict.fromkeys(facts.group_of(f) for f in cited))
    return named or ([g for g in mine if g in usable] if len(mine) == 1 else [])


def _at_end(group: Group, asked: _Asked) -> list[str]:
    """Returns the subjects at the asked rank; several if they tie."""
    values = sorted(set(group.values), reverse=asked.end > 0)
    wanted = {values[asked.rank - 1]} if len(values) >= asked.rank else set[float]()
    if asked.either:
        wanted = {values[0], values[-1]}
    return [f.subject for f in group.facts if f.value in wanted]


def _who(sentence: Sentence, asked: _Asked, facts: Facts) -> str | None:
    """Returns the subject that is said to be it: linked before it, else named right after it, else nearest before."""
    begin, _ = sentence.clause(asked.start)
    before = names_in(sentence, facts, begin, asked.start)
    after = [(at, n) for at, n in names_in(sentence, facts) if at >= asked.start + len(asked.words)]
    if before:
        at, name = before[-1]
        gap = sentence.text[at + len(name) : asked.start]
        if "," not in gap and not re.search(r"\b(?:than|by|with|against|to)\s*$", sentence.text[begin:at]):
            return name
    if after:
        at, name = after[0]
        gap = sentence.text[asked.start + len(asked.words) : at]
        if _THEN_NAME.match(gap):
            return name
    if before:
        return before[-1][1]
    earlier = names_in(sentence, facts, 0, begin)
    return earlier[-1][1] if earlier and begin else None


def _by_figure(sentence: Sentence, asked: _Asked, groups: Sequence[Group]) -> Iterator[Judged]:
    """Judges "the cheapest plan costs $29", which names nobody, by the figure that follows."""
    figures = [f for f in sentence.figures if 0 <= f.start - asked.start < 60]
    if not figures or len(groups) != 1:
        if not _PART.search(sentence.text):
            yield Judged(
                sentence.start + asked.start,
                asked.words,
                groups[0].ids,
                f"{asked.words.lower()} of {len(groups[0].facts)}",
            )
        return
    (group,), figure = groups, figures[0].figure
    values = sorted(group.values, reverse=asked.end > 0)
    value = values[min(asked.rank, len(values)) - 1]
    wrong = not shows(figure, value, loose=True) and any(shows(figure, v, loose=True) for v in values)
    right = (
        f"{value:,g}, the {asked.words.lower()} of {len(values)}" if wrong and not _PART.search(sentence.text) else ""
    )
    yield Judged(sentence.start + asked.start, asked.words, group.ids, f"{asked.words.lower()} of {len(values)}", right)


_COMPARATIVES: dict[str, tuple[int, str]] = {
    "cheaper": (-1, "price"), "dearer": (1, "price"), "pricier": (1, "price"), "costlier": (1, "price"),
    "more expensive": (1, "price"), "less expensive": (-1, "price"), "older": (-1, "founded"),
    "younger": (1, "founded"), "newer": (1, "founded"), "faster": (1, "growth"), "slower": (-1, "growth"),
    "larger": (1, ""), "bigger": (1, ""), "smaller": (-1, ""), "more": (1, "?"), "fewer": (-1, "?"), "less": (-1, "?"),
    "higher": (1, "?"), "lower": (-1, "?"),
}  # fmt: skip
_COMPARISON = re.compile(
    rf"\b(?P<word>{'|'.join(sorted(_COMPARATIVES, key=len, reverse=True))})\b(?P<what>[^.;,]{{0,40}}?)\bthan\b",
    re.IGNORECASE,
)


def _comparisons(sentence: Sentence, facts: Facts) -> Iterator[Judged]:
    """Judges "A is cheaper than B" for two that are named."""
    for match in _COMPARISON.finditer(sentence.text):
        begin, end = sentence.clause(match.start())
        before, after = names_in(sentence, facts, begin, match.start()), names_in(sentence, facts, match.end(), end)
        if (
            len(before) != 1
            or not after
            or sentence.text[match.end() : after[0][0]].strip(" ‘“’'") not in ("", "the", "at", "that of")
        ):
            continue
        sign, concept = _COMPARATIVES[match["word"].lower()]
        if re.search(r"\b(?:not|no|isn[’']t|rather|nor|never)\b", sentence.text[before[0][0] : match.end()]):
            continue
        concepts = (
            {concept}
            if concept not in ("", "?")
            else vocabulary.concepts(
                match["what"] if match["what"].strip() else sentence.text[before[0][0] : match.start()]
            )
        )
        if concept == "" and not concepts:
            concepts = set(vocabulary.SIZES)
        elif concept in ("faster", "slower") and "growth" not in vocabulary.concepts(sentence.text):
            continue
        a, b = before[0][1], after[0][1]
        pairs = [(x, y) for g in facts.groups if g.concepts & concepts and (x := g.of(a)) and (y := g.of(b))]
        if not pairs or a == b:
            continue
        ok = [p for p in pairs if (p[0].value - p[1].value) * sign > 0]
        x, y = ok[0] if ok else pairs[0]
        right = "" if ok else f"the other way: {a} has {x.value:,g} ({x.id}), {b} {y.value:,g} ({y.id})"
        yield Judged(sentence.start + match.start(), match["word"], ids(_both(x, y)), "compared", right)


def _both(a: MeasuredFact, b: MeasuredFact) -> tuple[MeasuredFact, MeasuredFact]:
    return a, b
