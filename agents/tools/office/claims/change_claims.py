"""Recomputes changes, differences, multiples and shares that a sentence states. Pure."""

import re
from collections.abc import Iterable, Sequence

from agents.tools.office.claims.claim import Judged, ids, number
from agents.tools.office.claims.compare_rounded_figure import shows
from agents.tools.office.claims.figures_in_text import Figure
from agents.tools.office.claims.group_findings import Facts, Group, MeasuredFact
from agents.tools.office.claims.sentences import PlacedFigure, Sentence, names_in

_CHANGE = re.compile(
    r"\b(?:grew|grown|rose|risen|rises?|increased?|gained?|climbed|up|jumped|fell|fallen|falls?|declined?|decreased?"
    r"|dropped|drops?|lost|down|shrank|shrunk|improved|higher|lower|more|less|rise|increase|gain|drop|growth|change)\b",
    re.IGNORECASE,
)
_FROM_TO = re.compile(r"\bfrom\b(?P<a>.*?)\bto\b|(?P<b>)\bbetween\b", re.IGNORECASE)
_POINTS = re.compile(r"^\s?(?:percentage |per cent |%)?[\s-]?(?:points?|pp|pts?)\b", re.IGNORECASE)
_DIFFERENCE = re.compile(
    r"^\s*(?:\w+ ){0,4}?(?:more|less|cheaper|dearer|higher|lower|fewer|below|above|apart|difference|gap|ahead"
    r"|behind)\b",
    re.IGNORECASE,
)
_DIFFERENCE_BEFORE = re.compile(r"\b(?:difference|gap|by|exceeds?|undercuts?)\b(?P<gap>[^.;]{0,30})$", re.IGNORECASE)
_TIMES = re.compile(r"^\s?(?:times|x\b|×|-?fold)", re.IGNORECASE)
_TIMES_BEFORE = re.compile(r"\bfactor of\s*(?:about |around |roughly |nearly )?$", re.IGNORECASE)
_WHOLE = re.compile(r"^\s*of\b", re.IGNORECASE)
_SHARE = re.compile(r"^\s*of (?:all|the|their|total|our|combined|its)\b", re.IGNORECASE)


def changes(sentence: Sentence, facts: Facts, cited: Sequence[MeasuredFact]) -> list[Judged]:
    """Returns the figures that compare two others, with what is right where they are wrong."""
    found: list[Judged] = []
    for one in sentence.figures:
        claim = (
            _points_or_percent(sentence, one, facts, cited)
            or _difference(sentence, one, facts, cited)
            or _multiple(sentence, one, facts, cited)
            or _share(sentence, one, facts, cited)
        )
        if claim is not None:
            found.append(claim)
    return found


def _points_or_percent(
    sentence: Sentence, one: PlacedFigure, facts: Facts, cited: Sequence[MeasuredFact]
) -> Judged | None:
    """Judges a change in percent or points against the two values, told in the sentence or cited."""
    points = bool(_POINTS.match(sentence.text[one.end :]))
    percent = _percent(one.figure) and not points
    if not (points or percent):
        return None
    pair = _told_pair(sentence, one) or _cited_pair(facts, cited, one)
    if pair is None or not _CHANGE.search(sentence.text):
        return None
    (a, b, both), behind = pair
    rest = behind or [f for f in (*cited, *facts.all) if f.value in (a, b)]
    difference, relative = b - a, (b - a) / abs(a) * 100 if a else 0.0
    wanted = difference if points else relative
    if _is(one.figure, wanted):
        return Judged(sentence.start + one.start, one.figure.words, ids(rest), "change between the two values")
    if behind and not _is(one.figure, difference if percent else relative):
        return None  # it may be a change of something else
    if percent and not both and not _told_pair(sentence, one):
        return None
    right = f"{number(abs(relative))}%" + (f" or {number(abs(difference))} percentage points" if both else "")
    return Judged(sentence.start + one.start, one.figure.words, ids(rest), "change between the two values", right)


def _told_pair(sentence: Sentence, one: PlacedFigure) -> tuple[tuple[float, float, bool], list[MeasuredFact]] | None:
    """Returns the values of "from A to B" in the figure's sentence; `both`: they are percentages."""
    match = _FROM_TO.search(sentence.text)
    if match is None or match["a"] is None:
        return None
    first = [f for f in sentence.figures if match.start() <= f.start < match.end() and not f.figure.year]
    second = [f for f in sentence.figures if f.start >= match.end() and not f.figure.year][:1]
    if len(first) != 1 or not second or one in (first[0], second[0]):
        return None
    a, b = first[0].figure, second[0].figure
    if sentence.text[first[0].end : match.end()].count(" ") > 6 or b.unit == a.unit:
        return None
    if sentence.clause(one.start) != sentence.clause(match.start()) or _WHOLE.match(sentence.text[one.end :]):
        return None
    return (a.unit, b.unit, _percent(b)), []


