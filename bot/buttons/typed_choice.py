"""Reads which of the offered choices was typed: by its words, or by its number. Pure; anything unclear is no choice."""

import re
from collections.abc import Callable, Sequence

from bot.buttons import question_answers
from bot.buttons.short_replies import agrees, asks, kinds, refuses, tokens
from orchestrator.domain.approvals_and_questions import Question
from orchestrator.errors import Refused

_NUMBERS: tuple[frozenset[str], ...] = (
    frozenset(("1", "one", "first", "1st")), frozenset(("2", "two", "second", "2nd")),
    frozenset(("3", "three", "third", "3rd")), frozenset(("4", "four", "fourth", "4th")),
    frozenset(("5", "five", "fifth", "5th")), frozenset(("6", "six", "sixth", "6th")),
    frozenset(("7", "seven", "seventh", "7th")), frozenset(("8", "eight", "eighth", "8th")),
    frozenset(("9", "nine", "ninth", "9th")), frozenset(("10", "ten", "tenth", "10th")),
)  # fmt: skip
_COUNTS = frozenset(("option", "choice", "number", "answer", "nr", "no"))
"""A number may follow these."""
_AROUND = frozenset(
    tokens(
        "the a an one option choice answer please pls i i'd i'll we we'd would like want prefer choose pick take let's"
        " lets go with use it's its that's thanks thank you then"
    )
)
"""Words around a choice that don't change it: none of them denies anything."""


_QUOTED = re.compile(r"^\s*(?:>.*)?$")


def own_words(text: str) -> str:
    """Returns the text without the quoted lines before it; all of it if it is only a quote."""
    lines = text.strip().splitlines()
    while lines and _QUOTED.match(lines[0]):
        del lines[0]
    return "\n".join(lines).strip() or text.strip()


def fitted(question: Question, text: str) -> dict[str, str] | None:
    """Returns the answers that these words give, by field; None if they don't fit the question."""
    fields, text = question.fields, own_words(text)
    if len(fields) == 1 and fields[0].options:
        at = choice_of(text, fields[0].options)
        return None if at is None else {fields[0].name: fields[0].options[at]}
    if len(fields) == 1:
        return {fields[0].name: text} if text and not asks_back(text) else None
    try:
        found = question_answers.by_line(text, {f.label: f.name for f in fields})
        for field in fields:
            at = choice_of(found.get(field.name, ""), field.options)
            found |= {} if at is None else {field.name: field.options[at]}
        return question_answers.answers(found, fields) if found else None
    except Refused:
        return None


def offers(question: Question) -> bool:
    """Returns whether the question has choices."""
    return any(field.options for field in question.fields)


def asks_back(text: str) -> bool:
    """Returns whether the text is a question, not a number that the person isn't sure of."""
    return asks(text) and (len(text.split()) > 1 or not any(map(str.isdigit, text)))


def certain(question: Question, text: str) -> bool:
    """Returns whether words that fit the question are surely its answer: a choice, or a number."""
    number = bool(text) and not any(c.isalpha() for c in text) and any(c.isdigit() for c in text)
    return number or offers(question)


def names_a_choice(question: Question, text: str) -> bool:
    """Returns whether the text contains a choice of a question with one field, among other words."""
    typed = tokens(text)
    each = [tokens(option) for option in question.fields[0].options] if len(question.fields) == 1 else []
    return any(words == typed[at : at + len(words)] for words in each if words for at in range(len(typed)))


def choice_of(text: str, options: Sequence[str]) -> int | None:
    """Returns the position of the typed choice; None if the text isn't exactly one of them."""
    whole = [n for n, option in enumerate(options) if _folded(option) == _folded(text)]
    if whole:
        return whole[0] if len(whole) == 1 else None
    typed, each = tokens(text), [tokens(option) for option in options]
    if not typed or "?" in text:
        return None
    for same in (_as_typed, _bare):
        if hits := _hits(typed, each, same):
            return hits[0] if len(hits) == 1 else None
    found = _yes_or_no(text, each)
    return _by_number(typed, each) if found is None else found


def _hits(typed: Sequence[str], each: Sequence[Sequence[str]], same: Callable[[Sequence[str]], object]) -> list[int]:
    return [n for n, words in enumerate(each) if words and same(words) == same(typed)]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _as_typed(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(words)


def _bare(words: Sequence[str]) -> tuple[str, ...]:
    return tuple(word for word in words if word not in _AROUND) or tuple(words)


def _yes_or_no(text: str, each: Sequence[Sequence[str]]) -> int | None:
    """Any way to say yes or no, if those two are offered."""
    said = kinds(text)
    wanted = ["yes"] if agrees(said) else ["no"] if refuses(said) else None
    if wanted is None or ["yes"] not in each or ["no"] not in each:
        return None
    return list(each).index(wanted)


def _by_number(typed: Sequence[str], each: Sequence[Sequence[str]]) -> int | None:
    """The second one. Where a choice begins with a number itself, a number says nothing about its position."""
    if any(words[0][0].isdigit() or words[0] in numbers for words in each if words for numbers in _NUMBERS):
        return None
    left = [word for at, word in enumerate(typed) if word not in _AROUND or _counted(typed, at)]
    left = left[1:] if len(left) == 2 and left[0] in _COUNTS else left
    if left == ["last"]:
        return len(each) - 1
    found = (
        next((n for n, words in enumerate(_NUMBERS) if left == [left[0]] and left[0] in words), None) if left else None
    )
    return found if found is not None and found < len(each) else None


def _counted(typed: Sequence[str], at: int) -> bool:
    """Says whether `one` is the number."""
    return typed[at] == "one" and (len(typed) == 1 or (at > 0 and typed[at - 1] in _COUNTS))
