"""Turns answers to a question, as people wrote them, into values. Pure. Raises Refused for invalid input."""

import re
from collections.abc import Iterable, Mapping

from bot.cards.tool_call_wording import cut
from orchestrator.domain.approvals_and_questions import Ask
from orchestrator.errors import Refused

ONE_PER_LINE = "One answer per line, after the colon."


def answers(values: Mapping[str, str], fields: Iterable[Ask]) -> dict[str, str]:
    """Returns the answers by field; a required field may not be empty, and a choice must be one of its options."""
    found: dict[str, str] = {}
    for field in fields:
        text = values.get(field.name, "").strip()
        if field.required and not text:
            raise Refused(f"Fill in {field.label!r} first.")
        if text and field.options and text not in field.options:
            same = [option for option in field.options if _folded(option) == _folded(text)]
            if len(same) != 1:
                raise Refused(f"{text!r} isn't one of the choices for {field.label!r}.")
            (text,) = same
        if text:
            found[field.name] = text
    return found


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def by_line(text: str, names: Mapping[str, str]) -> dict[str, str]:
    """Parses `Label: answer` lines, in upper or lower case; a line without a label continues the answer above it.
    Raises Refused for a first line without one."""
    found: dict[str, str] = {}
    current = ""
    known = {re.compile(rf"\W*{re.escape(label)}\W*?[:：=]", re.IGNORECASE): name for label, name in names.items()}
    for line in text.splitlines():
        label, at = next(((name, at.end()) for begins, name in known.items() if (at := begins.match(line))), ("", 0))
        if label:
            current = label
            found[current] = line[at:].lstrip("*_ ").strip()
        elif current and line.strip():
            found[current] = f"{found[current]}\n{line.strip()}".strip()
        elif line.strip():
            raise Refused(f"The line {cut(line, 60)!r} has no label; {ONE_PER_LINE.lower()}")
    return found
