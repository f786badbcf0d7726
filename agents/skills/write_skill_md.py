"""Writes a SKILL.md that every strict reader accepts. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from agents.skills.skill import MOST_DESCRIPTION, MOST_NAME, as_name
from orchestrator.domain import clean_outside_text

MOST_COMPATIBILITY = 500
_RULES = re.compile(r"-{3,}")
"""Some readers end the settings at the first three hyphens, wherever they are."""


@dataclass(frozen=True)
class SkillDraft:
    """What a SKILL.md is to say."""

    name: str
    description: str
    body: str
    license: str = ""
    compatibility: str = ""
    tools: tuple[str, ...] = ()
    metadata: Mapping[str, str] = field(default_factory=dict[str, str])


def problems(draft: SkillDraft) -> list[str]:
    """Returns what has to change before it can be written, one sentence each."""
    found: list[str] = []
    if draft.name != as_name(draft.name) or not draft.name:
        found.append(f"The name {draft.name[:80]!r} must be lowercase letters, digits, and single hyphens.")
    if len(draft.name) > MOST_NAME:
        found.append(f"The name is {len(draft.name)} characters long; the limit is {MOST_NAME}.")
    if not _line(draft.description):
        found.append("Add a description that says what the skill does and when to use it.")
    for what, text, most in (
        ("description", draft.description, MOST_DESCRIPTION), ("compatibility", draft.compatibility, MOST_COMPATIBILITY)
    ):  # fmt: skip
        if len(_line(text)) > most:
            found.append(f"The {what} is {len(_line(text)):,} characters long; the limit is {most:,}.")
    if not draft.body.strip():
        found.append("Add instructions.")
    return found


def written(draft: SkillDraft) -> str:
    """Returns the content of the SKILL.md. Raises ValueError with the first problem."""
    if found := problems(draft):
        raise ValueError(found[0])
    lines = [f"name: {draft.name}" if _is_safe(draft.name) else f"name: {_quoted(draft.name)}"]
    lines.append(f"description: {_quoted(draft.description)}")
    lines += [f"license: {_quoted(draft.license)}"] if _line(draft.license) else []
    lines += [f"compatibility: {_quoted(draft.compatibility)}"] if _line(draft.compatibility) else []
    lines += [f"allowed-tools: {_quoted(' '.join(draft.tools))}"] if draft.tools else []
    if draft.metadata:
        lines += ["metadata:", *(f"  {_quoted(key)}: {_quoted(value)}" for key, value in draft.metadata.items())]
    return "\n".join(["---", *lines, "---", "", clean_outside_text.text(draft.body).strip(), ""])


def _is_safe(name: str) -> bool:
    """Returns whether every reader takes it for text even without quotes."""
    return bool(re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)+", name))


def _line(text: str) -> str:
    kept = "".join(c if c.isprintable() else " " for c in clean_outside_text.text(text))
    return " ".join(_RULES.sub("–", kept).split())


def _quoted(text: str) -> str:
    return json.dumps(_line(text), ensure_ascii=False)
