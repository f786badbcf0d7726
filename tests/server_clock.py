"""A clock that only moves when a model's server says so: silence lasts as long as a test wants, in no time."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from agents.models.response_watch import TimeLimit

LONG = 1e6
"""Seconds that nobody waits for."""
_ROUNDS = 300
"""Rounds of the event loop after which everything that was sent has been read."""


class _Limit:
    """A limit by this clock around one by the event loop's, which is set only once it's over."""

    def __init__(self, inner: asyncio.Timeout, clock: "ServerClock") -> None:
        self._inner, self._clock, self._when = inner, clock, float("inf")

    def reschedule(self, when: float) -> None:
        self._when = when
        self.look()

    def expired(self) -> bool:
        return self._inner.expired()

    def look(self) -> None:
        """Ends the block if its time has come."""
        if self._when <= self._clock.time() and not self._inner.expired():
            self._inner.reschedule(asyncio.get_running_loop().time())


class ServerClock:
    """A SilenceClock of a model that asks a server in the same event loop."""

    def __init__(self) -> None:
        self._now = 0.0
        self._limits: set[_Limit] = set()

    def time(self) -> float:
        return self._now

    @asynccontextmanager
    async def limit(self) -> AsyncGenerator[TimeLimit]:
        async with asyncio.timeout(None) as inner:
            limit = _Limit(inner, self)
            self._limits.add(limit)
            try:
                yield limit
            finally:
                self._limits.discard(limit)

    async def passes(self, seconds: float) -> None:
        """Moves the clock, after what was sent until now has been read."""
        for _ in range(_ROUNDS if seconds else 1):
            await asyncio.sleep(0)
        self._now += seconds
        for limit in [*self._limits]:
            limit.look()
