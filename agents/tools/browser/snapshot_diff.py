"""Compares two snapshots of a page. Pure."""

from difflib import SequenceMatcher

MOST_LINES = 1500
"""Lines to compare at most (comparing gets slow); a longer page is shown whole."""


def changes(before: str, now: str) -> str | None:
    """Returns removed (-) and added (+) lines, or None if showing the whole page isn't much longer."""
    old, new = before.split("\n"), now.split("\n")
    if not before or max(len(old), len(new)) > MOST_LINES:
        return None
    lines = list[str]()
    for kind, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            continue
        heading = _above(new, c)
        lines += [
            *([f"under {heading}"] if heading else []),
            *(f"- {line.strip()}" for line in old[a:b]),
            *(f"+ {line.strip()}" for line in new[c:d]),
        ]
    text = "\n".join(lines) or "(nothing changed)"
    return text if len(text) * 2 < len(now) else None


def _above(lines: list[str], index: int) -> str:
    """Returns the line that the changed one belongs to."""
    if index >= len(lines):
        return ""
    depth = len(lines[index]) - len(lines[index].lstrip())
    above = (line for line in reversed(lines[:index]) if len(line) - len(line.lstrip()) < depth)
    return next((line.strip()[:80] for line in above), "")
