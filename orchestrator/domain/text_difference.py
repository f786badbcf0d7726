"""Compares two texts line by line. Pure."""

from difflib import unified_diff


def difference(old: str, new: str, most: int) -> str:
    """Returns the lines that differ, `-` before old ones and `+` before new ones; empty if none does."""
    rows = list(unified_diff(old.splitlines(), new.splitlines(), n=1, lineterm=""))[2:]
    text = "\n".join(row for row in rows if not row.startswith("@@") and row.strip())
    return text if len(text) <= most else f"{text[:most].rsplit(chr(10), 1)[0]}\n…"
