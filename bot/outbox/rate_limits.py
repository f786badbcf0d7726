"""Counts how often one account may call its platform. Pure: the caller says what time it is, in seconds.

A call counts from its start until a window after its *end*: wherever in between the platform counted it, it sees no
more calls in a window than the limit allows.
"""

import math
from collections import deque
from collections.abc import Sequence
from typing import Literal, NamedTuple

from orchestrator.domain.base_value import Value
from orchestrator.domain.people import Place

Operation = Literal["post", "edit", "react", "unreact", "find"]
Haste = Literal["urgent", "ordinary", "spare"]
"""`spare`: of half of each limit, so that the other half stays free for the rest."""
Scope = Literal["account", "team", "channel", "thread"]

HARSHER, MOST_STRETCH, EASIER = 1.5, 8.0, 0.95
"""A refusal makes a window that much longer, at most that much in all; each call that passes shortens it again."""
TOGETHER = 5.0
"""Refusals in two scopes within so many seconds mean the whole account."""
MOST_SCOPES = 5000


class Limit(Value):
    """At most `most` of these calls in `seconds`, in each scope separately. `ordinary`: urgent calls may exceed it."""

    of: frozenset[Operation]
    per: Scope
    most: int
    seconds: float
    ordinary: bool = False


class _Slot(NamedTuple):
    """A limit, by its number, in one scope."""

    limit: int
    scope: str


class Budget:
    """Counts what was spent. `wait` asks; `begin` and `end` surround each call; `refused` learns from a 429."""

    def __init__(self, limits: Sequence[Limit]) -> None:
        self._limits = sorted(limits, key=lambda limit: _WIDTH[limit.per])
        self._ended: dict[_Slot, deque[float]] = {}
        self._flying: dict[_Slot, int] = {}
        self._shut: dict[_Slot, float] = {}
        self._stretch: dict[_Slot, float] = {}
        self._refused: deque[tuple[float, str]] = deque(maxlen=8)

    def wait(self, operation: Operation, place: Place, now: float, haste: Haste = "ordinary") -> float:
        """Returns the seconds until the call may start: 0 for now, infinite if a running one has to end first."""
        slots = [s for s in self._slots(operation, place) if not (haste == "urgent" and self._limits[s.limit].ordinary)]
        return max((self._wait(slot, now, haste) for slot in slots), default=0.0)

    def begin(self, operation: Operation, place: Place) -> None:
        for slot in self._slots(operation, place):
            self._flying[slot] = self._flying.get(slot, 0) + 1

    def end(self, operation: Operation, place: Place, now: float) -> None:
        """Must follow each `begin`, however the call ended."""
        for slot in self._slots(operation, place):
            if self._flying[slot] == 1:
                del self._flying[slot]
            else:
                self._flying[slot] -= 1
            self._ended.setdefault(slot, deque(maxlen=self._limits[slot.limit].most)).append(now)
            if (stretch := self._stretch.get(slot, 1.0)) > 1.0:
                self._stretch[slot] = max(1.0, stretch * EASIER)
        if len(self._ended) > MOST_SCOPES:
            self._forget(now)

    def refused(self, operation: Operation, place: Place, now: float, seconds: float) -> None:
        """The platform refused for so many seconds; that scope slows down."""
        hard = [s for s in self._slots(operation, place) if not self._limits[s.limit].ordinary]
        if not hard:
            return
        elsewhere = any(now - when <= TOGETHER and scope != hard[0].scope for when, scope in self._refused)
        self._refused.append((now, hard[0].scope))
        for slot in hard if elsewhere else hard[:1]:
            self._shut[slot] = max(now + seconds, self._shut.get(slot, 0.0))
            self._stretch[slot] = min(MOST_STRETCH, self._stretch.get(slot, 1.0) * HARSHER)

    def _wait(self, slot: _Slot, now: float, haste: Haste) -> float:
        limit = self._limits[slot.limit]
        most = max(1, limit.most // 2) if haste == "spare" else limit.most
        free = most - self._flying.get(slot, 0)
        if free <= 0:
            return math.inf
        shut, times = max(0.0, self._shut.get(slot, 0.0) - now), self._ended.get(slot, ())
        if len(times) < free:
            return shut
        window = limit.seconds * self._stretch.get(slot, 1.0)
        ended = [t for t in times if now - t < window]
        if len(ended) < free:
            return shut
        return max(shut, ended[len(ended) - free] + window - now)

    def _slots(self, operation: Operation, place: Place) -> list[_Slot]:
        """Returns the limits that count this call, the narrowest scope first."""
        return [_Slot(n, _scope(limit.per, place)) for n, limit in enumerate(self._limits) if operation in limit.of]

    def _forget(self, now: float) -> None:
        longest = max(limit.seconds for limit in self._limits) * MOST_STRETCH
        gone = [s for s, times in self._ended.items() if now - times[-1] > longest and s not in self._flying]
        for slot in gone:
            del self._ended[slot]
            self._shut.pop(slot, None)
            self._stretch.pop(slot, None)


_WIDTH: dict[Scope, int] = {"thread": 0, "channel": 1, "team": 2, "account": 3}


def _scope(per: Scope, place: Place) -> str:
    match per:
        case "account":
            return ""
        case "team":
            return place.channel.partition("/")[0]
        case "channel":
            return place.channel
        case "thread":
            return f"{place.channel}/{place.thread}"
