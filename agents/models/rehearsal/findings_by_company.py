"""Groups findings by company for the writing agents. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from agents.models.rehearsal.company_facts import KINDS, Kind
from agents.models.rehearsal.parse_prompt import BoardFinding


@dataclass(frozen=True)
class Company:
    """What is known about one company: facts by the kind's name."""

    subtask: str
    facts: dict[str, BoardFinding]

    @property
    def name(self) -> str:
        first = next(iter(self.facts.values()), None)
        return first.company if first else self.subtask

    @property
    def complete(self) -> bool:
        return all(kind.name in self.facts for kind in KINDS)

    def number(self, kind: Kind) -> float | None:
        """Returns the figure, or None if it's missing or isn't a number."""
        fact = self.facts.get(kind.name)
        value = fact.value if fact else None
        return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def companies(facts: Sequence[BoardFinding], order: Sequence[str]) -> list[Company]:
    """Returns one per subtask, in `order`, then those that weren't named, as they appear."""
    rows: dict[str, dict[str, BoardFinding]] = {name: {} for name in order}
    known = {kind.name for kind in KINDS} | {"company"}
    for fact in facts:
        if fact.what in known:
            rows.setdefault(fact.by, {})[fact.what] = fact
    return [Company(name, found) for name, found in rows.items()]
