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
    of: str = ""
    """Only calls with this in their arguments."""


class Faults:
    def __init__(self) -> None:
        self._waiting: dict[str, list[Fault]] = defaultdict(list)
        self.down = False
        """Nothing at all is there: each connection ends before anything happens."""

    def add(self, method: str, how: How, *, times: int, seconds: float, of: str = "") -> None:
        self._waiting[method] += [Fault(how, seconds, of)] * times

    def next(self, method: str, args: object = None) -> Fault | None:
        if self.down:
            return Fault("dropped")
        waiting = self._waiting[method]
        return waiting.pop(0) if waiting and waiting[0].of in str(args) else None

    @property
    def over(self) -> bool:
        """Whether nothing more goes wrong."""
        return not self.down and not any(self._waiting.values())

    def clear(self) -> None:
        self._waiting.clear()
