"""Numbers with their noun."""

from collections import Counter
from collections.abc import Iterable


def counted(number: int, one: str, many: str = "") -> str:
    """Returns `1 page`, `2 pages`, `1,200 pages`; `many` for nouns that don't take an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def in_seconds(seconds: float) -> str:
    """Returns `1 second`, `0.5 seconds`, `3600 seconds`."""
    return f"{seconds:g} second{'' if seconds == 1 else 's'}"


def by_kind(kinds: Iterable[str]) -> str:
    """Returns `heading: 3, table: 1`, in the order in which they first come."""
    return ", ".join(f"{kind}: {number:,}" for kind, number in Counter(kinds).items())
