"""Checks words that count: how many are compared, and of how many a statement holds. Pure."""

import operator
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from agents.tools.office.claims import vocabulary
from agents.tools.office.claims.claim import Judged
from agents.tools.office.claims.figures_in_text import figures
from agents.tools.office.claims.group_findings import Facts, Group, MeasuredFact
from agents.tools.office.claims.sentences import Sentence, names_in
from orchestrator.domain.ids import FindingId

_SMALL = "|".join(list(vocabulary.NUMBERS)[:10])
_COUNT = rf"(?P<count>{'|'.join(vocabulary.NUMBERS)}|\d{{1,2}})"
_NOUN = (
    r"(?P<noun>(?:[a-z-]+ ){0,2}?(?:competitors?|companies|company|vendors?|firms?|providers?|suppliers?|rivals?"
    r"|players?|businesses|products?|tools?|services|brands?|makers?|banks?|stores?|countries|regions?|cities|sellers?|offers?"
    r"|hotels?|restaurants?|schools?|universities|airlines?|insurers?|agencies|apps?|platforms?|models?|laptops?|phones?"
    r"|cars?|funds?|papers?|studies|sites?|candidates?|applicants?))\b"
)
_ANY_NOUN = r"(?P<noun>(?:[a-z-]+ ){0,1}?[a-z]{3,}(?:s|men|people))\b"
_OTHER_THINGS = frozenset(
    {"times", "points", "years", "months", "weeks", "days", "hours", "minutes", "nights", "findings", "sources",
     "figures", "columns", "rows", "steps", "percent", "seats", "prices", "costs", "was", "has", "is", "this",
     "charges", "grows"}
)  # fmt: skip
_ALL = re.compile(
    rf"\b(?P<lead>all|the|these|our|across|of|of the|of all|compares?|compared|covers?|covered|researched|reviewed|read"
    rf"|looked at|visited|tested|checked|surveyed|considered|evaluated|contacted|among"
    rf"|analy[sz]ed|studied|examined|shows?|lists?|includes?|between|on) {_COUNT} {_NOUN}",
    re.IGNORECASE,
)
_HEAD = re.compile(
    rf"^(?:\W*){_COUNT} {_NOUN}(?=\s*(?:at a glance|compared|side by side|(?:were|are|have been) (?:compared|listed"
    r"|covered|shown|reviewed|researched|read)|in (?:this|the|our) |in comparison|under review|[,:(]|\.?$))",
    re.IGNORECASE,
)
_BOTH = re.compile(rf"\b(?P<count>both) (?:of (?:the|these) )?{_NOUN}", re.IGNORECASE)
_PART = re.compile(
    r"\b(?:top|first|last|other|least|than|under|about|around|up to|another|next|remaining|nearly|some)\s*$", re.I
)
_SOME = re.compile(r"\s*(?:under|over|above|below|with|without|that|which|who|whose|offering|charging|having)\b")
_WITH_CONDITION = re.compile(
    rf"\b(?P<count>all|every|none|no|most|half|both|each|{_SMALL}|\d{{1,2}})(?: (?:of|of the|of these|of our|the))?"
    rf"(?: (?P<whole>{_SMALL}|\d{{1,2}}))? {_ANY_NOUN}(?P<rest>[^.;]*)",
    re.IGNORECASE,
)
_LIMITS: Mapping[str, Callable[[float, float], bool]] = {
    "more than": operator.gt, "over": operator.gt, "above": operator.gt, "at least": operator.ge,
    "less than": operator.lt, "fewer than": operator.lt, "under": operator.lt, "below": operator.lt,
    "at most": operator.le,
}  # fmt: skip
_LIMIT = re.compile(rf"\b(?P<how>{'|'.join(_LIMITS)})\s*$", re.IGNORECASE)
_ONLY = re.compile(r"\b(?:Only|only|just) ")
_UP, _DOWN = (
    re.compile(r"\b(?:grew|are growing|grow|grows|gained|rose)\b"),
    re.compile(r"\b(?:shrank|shrink|shrinks|lost|fell|declined)\b"),
)


def counts(
    sentence: Sentence, facts: Facts, cited: Sequence[MeasuredFact], *, rows: Collection[int], named: Collection[str]
) -> list[Judged]:
    """Returns the counts that can be checked. `rows`: how many rows tables have; `named`: subjects the text names."""
    found = [*_conditions(sentence, facts, cited), *_only(sentence, facts, cited)]
    taken = [(c.start, c.end) for c in found]
    plain = _plain(sentence, facts, rows, named)
    return [*found, *(c for c in plain if not any(a <= c.start < b for a, b in taken))]


