"""What goes wrong when a test wants it to."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

How = Literal["500", "503", "internal_error", "lost", "dropped", "slow", "limited"]
"""`dropped`: the connection ends before anything happens. `lost`: it happens, and then the connection ends."""


@dataclass(frozen=True)
class Fault:
    how: How
    seconds: float = 0.0


class Faults:
    def __init__(self) -> None:
        self._waiting: dict[str, list[Fault]] = defaultdict(list)

    def add(self, method: str, how: How, *, times: int, seconds: float) -> None:
        self._waiting[method] += [Fault(how, seconds)] * times

    def next(self, method: str) -> Fault | None:
        return self._waiting[method].pop(0) if self._waiting[method] else None

    def clear(self) -> None:
        self._waiting.clear()