def _cited_pair(
    facts: Facts, cited: Sequence[MeasuredFact], one: PlacedFigure
) -> tuple[tuple[float, float, bool], list[MeasuredFact]] | None:
    """Returns the values of one measure at two times, if exactly these are cited."""
    pairs = [(a, b) for a in cited for b in cited if a.years and b.years and max(a.years) < max(b.years)]
    pairs = [(a, b) for a, b in pairs if a.subject == b.subject and _timeless(a) == _timeless(b)]
    if len(pairs) != 1 or len(cited) > 3:
        return None
    (a, b) = pairs[0]
    scale = 100.0 if a.percent and b.percent and max(abs(a.value), abs(b.value)) <= 1 else 1.0
    return (a.value * scale, b.value * scale, a.percent and b.percent), [a, b]


def _timeless(fact: MeasuredFact) -> frozenset[str]:
    return frozenset(t for t in fact.tokens if not t.isdigit())


def _difference(sentence: Sentence, one: PlacedFigure, facts: Facts, cited: Sequence[MeasuredFact]) -> Judged | None:
    """Judges "$10 more than" and "24 % cheaper than" between two that are named."""
    after, before = sentence.after(one), sentence.before(one)
    if not (_DIFFERENCE.match(after) or _DIFFERENCE_BEFORE.search(before)) or one.figure.year:
        return None
    two = _two(sentence, one, facts, cited)
    if two is None or not (
        than := re.search(
            r"\bthan\b|\bundercuts?\b|\bbetween\b|\babove\b|\bbelow\b|\bapart\b|\bexceeds?\b", sentence.text
        )
    ):
        return None
    a, b = two
    if any(shows(one.figure, f.value) for f in (a, b)) and not than:
        return None
    if _percent(one.figure):
        # The base is what comes after "than"; where the order isn't plain, either may be meant.
        wanted = [abs(a.value - b.value) / abs(base.value) * 100 for base in (b, a) if base.value]
        wanted = wanted[:1] if re.search(r"\b(?:than|below|above)\b", sentence.text) else wanted
    else:
        wanted = [abs(a.value - b.value)]
    ok = any(_is(one.figure, w) for w in wanted)
    right = (
        "" if ok or not wanted else f"{number(wanted[0], one.figure.words)}, the difference between {a.id} and {b.id}"
    )
    return Judged(sentence.start + one.start, one.figure.words, (a.id, b.id), "difference between the two", right)


def _multiple(sentence: Sentence, one: PlacedFigure, facts: Facts, cited: Sequence[MeasuredFact]) -> Judged | None:
    if not (_TIMES.match(sentence.text[one.end :]) or _TIMES_BEFORE.search(sentence.text[: one.start])):
        return None
    two = _two(sentence, one, facts, cited)
    if two is None or not two[0].value or not two[1].value:
        return None
    ratios = [two[0].value / two[1].value, two[1].value / two[0].value]
    ok = any(_is(one.figure, r) for r in ratios)
    right = "" if ok else f"{max(ratios):.1f}, from {two[0].id} and {two[1].id}"
    return Judged(sentence.start + one.start, one.figure.words, ids(two), "one divided by the other", right)


def _share(sentence: Sentence, one: PlacedFigure, facts: Facts, cited: Sequence[MeasuredFact]) -> Judged | None:
    """Judges "58 % of all customers" for those that the sentence names before it."""
    if not _percent(one.figure) or not (match := _SHARE.match(sentence.text[one.end :])):
        return None
    groups = facts.about(sentence.text[one.end + match.end() : sentence.clause(one.start)[1]]) or facts.about(
        sentence.text
    )
    names = [n for at, n in names_in(sentence, facts) if at < one.start] or [n for _, n in names_in(sentence, facts)]
    if any(shows(one.figure, f.value) for f in cited if f.percent):
        return None
    for group in groups if len(groups) == 1 else ():
        part = [f for f in group.facts if f.subject in names]
        if not part or not (whole := sum(group.values)) or len(group.facts) < 2:
            continue
        share = sum(f.value for f in part) / whole * 100
        right = "" if _is(one.figure, share) else f"{number(share)}% of the {number(whole)} of all {len(group.facts)}"
        return Judged(sentence.start + one.start, one.figure.words, group.ids, f"share of {len(group.facts)}", right)
    return None


def _two(
    sentence: Sentence, one: PlacedFigure, facts: Facts, cited: Sequence[MeasuredFact]
) -> tuple[MeasuredFact, MeasuredFact] | None:
    """Returns the two facts that a sentence compares: of the two subjects named nearest, in the measure it is about."""
    names = list(dict.fromkeys(n for _, n in names_in(sentence, facts, *sentence.clause(one.start))))
    if len(names) != 2:
        names = list(dict.fromkeys(n for _, n in names_in(sentence, facts)))
    if len(names) != 2:
        return None
    mine = [facts.group_of(f) for f in cited]
    groups = facts.about(sentence.clause_text(one.start)) or facts.about(sentence.text)
    groups = [g for g in groups if g in mine] or groups or list(dict.fromkeys(mine))
    both = [(a, b) for g in _once(groups) if (a := g.of(names[0])) and (b := g.of(names[1]))]
    return both[0] if len(both) == 1 else None


def _once(groups: Iterable[Group]) -> list[Group]:
    return list(dict.fromkeys(groups))


def _percent(figure: Figure) -> bool:
    return "%" in figure.words or "cent" in figure.words.lower()


def _is(figure: Figure, value: float) -> bool:
    return abs(abs(figure.unit if not _percent(figure) else figure.value) - abs(value)) <= figure.step / 2 + 1e-9
