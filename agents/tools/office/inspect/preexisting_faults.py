"""Tells faults that a person's file had already from those that came with an agent's changes."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from orchestrator.domain.deliverables import Check, Provenance

_MORE = re.compile(r" and (\d+) more$")
_DIGITS = re.compile(r"\d+")
_LABEL = re.compile(r"^([^\d'\"!:]{1,90}): ")
_BETWEEN = re.compile(r"[,;] ")
_THEIRS = "also in the original: "


class _Faults(NamedTuple):
    """What a failed check lists; `cut`: it has more than it names."""

    label: str
    named: list[str]
    cut: int

    @property
    def total(self) -> int:
        return len(self.named) + self.cut


def spared(checks: Sequence[Check], before: Sequence[Check]) -> list[Check]:
    """Returns the checks, failing only for faults that the same checks of the original (`before`) don't list."""
    old = {c.name: _faults(c.words) for c in before if not c.ok or c.told}
    return [_compared(c, old[c.name]) if not c.ok and c.name in old else c for c in checks]


def new_figures(figures: Sequence[Provenance], before: Sequence[Provenance]) -> tuple[Provenance, ...]:
    """Returns the figures without a source, apart from those that the original showed."""
    left = Counter(str(p.shows) for p in before)
    fresh: list[Provenance] = []
    for figure in figures:
        if left[str(figure.shows)]:
            left[str(figure.shows)] -= 1
        else:
            fresh.append(figure)
    return tuple(fresh)


def told_once(checks: Sequence[Check], known: Collection[str]) -> list[Check]:
    """Returns the checks; what people were told before isn't told again."""
    return [c.model_copy(update={"told": False}) if c.told and said(c) in known else c for c in checks]


def said(check: Check) -> str:
    return f"{check.name}: {check.words}"


def _compared(check: Check, old: _Faults) -> Check:
    now = _faults(check.words)
    left = Counter(map(_plain, old.named))
    fresh: list[str] = []
    for fault in now.named:
        if left[_plain(fault)]:
            left[_plain(fault)] -= 1
        else:
            fresh.append(fault)
    more = now.total - old.total
    if not fresh or (old.cut and more <= 0):
        return check.model_copy(update={"ok": True, "told": True, "words": _THEIRS + check.words})
    label = f"{now.label}: " if now.label else ""
    return check.model_copy(update={"words": label + ", ".join(fresh)})


def _faults(words: str) -> _Faults:
    label = match[1] if (match := _LABEL.match(words)) else ""
    rest = words[len(label) + 2 :] if label else words
    cut = int(match[1]) if (match := _MORE.search(rest)) else 0
    return _Faults(label, _BETWEEN.split(_MORE.sub("", rest)), cut)


def _plain(fault: str) -> str:
    """Returns the fault without numbers, which move when something comes before them."""
    return _DIGITS.sub("#", fault)
