"""Marks around crossed-out text, until it is told with tildes (pure)."""

import re

BEGINS, ENDS = "\ufdd0", "\ufdd1"
"""Noncharacters, which no page contains."""
_NEIGHBORS = re.compile(f"{ENDS}([ \u00a0]?){BEGINS}")


def with_tildes(text: str) -> str:
    """Returns the text with `~~` around what is marked; pieces next to each other get one pair."""
    joined = _NEIGHBORS.sub(r"\1", text)
    return joined.replace(f"~~{BEGINS}", "~~").replace(f"{ENDS}~~", "~~").replace(BEGINS, "~~").replace(ENDS, "~~")


def marked_as(text: str, words: str) -> str:
    """Returns the words, marked if the text is."""
    return f"{BEGINS}{words}{ENDS}" if is_marked(text) else words


def unmarked(text: str) -> str:
    """Returns the text without marks."""
    return text.replace(BEGINS, "").replace(ENDS, "")


def is_marked(text: str) -> bool:
    """Returns whether some of it is marked."""
    return BEGINS in text
