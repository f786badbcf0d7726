"""Words for people and models."""


def many(count: int, noun: str) -> str:
    """Returns '1 page' or '2 pages'; for nouns that take an s."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"
