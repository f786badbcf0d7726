"""Writes a link as plain text. Pure."""


def linked(words: str, address: str) -> str:
    """Returns what a person could click, in words."""
    return f"{words} ({address})" if words and address and words != address else words or address
