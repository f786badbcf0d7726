"""Numbers with their noun."""


def counted(number: int, one: str, many: str = "") -> str:
    """Returns `1 page`, `2 pages`, `1,200 pages`; `many` for nouns that don't take an s."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
