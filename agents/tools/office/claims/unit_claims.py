"""Compares a figure's currency, unit, period, sign and noun with those of the finding it shows. Pure."""

import math
import re
from collections.abc import Callable, Sequence
from itertools import combinations

from agents.tools.office.claims import vocabulary
from agents.tools.office.claims.claim import Judged
from agents.tools.office.claims.compare_rounded_figure import rounded, shows
from agents.tools.office.claims.figures_in_text import counted
from agents.tools.office.claims.group_findings import Facts, MeasuredFact
from agents.tools.office.claims.misattributed_figures import BESIDE, BETWEEN, LISTED
from agents.tools.office.claims.sentences import PlacedFigure, Sentence, names_in
from orchestrator.domain.deliverables import AS_FOUND

_CODE = re.compile(r"^\s?(?P<code>USD|EUR|GBP|JPY|CHF|INR|dollars?|euros?|yen)\b")
_CODE_BEFORE = re.compile(r"\b(?P<code>US\$|USD|EUR|GBP|JPY|CHF|INR)\s?$")
_UNIT = re.compile(r"^(?P<gap>[\s-]?)(?P<unit>[A-Za-z]+)\b")
_NOUN = re.compile(r"^\s(?:[a-z]+ )?(?P<noun>[a-z]+)\b")
_COUNTED_NOUNS = frozenset({"customers", "clients", "users", "subscribers", "employees", "staff", "people"})
_YEAR = re.compile(r"\b(?:19|20)\d\d\b|\bQ[1-4]\b")
_DOWN = re.compile(
    r"\b(?:fell|fall|falls|falling|dropped|declined?|decreased?|shrank|shrinks|shrinking|lost|loses|losing|loss|down"
    r"|contracted|negative|minus|decline|drop)\b",
    re.IGNORECASE,
)
_UP = re.compile(
    r"\b(?:grew|grows?|growing|rose|rises?|increased?|gained?|gains|up|expanded|climbed|profit of|earned|made)\b",
    re.IGNORECASE,
)
_LEVEL = re.compile(r"\b(?:to|from|at)\s*$", re.IGNORECASE)
_SIGNED = re.compile(r"growth|change|profit|loss|result|balance|\bnet\b|cash|return|delta", re.IGNORECASE)

_MANY, _MOST_COUNTS = 100_000, 6

_Look = Callable[[Sentence, PlacedFigure, MeasuredFact], str]


def units(sentence: Sentence, facts: Facts, cited: Sequence[MeasuredFact]) -> list[Judged]:
    """Returns the figures that show a finding, each with that finding, or with what is wrong about it."""
    found: list[Judged] = []
    for one in sentence.figures:
        if counted(one.figure) and "%" not in sentence.text[one.end : one.end + 1]:
            cands = [f for f in cited if shows(one.figure, f.value, loose=True)]
        else:
            cands = _candidates(sentence, one, facts, cited)
        if not cands:
            if fact := _multiplied(sentence, one, facts, cited):
                found.append(
                    Judged(sentence.start + one.start, one.figure.words, (fact.id,), "times the counts beside it")
                )
            continue
        off = [
            (f, _off(sentence, one, f) or _noun(sentence, one, f, facts) or _of_another(sentence, one, f, facts))
            for f in cands
        ]
        good = [f for f, words in off if not words]
        start = sentence.start + one.start
        if good:
            best = _nearest(sentence, one, facts, good)
            found.append(Judged(start, one.figure.words, (best.id,), AS_FOUND))
        else:
            best = _nearest(sentence, one, facts, [f for f, _ in off])
            words = next(words for f, words in off if f is best)
            found.append(Judged(start, one.figure.words, (best.id,), AS_FOUND, words))
    return found


def _candidates(
    sentence: Sentence, one: PlacedFigure, facts: Facts, cited: Sequence[MeasuredFact]
) -> list[MeasuredFact]:
    """Returns the cited facts with this figure, else those of the subjects that the sentence names."""
    if mine := [f for f in cited if _same(sentence, one, f)]:
        return mine
    if one.figure.year:
        return []
    names = {n for _, n in names_in(sentence, facts)}
    groups = {g.measure for g in map(facts.group_of, cited)}
    named = [f for f in facts.all if f.subject in names and _same(sentence, one, f)]
    exact = [f for f in facts.all if facts.group_of(f).measure in groups and shows(one.figure, f.value, loose=True)]
    return named or exact


