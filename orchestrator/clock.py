"""Provides the current time."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's wall clock, but it never goes back: if the machine's does, this one runs at half speed until both
    agree. So whatever waits for a moment waits at most twice as long, not for the hours that were set back.
    """

    def __init__(self, wall: Callable[[], float] = time.time, steady: Callable[[], float] = time.monotonic) -> None:
        self._wall, self._steady = wall, steady
        self._last = (wall(), steady())

    def now(self) -> datetime:
        said, at = self._last
        ticks = self._steady()
        said = max(self._wall(), said + max(0.0, ticks - at) / 2)
        self._last = (said, ticks)
        return datetime.fromtimestamp(said, UTC)


class MovedClock:
    """Stands still until a test moves it."""

    def __init__(self, now: datetime = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move(self, seconds: float) -> None:
        """Moves forward, or back if `seconds` is negative."""
        self._now += timedelta(seconds=seconds)
