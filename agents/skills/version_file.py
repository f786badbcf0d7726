"""Reads and writes a skill's version, which the format of SKILL.md has no field for: a small file of ours beside it."""

from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from orchestrator.private_files import replace_secret

NAME = ".threadwork.json"
MOST_BYTES = 4_000


class SkillVersion(BaseModel):
    """`version` counts from 1; `digest` is of the files as they were saved under it. `latest`: the highest version, if
    an earlier one is in use again."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: int = Field(ge=1)
    digest: str
    latest: int = 0


def load(folder: Path) -> SkillVersion | None:
    """Returns None if there is none, or none that can be read. Blocks."""
    with suppress(OSError, ValidationError):
        if (folder / NAME).stat().st_size <= MOST_BYTES:
            return SkillVersion.model_validate_json((folder / NAME).read_bytes())
    return None


def version_of(sidecar: SkillVersion | None, digest: str) -> str:
    """Returns the version in words; says so if someone has edited the skill since it was saved."""
    if sidecar is None:
        return ""
    return str(sidecar.version) if sidecar.digest == digest else f"{sidecar.version} edited"


def save(folder: Path, digest: str) -> SkillVersion:
    """Writes the next version; the same content keeps its version. Blocks."""
    old = load(folder)
    if old and old.digest == digest:
        return old
    return _written(folder, SkillVersion(version=max(old.version, old.latest) + 1 if old else 1, digest=digest))


def back_to(folder: Path, version: int, digest: str) -> SkillVersion:
    """Records that an earlier version is in use again; it keeps its number, and the next one gets a new one. Blocks."""
    old = load(folder)
    return _written(
        folder, SkillVersion(version=version, digest=digest, latest=max(old.version, old.latest) if old else 0)
    )


def _written(folder: Path, new: SkillVersion) -> SkillVersion:
    replace_secret(folder / NAME, new.model_dump_json().encode())
    return new
