"""Skills as the ledger knows them: which one a step used, at which version, and from where. Pure."""

import hashlib
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