def _multiplied(
    sentence: Sentence, one: PlacedFigure, facts: Facts, cited: Sequence[MeasuredFact]
) -> MeasuredFact | None:
    """Returns the cited fact that gives the figure when multiplied by counts in the sentence, as in "for 5 seats"."""
    told = [float(vocabulary.NUMBERS[w]) for w in vocabulary.words(sentence.text) if w in vocabulary.NUMBERS]
    told += [
        f.figure.value for f in sentence.figures if f.figure.bare and f.start != one.start and f.figure.value < _MANY
    ]
    yearly = (
        {12.0}
        if "year" in vocabulary.periods(sentence.text) and any("month" in f.periods for f in cited)
        else set[float]()
    )
    told += [*yearly]
    products = {math.prod(some) for n in (1, 2) for some in combinations(told[:_MOST_COUNTS], n)} - {1.0}
    groups = {g.measure for g in map(facts.group_of, cited)}
    near = [*cited, *(f for f in facts.all if facts.group_of(f).measure in groups)]
    return next((f for f in near for p in products if f.value and shows(one.figure, f.value * p)), None)


def _of_another(sentence: Sentence, one: PlacedFigure, fact: MeasuredFact, facts: Facts) -> str:
    """Returns what is right if the figure is told of a subject that has another one of its own."""
    name = _linked(sentence, one, facts)
    if not name or not fact.subject or name == fact.subject:
        return ""
    mine = facts.group_of(fact).of(name)
    if mine is None or _same(sentence, one, mine):
        return ""
    return f"{mine.value:,g} for {name} ({mine.id}); {fact.id} is about {fact.subject}"


def _linked(sentence: Sentence, one: PlacedFigure, facts: Facts) -> str:
    """Returns the subject that a figure is plainly told of: `NAME costs FIGURE` and `FIGURE (NAME)`."""
    text = sentence.text
    if beside := BESIDE.match(text, one.end):
        names = facts.subjects_in(beside["name"])
        return names[0][1] if len(names) == 1 and names[0][1].casefold() == beside["name"].strip().casefold() else ""
    before = names_in(sentence, facts, 0, one.start)
    if not before:
        return ""
    at, name = before[-1]
    if LISTED.search(text[:at]) and not re.search(r", $", text[:at]):
        return ""
    return name if BETWEEN.fullmatch(text[at + len(name) : one.start] or " ") else ""


def _same(sentence: Sentence, one: PlacedFigure, fact: MeasuredFact) -> bool:
    return shows(one.figure, fact.value, loose=True) or rounded(sentence.before(one), one.figure, fact.value)


def _nearest(sentence: Sentence, one: PlacedFigure, facts: Facts, among: Sequence[MeasuredFact]) -> MeasuredFact:
    """Returns the fact of the subject named nearest to the figure; the first if none is named."""
    names = sorted(names_in(sentence, facts), key=lambda it: abs(it[0] - one.start))
    order = {n: k for k, (_, n) in reversed([*enumerate(names)])}
    about = vocabulary.concepts(sentence.clause_text(one.start))
    return min(among, key=lambda f: (not (f.concepts & about), order.get(f.subject, 99)))


def _off(sentence: Sentence, one: PlacedFigure, fact: MeasuredFact) -> str:
    """Returns what is wrong about the figure as this fact, in words; empty if nothing is."""
    return next((words for look in _LOOKS if (words := look(sentence, one, fact))), "")


def _currency(sentence: Sentence, one: PlacedFigure, fact: MeasuredFact) -> str:
    after, before = sentence.text[one.end : one.end + 10], sentence.text[max(0, one.start - 5) : one.start]
    signs = "".join(c for c in one.figure.words if c in "$€£¥₹")
    told = vocabulary.currencies(signs)
    codes = [m["code"] for m in (_CODE.match(after), _CODE_BEFORE.search(before)) if m]
    told = told.union(*map(vocabulary.currencies, codes))
    if not told:
        return ""
    if fact.currencies and not told & fact.currencies:
        return f"in {' or '.join(sorted(fact.currencies))}"
    if not fact.currencies and fact.percent:
        return f"{fact.value:g}%, not an amount of money"
    return ""


def _percent(sentence: Sentence, one: PlacedFigure, fact: MeasuredFact) -> str:
    percent = "%" in one.figure.words or "cent" in one.figure.words.lower()
    if percent and not fact.percent and fact.currencies and abs(fact.value) > 1:
        return f"an amount of money ({'/'.join(sorted(fact.currencies))}), not percent"
    return ""


def _unit(sentence: Sentence, one: PlacedFigure, fact: MeasuredFact) -> str:
    scaled = re.search(r"[A-Za-z]+$", one.figure.words)
    if scaled and (scale := vocabulary.unit(scaled[0])):
        step = one.figure.step * one.figure.unit / (one.figure.value or 1)
        if _exactly(one.figure.unit, fact.value, step) or rounded(sentence.before(one), one.figure, fact.value):
            return ""
        known = {u for w in re.findall(r"[A-Za-z]+", fact.said) if vocabulary.KIND_OF.get(u := _scale(w)) == "scale"}
        return "" if scale in known else f"{fact.value:,g}{' ' + ' or '.join(sorted(known)) if known else ''}"
    match = _UNIT.match(sentence.text[one.end :])
    told = vocabulary.unit(match["unit"]) if match else ""
    kind = vocabulary.KIND_OF.get(told, "")
    if not match or not told or kind == "scale" or (len(match["unit"]) < 2 and match["gap"] != ""):
        return ""
    known = _units_of(fact, kind)
    return (
        f"in {' or '.join(sorted(known))}s".replace("Bs", "B").replace("hs", "h") if known and told not in known else ""
    )


