"""Saves a skill as a folder, with its next version in our file beside the SKILL.md."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from secrets import token_hex

from agents.skills import version_file
from agents.skills.read_folder import SHEET, contents
from agents.skills.write_skill_md import SkillDraft, written
from orchestrator.domain.skills import digest_of


def save_skill(root: Path, draft: SkillDraft, files: Mapping[str, bytes] | None = None) -> version_file.SkillVersion:
    """Writes the draft below `root`, in a folder of its name. `files`: by path, added to those that are there.

    Raises ValueError if the draft or a path can't be written, OSError. Blocks.
    """
    text = written(draft)
    folder = root / draft.name
    folder.mkdir(parents=True, exist_ok=True)
    for path, content in {**(files or {}), SHEET: text.encode()}.items():
        write_file(folder, path, content)
    found = {path: hashlib.sha256(content).hexdigest() for path, content in contents(folder).items()}
    return version_file.save(folder, digest_of(found))


def _checked(path: str) -> PurePosixPath:
    """Raises ValueError."""
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or any(p == ".." or p.startswith(".") or "\0" in p for p in parts):
        raise ValueError(
            f"{path[:80]!r} can't be a file of a skill. Use a path inside it and a name that doesn't start with a dot."
        )
    return PurePosixPath(path)


def write_file(folder: Path, name: str, content: bytes) -> None:
    """Writes one file of a skill, whole or not at all. Raises ValueError, OSError. Blocks."""
    path = _checked(name)
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.parent.resolve().is_relative_to(folder.resolve()):
        raise ValueError(f"{str(path)!r} is behind a link that points outside the skill. Remove the link.")
    draft = target.with_name(f".{token_hex(6)}.new")
    with draft.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(target)
