"""Defines a skill as a value, and makes one from a SKILL.md. Pure."""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from agents.skills.front_matter import decoded, split
from orchestrator.domain import clean_outside_text
from orchestrator.domain.skills import SkillSource

MOST_NAME, MOST_DESCRIPTION = 64, 1024
LEAST_DESCRIPTION = 12
"""Characters of a paragraph that can serve as a description."""
MOST_FILE = 512 << 10
"""Bytes of a SKILL.md."""
_HIDDEN = re.compile("[\U000e0000-\U000e007f]")
"""Invisible letters, which only a model would read."""
_FIELDS = frozenset({"name", "description", "license", "compatibility", "metadata", "allowed-tools"})
_WIDEST = 40
_TOOL = re.compile(r"[^\s,()]+(?:\([^)]*\))?")


class BadSkill(ValueError):
    """A skill that can't be used; the message is one sentence that says why and what to do."""


@dataclass(frozen=True)
class SkillSheet:
    """What a SKILL.md says. `tools`: as its author named them. `by_name`: agents don't choose it on their own.

    `repairs`: what differs from the format, each as a clause.
    """

    name: str
    description: str
    body: str
    version: str = ""
    tools: tuple[str, ...] = ()
    by_name: bool = False
    repairs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Skill:
    """A skill that was found. `path`: its folder, or for an attachment the file's name and the folder in it."""

    sheet: SkillSheet
    source: SkillSource
    path: str
    digest: str
    version: str = ""

    @property
    def name(self) -> str:
        return self.sheet.name


def parse(content: bytes, folder: str, *, others: bool = False) -> SkillSheet:
    """Makes a sheet from a SKILL.md in a folder of that name. `others`: the folder has more files. Raises BadSkill."""
    if len(content) > MOST_FILE:
        raise BadSkill(f"its SKILL.md is larger than {MOST_FILE >> 10} KiB; move parts of it to other files")
    try:
        text, damage = decoded(content)
    except ValueError as error:
        raise BadSkill("its SKILL.md isn't text; save it as UTF-8") from error
    settings, body, more = split(text)
    repairs = [*damage, *more, *_foreign(settings)]
    body = clean_outside_text.text(_HIDDEN.sub("", body)).strip()
    if not body and not others:
        raise BadSkill("its SKILL.md has no instructions; write them below the second --- line")
    return SkillSheet(
        name=_name(settings, folder, content, repairs),
        description=_description(settings, body, repairs),
        body=body,
        version=_version(settings),
        tools=_tools(settings.get("allowed-tools", settings.get("allowed_tools"))),
        by_name=_flat(settings.get("disable-model-invocation")).lower() in ("true", "yes"),
        repairs=tuple(repairs),
    )


def _foreign(settings: Mapping[str, Any]) -> Iterator[str]:
    """Yields what a strict reader doesn't take."""
    if unknown := sorted(set(settings) - _FIELDS):
        yield f"it sets {', '.join(unknown)[:200]}, which isn't part of the format"
    for key in sorted(_FIELDS - {"metadata"}):
        if isinstance(settings.get(key), list | dict):
            yield f"its {key} isn't plain text"


def as_name(text: str) -> str:
    """Returns the text as a skill's name: lowercase letters, digits, and single hyphens; empty if nothing is left."""
    plain = unicodedata.normalize("NFKC", text).lower()
    return re.sub(r"[\W_]+", "-", plain).strip("-")[:MOST_NAME].strip("-")


def _name(settings: Mapping[str, Any], folder: str, content: bytes, repairs: list[str]) -> str:
    given = _flat(settings.get("name"))
    name = as_name(given) or as_name(folder) or f"skill-{hashlib.sha256(content).hexdigest()[:8]}"
    if not given:
        repairs.append("it has no name")
    elif name != given:
        repairs.append(f"its name {given[:80]!r} isn't lowercase letters, digits, and single hyphens")
    if name != folder:
        repairs.append(f"its name {name!r} differs from its folder {folder[:80]!r}")
    return name


def _description(settings: Mapping[str, Any], body: str, repairs: list[str]) -> str:
    """Raises BadSkill if there is nothing to choose it by."""
    parts = [_flat(settings.get(key)) for key in ("description", "when_to_use", "when-to-use")]
    words = " ".join(part for part in parts if part)
    if not words:
        words = _first_paragraph(body)
        if len(words) < LEAST_DESCRIPTION:
            raise BadSkill("it has no description; add one between the --- lines that says what it does and when")
        repairs.append("it has no description, so its first paragraph is used")
    if len(words) > MOST_DESCRIPTION:
        repairs.append(f"its description is {len(words):,} characters long; the limit is {MOST_DESCRIPTION:,}")
        words = f"{words[: MOST_DESCRIPTION - 1].rsplit(' ', 1)[0]}…"
    return words


def _first_paragraph(body: str) -> str:
    for part in re.split(r"\n\s*\n", body):
        if words := _flat(" ".join(line for line in part.split("\n") if not line.lstrip().startswith(("#", "```")))):
            return words
    return ""


def _version(settings: Mapping[str, Any]) -> str:
    more = settings.get("metadata")
    inner = cast(dict[str, Any], more).get("version") if isinstance(more, dict) else None
    return _flat(inner or settings.get("version"))[:20]


def _tools(given: object) -> tuple[str, ...]:
    """Returns the tool patterns of a line such as `Read, Bash(git:*)` or of a list."""
    return tuple(dict.fromkeys(_TOOL.findall(_flat(given))))


def _flat(value: object, depth: int = 3) -> str:
    """Returns any value of the settings as one line of text without invisible characters. YAML can contain itself, so
    it goes only so deep."""
    match value:
        case None:
            return ""
        case list() | dict():
            inner = cast(list[object], list(value.values()) if isinstance(value, dict) else value)  # pyright: ignore
            return " ".join(part for one in inner[:_WIDEST] if depth and (part := _flat(one, depth - 1)))
        case _:
            letters = clean_outside_text.text(str(value))
            kept = "".join(c if not unicodedata.category(c).startswith("C") or c in "\n\t" else " " for c in letters)
            return " ".join(kept.split())