def _plain(sentence: Sentence, facts: Facts, rows: Collection[int], named: Collection[str]) -> Iterator[Judged]:
    if len(facts.subjects) < 2:
        return
    seen: set[int] = set()
    for pattern in (_HEAD, _ALL, _BOTH):
        for match in pattern.finditer(sentence.text):
            at = match.start("count")
            if at in seen or _PART.search(sentence.text[:at]) or _PART.search(match["noun"].rpartition(" ")[0]):
                continue
            seen.add(at)
            if _SOME.match(sentence.text[match.end() :]):
                continue
            words = match["count"]
            count = vocabulary.NUMBERS.get(words.lower()) or int(words)
            here = {n for _, n in names_in(sentence, facts)}
            sizes = {len(g.facts) for g in facts.groups} | {len(facts.subjects), *rows}
            if count in sizes or count in (len(here), len(named)):
                yield Judged(sentence.start + at, words, _everyone(facts), f"count of {count}")
                continue
            if count < min(sizes) and (pattern is not _HEAD or count < 3):
                continue  # it may speak of some of them
            right = f"{len(facts.subjects)}: there are findings about {', '.join(facts.subjects[:8])}"
            yield Judged(sentence.start + at, words, _everyone(facts), "count", right)


def _everyone(facts: Facts) -> tuple[FindingId, ...]:
    """Returns the first finding about each subject."""
    first = {f.subject: f.id for f in reversed(facts.all) if f.subject}
    return tuple(first[s] for s in facts.subjects if s in first)


def _conditions(sentence: Sentence, facts: Facts, cited: Sequence[MeasuredFact]) -> Iterator[Judged]:
    """Judges "two of the five charge more than $45" and "all competitors grew"."""
    for match in _WITH_CONDITION.finditer(sentence.text):
        if _PART.search(sentence.text[: match.start()]) or _other(match["noun"], facts):
            continue
        if (hit := _holding(match["rest"], facts, cited)) is None:
            continue
        group, holding = hit
        holds = len(holding)
        total, word = len(group.facts), match["count"].lower()
        ok, right = _fits(word, holds, total)
        if match["whole"] and (vocabulary.NUMBERS.get(match["whole"].lower()) or int(match["whole"])) != total:
            ok, right = False, f"{holds} of {total}"
        yield Judged(
            sentence.start + match.start("count"), match["count"], group.ids, f"count over {total}", "" if ok else right
        )


def _other(noun: str, facts: Facts) -> bool:
    """Returns whether a noun is something that subjects have, such as customers, rather than the subjects."""
    last = noun.split()[-1].lower()
    return (
        last in _OTHER_THINGS or bool(vocabulary.concepts(noun)) or any(last in g.facts[0].tokens for g in facts.groups)
    )


def _holding(rest: str, facts: Facts, cited: Sequence[MeasuredFact]) -> tuple[Group, list[MeasuredFact]] | None:
    """Returns of which facts of a measure the words after the noun hold."""
    told = figures(rest.partition(":")[0])
    if len(told) == 1 and (limit := _LIMIT.search(rest[: rest.find(told[0].words)])):
        mine = list(dict.fromkeys(facts.group_of(f) for f in cited))
        groups = [g for g in facts.about(rest) or mine if len(g.facts) > 1]
        groups = [g for g in groups if g in mine] or groups
        if len(groups) != 1:
            return None
        how, value = limit["how"].lower(), told[0].unit
        group = groups[0]
        scale = told[0].unit / told[0].value if told[0].value else 1
        bound = value if max(map(abs, group.values)) * 10 >= abs(value) else value / scale
        return group, [f for f in group.facts if _LIMITS[how](f.value, bound)]
    if told:
        return None
    growth = [g for g in facts.groups if "growth" in g.concepts and len(g.facts) > 1]
    if len(growth) == 1 and (up := _UP.search(rest) or _DOWN.search(rest)):
        falling = _DOWN.search(rest) is not None and (_UP.search(rest) is None)
        if re.search(r"\b(?:faster|slower|than|price|staff|customers)\b", rest[up.start() :]):
            return None
        return growth[0], [f for f in growth[0].facts if (f.value < 0 if falling else f.value > 0)]
    return None


def _only(sentence: Sentence, facts: Facts, cited: Sequence[MeasuredFact]) -> Iterator[Judged]:
    """Judges "only Harborline scores above 4.5"."""
    for match in _ONLY.finditer(sentence.text):
        names = [(at, n) for at, n in names_in(sentence, facts) if at == match.end()]
        if (
            not names
            or (hit := _holding(sentence.text[match.end() : sentence.clause(match.end())[1]], facts, cited)) is None
        ):
            continue
        group, holding = hit
        who = [f.subject for f in holding]
        right = "" if who == [names[0][1]] else f"true of {' and '.join(who) or 'none'}"
        yield Judged(
            sentence.start + match.start(), match[0].strip(), group.ids, f"count over {len(group.facts)}", right
        )


def _fits(word: str, holds: int, total: int) -> tuple[bool, str]:
    said = f"{holds} of {total}"
    match word:
        case "all" | "every" | "each":
            return holds == total, said
        case "none" | "no":
            return holds == 0, said
        case "most":
            return holds * 2 > total, said
        case "half":
            return abs(holds * 2 - total) <= 1, said
        case _:
            count = vocabulary.NUMBERS.get(word) or (int(word) if word.isdigit() else -1)
            return count == holds, said


def subjects_named(texts: Sequence[str], facts: Facts) -> set[str]:
    return {name for text in texts for _, name in facts.subjects_in(text)}
