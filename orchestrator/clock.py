"""Provides the current time."""

from datetime import UTC, datetime, timedelta


class SystemClock:
    """The machine's wall clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class MovedClock:
    """Stands still until a test moves it."""

    def __init__(self, now: datetime = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        return self._now

    def move(self, seconds: float) -> None:
        """Moves forward, or back if `seconds` is negative."""
        self._now += timedelta(seconds=seconds)
