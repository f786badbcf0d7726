"""Numbers with their noun."""


def counted(number: int, one: str, many: str = "") -> str:
    """Returns `1 page`, `2 pages`, `1,200 pages`; `many` for nouns that don't take an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def in_seconds(seconds: float) -> str:
    """Returns `1 second`, `0.5 seconds`, `3600 seconds`."""
    return f"{seconds:g} second{'' if seconds == 1 else 's'}"
