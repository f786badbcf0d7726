"""Skills as the ledger knows them: which one a step used, at which version, and from where. Pure."""

import hashlib
import re
from collections.abc import Mapping
from typing import Literal

from pydantic import Field

from orchestrator.domain.base_value import Value

SkillSource = Literal["task", "person", "channel", "team", "folder", "shipped"]
"""Where a skill comes from, nearest first: of several skills with one name, the nearest counts."""
OWNERS: dict[SkillSource, str] = {
    "task": "attached to this task",
    "person": "personal",
    "channel": "this channel’s",
    "team": "the team’s",
    "folder": "from a shared folder",
    "shipped": "built in",
}
"""The source in words, after a skill's name."""
OUTSIDE: frozenset[SkillSource] = frozenset({"task", "folder"})
"""Sources whose content counts as untrusted, because people may not have written it."""
INSIDE = "/skills"
"""Where sandboxed code sees the skills that a step uses, by name, read-only."""
_SHORT = 7


class UsedSkill(Value):
    """A skill at one version. `digest`: SHA-256 over its files; `version`: as its owner counts, empty if nobody does.

    `instead_of`: sources whose skill of the same name it replaces.
    """

    name: str = Field(pattern=r"^[^\W_]+(-[^\W_]+)*$", max_length=64)
    digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    source: SkillSource
    version: str = ""
    instead_of: tuple[SkillSource, ...] = ()

    @property
    def edition(self) -> str:
        """Returns its name and version in words, e.g. `weekly-report 3`; without a version, the digest's beginning."""
        return f"{self.name} {self.version or self.digest[:_SHORT]}"

    @property
    def words(self) -> str:
        """Returns all of it in words, e.g. `weekly-report 3 (the team’s, instead of the built-in one)`."""
        others = " and ".join(_REPLACED[one] for one in self.instead_of)
        instead = f", instead of {others}" if others else ""
        return f"{self.edition} ({OWNERS[self.source]}{instead})"


SkillScope = Literal["person", "channel", "team"]
"""Who owns a skill that was made in chat."""
MOST_BODY = 5_600
"""Characters of the instructions of a skill that was made in chat: a form in a chat holds that many."""


class SkillText(Value):
    """What a SKILL.md says, as people read and edit it."""

    name: str = Field(pattern=r"^[^\W_A-Z]+(-[^\W_A-Z]+)*$", max_length=64)
    description: str = Field(min_length=1, max_length=1_024)
    body: str = Field(min_length=1, max_length=MOST_BODY)


def skill_text(name: str, description: str, body: str) -> SkillText:
    """Returns the text. Raises ValueError with a sentence that says what to change."""
    name, description, body = name.strip().lower().lstrip("/"), " ".join(description.split()), body.strip()
    if not re.fullmatch(r"[^\W_]+(-[^\W_]+)*", name) or len(name) > 64:
        raise ValueError("The name must be at most 64 lowercase letters, digits, and single hyphens.")
    for what, text, most in (("description", description, 1_024), ("instructions", body, MOST_BODY)):
        if not text:
            raise ValueError(f"Fill in the {what}.")
        if len(text) > most:
            raise ValueError(f"The {what} can have at most {most:,} characters; there are {len(text):,}.")
    return SkillText(name=name, description=description, body=body)


MOST_SCRIPT = 2_400
"""Characters of a script that was drafted in chat: people read all of it before they approve it."""


class SkillScript(Value):
    """A Python script for a part of a skill that is deterministic. `does`: what for, and how it is called."""

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,40}\.py$")
    does: str = Field(min_length=1, max_length=300)
    code: str = Field(min_length=1, max_length=MOST_SCRIPT + 1)

    @property
    def path(self) -> str:
        return f"scripts/{self.name}"


def skill_script(name: str, does: str, code: str) -> SkillScript:
    """Returns the script. Raises ValueError with a sentence that says what to change."""
    name, does, code = name.strip().removeprefix("scripts/"), " ".join(does.split()), code.strip()
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,40}\.py", name):
        raise ValueError("The script's name must be lowercase letters, digits, and underscores, and end with .py.")
    if not does or len(does) > 300 or not code or len(code) > MOST_SCRIPT:
        raise ValueError(f"The script needs a purpose of at most 300 and code of at most {MOST_SCRIPT:,} characters.")
    if not all(char.isprintable() or char in "\n\t" for char in code):  # it could look like another program
        raise ValueError("The script contains invisible characters. Leave them out, or write them as escapes.")
    return SkillScript(name=name, does=does, code=f"{code}\n")


class PackagedSkill(Value):
    """An attached skill before it is installed. `files`: each with its size, in words; `tools`: those that its author
    limits agents to; `repairs`: what differs from the format."""

    name: str
    description: str
    text: str
    digest: str
    files: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()


class KnownSkill(Value):
    """A skill that exists already: which one it is, what it says, and in words how it has done."""

    skill: "UsedSkill"
    text: str
    rates: str = ""


_REPLACED: dict[SkillSource, str] = {
    "task": "the attached one",
    "person": "the personal one",
    "channel": "this channel’s",
    "team": "the team’s",
    "folder": "the one from a shared folder",
    "shipped": "the built-in one",
}


def digest_of(files: Mapping[str, str]) -> str:
    """Returns the SHA-256 over a skill's files. `files`: the SHA-256 of each by its path."""
    rows = "".join(f"{sha}  {path}\n" for path, sha in sorted(files.items()))
    return hashlib.sha256(rows.encode(errors="surrogateescape")).hexdigest()
