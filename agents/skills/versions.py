"""Keeps every version of a skill beside it, so that an earlier one can be used again."""

import hashlib
import os
import shutil
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from secrets import token_hex
from typing import NamedTuple

from agents.skills import version_file
from agents.skills.read_folder import SHEET, contents
from agents.skills.save_skill import save_skill, write_file
from agents.skills.write_skill_md import SkillDraft
from orchestrator.domain.skills import digest_of

KEPT = ".versions"
"""The folder in a skill's folder with one folder for each version; readers of skills skip it."""
ARCHIVE = ".archived"
"""The folder beside skills for those that don't count anymore."""


def save_version(
    root: Path, draft: SkillDraft, files: Mapping[str, bytes] | None = None
) -> version_file.SkillVersion:  # fmt: skip
    """Saves the next version of a skill, and keeps the one before it, also if someone edited that by hand.

    `files`: all that it has besides its SKILL.md; None: those that are there stay. Raises ValueError, OSError. Blocks.
    """
    folder = root / draft.name
    found = contents(folder) if folder.is_dir() else {}
    if SHEET in found:
        _keep(folder, version_file.save(folder, digest_of(_shas(found))))
    if files is not None:
        for path in found.keys() - {*files, SHEET}:
            (folder / path).unlink()
    made = save_skill(root, draft, files)
    _keep(folder, made)
    return made


def earlier(folder: Path, version: int) -> int | None:
    """Returns the newest kept version before that one. Blocks."""
    kept = [int(one.name) for one in (folder / KEPT).glob("*") if one.name.isdecimal()]
    return max((n for n in kept if n < version), default=None)


def restore(folder: Path, version: int) -> version_file.SkillVersion:
    """Puts a stored version back in use. Raises OSError. Blocks."""
    wanted = contents(folder / KEPT / str(version))
    if not wanted:
        raise FileNotFoundError(f"version {version} is no longer stored")
    for path in contents(folder):
        if path not in wanted:
            (folder / path).unlink()
    for path, content in wanted.items():
        write_file(folder, path, content)
    return version_file.back_to(folder, version, digest_of(_shas(wanted)))


def archive(folder: Path) -> None:
    """Moves a skill away, so that nothing uses it anymore. Raises OSError. Blocks."""
    place = folder.parent / ARCHIVE
    place.mkdir(exist_ok=True)
    folder.rename(place / f"{folder.name}.{token_hex(4)}")


class ArchivedSkill(NamedTuple):
    """A skill that was moved away. `id`: its folder in the archive; `version`: the one that counted."""

    root: Path
    id: str
    name: str
    version: str


def archived_in(root: Path) -> list[ArchivedSkill]:
    """Returns the archived skills beside those of a folder, by name, the newest first. Blocks."""
    found: list[tuple[float, ArchivedSkill]] = []
    with suppress(OSError):
        for folder in (root / ARCHIVE).iterdir():
            name, dot, _ = folder.name.rpartition(".")
            if dot and (folder / SHEET).is_file():
                now = version_file.load(folder)
                one = ArchivedSkill(root, folder.name, name, str(now.version) if now else "")
                found.append((folder.stat().st_ctime, one))
    return [one for _, one in sorted(found, key=lambda row: (row[1].name, -row[0]))]


def unarchive(one: ArchivedSkill) -> None:
    """Moves it back, as if it had been saved now. Raises OSError, FileExistsError with a sentence. Blocks."""
    target = one.root / one.name
    if target.exists():
        raise FileExistsError(f"There's already a skill named {one.name!r} there. Rename or remove that one first")
    (one.root / ARCHIVE / one.id).rename(target)
    with suppress(FileNotFoundError):
        os.utime(target / version_file.NAME)


def _keep(folder: Path, saved: version_file.SkillVersion) -> None:
    target = folder / KEPT / str(saved.version)
    if target.is_dir():
        return
    draft = target.with_name(f".{saved.version}.{token_hex(4)}")
    for path, content in contents(folder).items():
        (draft / path).parent.mkdir(parents=True, exist_ok=True)
        (draft / path).write_bytes(content)
    try:
        draft.rename(target)
    except OSError:
        shutil.rmtree(draft, ignore_errors=True)
        if not target.is_dir():
            raise


def _shas(files: dict[str, bytes]) -> dict[str, str]:
    return {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
