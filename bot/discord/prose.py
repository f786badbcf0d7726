"""Writes passages in Discord's Markdown, with nothing live: no mention, no link, no markup from a model. Pure."""

from bot.cards.markdown import MarkdownRun, Passage, passages, within
from bot.discord.safe_text import clean, escape, units

_GAP = 2
_NOTHING = "\u200b"
"""Invisible; keeps two marks apart."""


def prose(text: str, most: int) -> tuple[str, int]:
    """Returns Markdown in Discord's dialect, at most `most` units long, and how many characters are left out."""
    found, left = within(passages(text), most, lambda p: units(_drawn(p)) + _GAP)
    made, before = "", None
    for passage in found:
        made += _between(before, passage) + _drawn(passage)
        before = passage
    return made.strip("\n"), left


def _between(before: Passage | None, passage: Passage) -> str:
    if before is None:
        return ""
    tight = (before.kind, passage.kind) == ("item", "item") or before.kind == "heading" or passage.depth
    return "\n" if tight or "code" in (before.kind, passage.kind) else "\n\n"


def _drawn(passage: Passage) -> str:
    match passage.kind:
        case "code":
            return f"```\n{clean(passage.text).replace('```', f'`{_NOTHING}``')}\n```"
        case "heading":
            return f"### {_runs(passage.runs).replace(chr(10), ' ')}"
        case "quote":
            return _prefixed("> ", "> ", passage)
        case "rule":
            return "―――"
        case "item":
            mark = f"{passage.number}. " if passage.number else "- "
            indent = "  " * (passage.depth - 1)
            return _prefixed(indent + mark, indent + " " * len(mark), passage)
        case "words":
            indent = "  " * passage.depth
            return _prefixed(indent, indent, passage)


def _prefixed(first: str, others: str, passage: Passage) -> str:
    return first + _runs(passage.runs).replace("\n", f"\n{others}")


def _runs(runs: tuple[MarkdownRun, ...]) -> str:
    made, styled = "", False
    for run in runs:
        marks = "**" * run.bold + "*" * run.italic + "~~" * run.strike
        text = clean(run.text)
        if not text:
            continue
        text = f"`{text}`" if run.code and "`" not in text else escape(text)
        marks = marks if text.strip() == text else ""
        now = bool(marks) or run.code
        made += (_NOTHING if styled and now else "") + marks + text + marks[::-1]
        styled = now
    return made
