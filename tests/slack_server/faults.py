"""What goes wrong when a test wants it to."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

How = Literal[
    "500", "503", "internal_error", "malformed", "dropped", "lost", "broken", "garbled", "slow", "late", "limited"
]
"""`dropped`: the connection ends before anything happens. `lost`: it happens, and then the connection ends. `malformed`
before, `garbled` after: the answer is no JSON. `broken`: it happens, and the answer is a 503. `slow` before, `late`
after: it takes so many seconds."""


@dataclass(frozen=True)
class Fault:
    how: How
    seconds: float = 0.0


class Faults:
    def __init__(self) -> None:
        self._waiting: dict[str, list[Fault]] = defaultdict(list)
        self.down = False
        """Nothing at all is there: each connection ends before anything happens."""

    def add(self, method: str, how: How, *, times: int, seconds: float) -> None:
        self._waiting[method] += [Fault(how, seconds)] * times

    def next(self, method: str) -> Fault | None:
        if self.down:
            return Fault("dropped")
        return self._waiting[method].pop(0) if self._waiting[method] else None

    @property
    def over(self) -> bool:
        """Whether nothing more goes wrong."""
        return not self.down and not any(self._waiting.values())

    def clear(self) -> None:
        self._waiting.clear()
