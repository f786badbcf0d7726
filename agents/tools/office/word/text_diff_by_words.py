"""Compares an old text with a new one, word by word."""

import difflib
import re
from collections.abc import Sequence
from typing import Any

from docx.oxml.ns import qn

from agents.tools.office.inline_markup import Span
from agents.tools.office.word.runs import RunPiece

_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")


def differences(old: Sequence[tuple[str, RunPiece]], new: Sequence[Span]) -> list[tuple[int, int, list[Span]]]:
    """Returns stretches of the old text and their replacements; a text that is mostly new is one stretch."""
    text = "".join(letter for letter, _ in old)
    before = [(m[0], m.start(), m.end()) for m in _TOKEN.finditer(text)]
    after = [span._replace(text=m[0]) for span in new for m in _TOKEN.finditer(span.text)]
    looks = [_looked(s.text, s.bold, s.italic, s.code, s.url is not None) for s in after]
    olds = [
        _looked(word, *(_has(old[start][1], wish) for wish in ("w:b", "w:i", "w:rFonts")), _linked(old[start][1]))
        for word, start, _ in before
    ]
    # A word without markup stays as it is, whatever its formatting.
    plain = {(word, *[False] * 4) for word, *_ in looks}
    olds = [o if o in looks or (o[0], *[False] * 4) not in plain else (o[0], *[False] * 4) for o in olds]
    matcher = difflib.SequenceMatcher(None, olds, looks, autojunk=False)
    if matcher.ratio() < 0.35:
        return [(0, len(text), _joined(after))] if (text or after) else []
    joined: list[list[int]] = []
    for tag, a, b, c, d in matcher.get_opcodes():
        if tag == "equal":
            continue
        if joined and all(not word.strip() for word, _, _ in before[joined[-1][1] : a]):
            joined[-1][1], joined[-1][3] = b, d
        else:
            joined.append([a, b, c, d])
    ends = [*(start for _, start, _ in before), len(text)]
    return [(ends[a], before[b - 1][2] if b > a else ends[a], _joined(after[c:d])) for a, b, c, d in joined]


def _looked(*look: Any) -> tuple[Any, ...]:
    return look


def _has(piece: RunPiece, name: str) -> bool:
    look = piece.run.find(f"{qn('w:rPr')}/{qn(name)}")
    return look is not None and look.get(qn("w:val")) not in ("0", "false")


def _linked(piece: RunPiece) -> bool:
    return next(piece.run.iterancestors(qn("w:hyperlink")), None) is not None


def _joined(words: Sequence[Span]) -> list[Span]:
    made: list[Span] = []
    for word in words:
        if made and made[-1]._replace(text="") == word._replace(text=""):
            made[-1] = word._replace(text=made[-1].text + word.text)
        else:
            made.append(word)
    return made
