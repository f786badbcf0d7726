"""The result of judging one claim of a text: what it rests on, how it follows, and what would be right."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from agents.tools.office.claims.group_findings import MeasuredFact
from orchestrator.domain.ids import FindingId


class Judged(NamedTuple):
    """A claim at a place of its text. `right`: what it should say, empty if it's right; `how`: how it follows.

    `findings` is everything it rests on; empty if nothing supports it, which makes it the author's own view.
    """

    start: int
    words: str
    findings: tuple[FindingId, ...]
    how: str = ""
    right: str = ""

    @property
    def end(self) -> int:
        return self.start + len(self.words)


def ids(facts: Iterable[MeasuredFact]) -> tuple[FindingId, ...]:
    return tuple(dict.fromkeys(f.id for f in facts))


def number(value: float, like: str = "") -> str:
    """Writes a number as briefly as it can be, with the currency sign or percent sign of the figure `like`."""
    digits = f"{value:,.2f}" if abs(value) < 1000 and value != int(value) else f"{value:,.0f}"
    head = next((c for c in "$€£¥" if c in like), "")
    tail = "%" if "%" in like or "percent" in like else ""
    return f"{head}{digits}{tail}".replace(f"{head}-", f"-{head}")


def listed(facts: Sequence[MeasuredFact], most: int = 6) -> str:
    """Names facts by their ids."""
    named = ", ".join(f.id for f in facts[:most])
    return named if len(facts) <= most else f"{named} and {len(facts) - most} more"
