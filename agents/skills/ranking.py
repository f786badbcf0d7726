"""Ranks skills by how well they fit words: BM25 over names, descriptions, and instructions, and over parts of words.

Pure.
"""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from agents.skills.skill import Skill

_K1, _B = 1.2, 0.6
_NAME, _DESCRIPTION, _BODY = 4, 3, 1
"""How often a word of each part counts."""
_MOST_BODY = 1_500
"""Characters of the instructions that are read for this; their beginning says what they are about."""
_FUSED = 20
"""Reciprocal rank fusion: larger gives the first ranks less weight."""
_WORD = re.compile(r"[^\W_]+")
_WIDE = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff]")
"""Scripts without spaces between words: every two letters count as a word."""
_STOP = frozenset(
    re.findall(
        r"\w+",
        "a an and are as at be by can could do for from has have help how i in into is it its make me my need of on or "
        "our out please so some task that the them there these this to up us use used user using want we what when "
        "which will with would you your step skill",
    )
)
_ENDINGS = ("izations", "ization", "ations", "ation", "ments", "ment", "ings", "ing", "ers", "ies", "ed", "es", "er",
            "ly", "al", "s", "e", "y")  # fmt: skip

Terms = Callable[[str], Iterable[str]]


@dataclass(frozen=True)
class _Index:
    """One way to see the skills: the terms of each, with their counts."""

    documents: Sequence[Counter[str]]
    weight: Mapping[str, float]
    average: float


class SkillRanking:
    """Ranks one set of skills."""

    def __init__(self, skills: Iterable[Skill]) -> None:
        self._skills = tuple(skills)
        self._views = tuple(_index([_counted(one, terms) for one in self._skills]) for terms in (_stems, _pieces))

    def best(self, words: str, most: int) -> list[Skill]:
        """Returns the skills that fit best, best first; fewer than `most` if no others share anything with the
        words."""
        scores: dict[int, float] = {}
        for view, terms in zip(self._views, (_stems, _pieces), strict=True):
            for rank, number in enumerate(_ranked(view, list(terms(words)))):
                scores[number] = scores.get(number, 0.0) + 1 / (_FUSED + rank)
        found = sorted(scores, key=lambda number: (-scores[number], number))
        return [self._skills[number] for number in found[:most]]


def _index(documents: Sequence[Counter[str]]) -> _Index:
    many = len(documents)
    found = Counter(term for document in documents for term in document)
    weight = {term: math.log(1 + (many - count + 0.5) / (count + 0.5)) for term, count in found.items()}
    average = sum(document.total() for document in documents) / max(1, many)
    return _Index(documents, weight, average)


def _ranked(view: _Index, terms: Sequence[str]) -> list[int]:
    """Returns the numbers of the documents with any of the terms, best first."""
    wanted = [term for term in dict.fromkeys(terms) if term in view.weight]
    scores: list[tuple[float, int]] = []
    for number, document in enumerate(view.documents):
        length = _K1 * (1 - _B + _B * document.total() / max(1.0, view.average))
        score = sum(view.weight[t] * n * (_K1 + 1) / (n + length) for t in wanted if (n := document.get(t, 0)))
        if score:
            scores.append((-score, number))
    return [number for _, number in sorted(scores)]


def _counted(skill: Skill, terms: Terms) -> Counter[str]:
    sheet, found = skill.sheet, Counter[str]()
    for text, times in (
        (sheet.name.replace("-", " "), _NAME), (sheet.description, _DESCRIPTION), (sheet.body[:_MOST_BODY], _BODY)
    ):  # fmt: skip
        for term in terms(text):
            found[term] += times
    return found


def _words(text: str) -> Iterable[str]:
    plain = unicodedata.normalize("NFKD", text.lower())
    plain = unicodedata.normalize("NFC", "".join(c for c in plain if not unicodedata.combining(c)))
    for word in _WORD.findall(plain):
        if len(word) > 1 and _WIDE.search(word):
            yield from (word[n : n + 2] for n in range(len(word) - 1))
        elif word not in _STOP and len(word) > 1:
            yield word


def _stems(text: str) -> Iterable[str]:
    """Yields the words without the commonest endings of English."""
    for word in _words(text):
        ending = next((e for e in _ENDINGS if word.endswith(e) and len(word) - len(e) >= 3), "")
        yield word[: len(word) - len(ending)]


def _pieces(text: str) -> Iterable[str]:
    """Yields every four letters of each word, so that related words and other forms share some."""
    for word in _words(text):
        marked = f"{word}_" if len(word) < 4 else word
        yield from (marked[n : n + 4] for n in range(max(1, len(marked) - 3)))