def _scale(word: str) -> str:
    return (
        word.lower()
        if word.lower() in vocabulary.UNITS["scale"]
        else vocabulary.unit(word)
        if word in ("bn", "mn")
        else ""
    )


def _units_of(fact: MeasuredFact, kind: str) -> set[str]:
    """Returns the units of one kind that the finding names beside a number or in its measure."""
    beside = re.findall(r"\d[\s-]?([A-Za-z]+)\b", fact.said)
    said = [*beside, *re.findall(r"[A-Za-z]{2,}", fact.measure)]
    return {u for w in said if vocabulary.KIND_OF.get(u := vocabulary.unit(w), "") == kind}


def _exactly(shown: float, value: float, step: float) -> bool:
    return abs(abs(shown) - abs(value)) <= step / 2 + 1e-9


def _noun(sentence: Sentence, one: PlacedFigure, fact: MeasuredFact, facts: Facts) -> str:
    """Returns what is wrong if the noun after the figure names another measure, which the subject has too."""
    match = re.match(r"^\s(?P<words>(?:[a-z]+ ){0,1}[a-z]+)", sentence.text[one.end :])
    words = match["words"].split() if match else []
    noun = next((w for w in words if w in _COUNTED_NOUNS), "")
    if not noun or not fact.concepts:
        return ""
    if noun in fact.said.lower() or vocabulary.concepts(noun) & (fact.concepts | vocabulary.concepts(fact.said)):
        return ""
    other = next((f for f in facts.all if f.subject == fact.subject and vocabulary.concepts(noun) & f.concepts), None)
    return f"{other.value:,g} {noun} ({other.id}); {fact.id} is “{fact.measure}”" if other is not None else ""


def _period(sentence: Sentence, one: PlacedFigure, fact: MeasuredFact) -> str:
    told = vocabulary.periods(sentence.after(one).split(",")[0])
    if not told:
        word = re.search(
            r"\b(?:daily|weekly|monthly|quarterly|annual|yearly)\b[^.,;]{0,25}$", sentence.before(one), re.IGNORECASE
        )
        told = vocabulary.periods(word[0]) if word else set[str]()
    if told and fact.periods and not told & fact.periods:
        return f"per {' or '.join(sorted(fact.periods))}"
    return ""


def _year(sentence: Sentence, one: PlacedFigure, fact: MeasuredFact) -> str:
    if one.figure.year or 1900 <= fact.value <= 2100:
        return ""
    known = set(_YEAR.findall(fact.said))
    after = re.match(
        r"^[^,;.]{0,25}?\b(?:in|for|during|of|FY)?\s?\(?(?P<when>(?:19|20)\d\d|Q[1-4](?: (?:19|20)\d\d)?)\b",
        sentence.text[one.end :],
    )
    head = re.match(r"^\W*(?:In|For|During|By) (?P<when>(?:19|20)\d\d|Q[1-4](?: (?:19|20)\d\d)?)\b", sentence.text)
    near = after or (
        head if len(_YEAR.findall(sentence.text)) == len(_YEAR.findall(head["when"] if head else "")) else None
    )
    if near is None:
        return ""
    for pattern in (r"\b(?:19|20)\d\d\b", r"\bQ[1-4]\b"):
        told, has = set(re.findall(pattern, near["when"])), {k for k in known if re.fullmatch(pattern, k)}
        if told and has and not told & has:
            return f"of {' or '.join(sorted(has))}"
    return ""


def _sign(sentence: Sentence, one: PlacedFigure, fact: MeasuredFact) -> str:
    if not fact.value or not _SIGNED.search(fact.measure):
        return ""
    before = sentence.before(one)
    text = f"{before} {sentence.after(one, 20)}"
    if _LEVEL.search(before) and not one.figure.value < 0:
        return ""
    down, up = _DOWN.search(text), _UP.search(text)
    negative = one.figure.value < 0 or (down is not None and up is None)
    if negative == (fact.value < 0):
        return ""
    loss = re.search(r"loss|decline|decrease|drop", fact.measure, re.IGNORECASE)
    return "" if loss else f"{fact.value:,g}"


_LOOKS: tuple[_Look, ...] = (_currency, _percent, _unit, _period, _year, _sign)
