"""Reads skills from folders of this machine: follows no link that points outside, opens only regular files."""

import errno
import hashlib
import os
import stat
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from agents.skills import version_file
from agents.skills.skill import MOST_FILE, BadSkill, Skill, SkillSheet, parse
from orchestrator.domain.skills import SkillSource, digest_of

SHEET = "SKILL.md"
MOST_FILES, MOST_BYTES = 500, 20 << 20
_MADE = ("node_modules", "__pycache__")


@dataclass(frozen=True)
class SkillRoot:
    """A folder whose subfolders are skills. `within`: links may lead to anywhere in there; None: in the folder."""

    source: SkillSource
    path: Path
    within: Path | None = None


@dataclass(frozen=True)
class SkippedSkill:
    """A skill that can't be used. `why`: a clause that says the reason and what to do."""

    source: SkillSource
    path: str
    why: str

    @property
    def words(self) -> str:
        return f"The skill {self.path!r} isn't used: {self.why}."


def skill_folders(root: SkillRoot) -> list[Path]:
    """Returns the folders that contain skills: direct ones, and those one level below a folder without a SKILL.md."""
    found: list[Path] = []
    for folder in _subfolders(root.path):
        below = [] if _sheet_name(folder) else [one for one in _subfolders(folder) if _sheet_name(one)]
        found += below or [folder]
    return found


def read_skill(folder: Path, root: SkillRoot) -> Skill:
    """Reads one skill. Raises BadSkill. Blocks."""
    try:
        inside = (root.within or root.path).resolve()
        if not folder.resolve().is_relative_to(inside):
            raise BadSkill(f"it's a link that points outside {str(inside)!r}; copy the folder there instead")
        return _read(folder, root)
    except (OSError, RuntimeError) as error:  # a loop of links is a RuntimeError in Python 3.11 and 3.12
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it's part of a symlink loop"
        raise BadSkill(f"it can't be read ({reason}); make its files readable") from error


def contents(folder: Path) -> dict[str, bytes]:
    """Returns every file of a skill by its path. Raises BadSkill if there are too many, OSError. Blocks."""
    found: dict[str, bytes] = {}
    size = 0
    for path in _files(folder):
        found[str(path.relative_to(folder))] = content = _content(path)
        size += len(content)
        if len(found) > MOST_FILES or size > MOST_BYTES:
            raise BadSkill(f"it has more than {MOST_FILES} files or {MOST_BYTES >> 20} MiB; remove some of them")
    return found


def signature(folder: Path) -> tuple[tuple[str, int, int], ...]:
    """Returns something that changes whenever a file of the skill does, without reading the files. Blocks."""
    rows: list[tuple[str, int, int]] = []
    with suppress(OSError):
        for path in (*_files(folder), folder / version_file.NAME):
            with suppress(OSError):
                at = path.lstat()
                rows.append((str(path), at.st_mtime_ns, at.st_size))
            if len(rows) > MOST_FILES + 2:
                break
    return tuple(rows)


def _read(folder: Path, root: SkillRoot) -> Skill:
    name = _sheet_name(folder)
    if name is None:
        raise BadSkill("it has no SKILL.md; add one, or remove the folder")
    if not stat.S_ISREG((folder / name).lstat().st_mode):
        raise BadSkill(f"its {name} is a link or a folder; replace it with a copy of the file")
    if (folder / name).lstat().st_size > MOST_FILE:
        raise BadSkill(f"its SKILL.md is larger than {MOST_FILE >> 10} KiB; move parts of it to other files")
    found = contents(folder)
    one = skill_of(found, parse(found[name], folder.name, others=len(found) > 1), root.source, str(folder))
    return replace(one, version=version_file.version_of(version_file.load(folder), one.digest) or one.version)


def skill_of(files: Mapping[str, bytes], sheet: SkillSheet, source: SkillSource, path: str) -> Skill:
    """Returns the skill with these files."""
    shas = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    return Skill(sheet, source, path, digest_of(shas), version=sheet.version)


def sheet_among(names: Collection[str]) -> str | None:
    """Returns the SKILL.md among these paths, however it is capitalized."""
    return next((n for n in (SHEET, *sorted(names)) if n in names and n.lower() == SHEET.lower()), None)


def _sheet_name(folder: Path) -> str | None:
    with suppress(OSError):
        return sheet_among([path.name for path in folder.iterdir()])
    return None


def _subfolders(folder: Path) -> list[Path]:
    try:
        return sorted(p for p in folder.iterdir() if not p.name.startswith(".") and (p.is_dir() or p.is_symlink()))
    except OSError:
        return []


def _files(folder: Path) -> Iterator[Path]:
    """Yields the regular files that aren't hidden or generated, never through a link. Leaves out one whose name isn't
    text, because it can't be named to anyone. Raises OSError."""

    def refuse(error: OSError) -> None:
        raise error

    for where, folders, names in os.walk(folder, onerror=refuse, followlinks=False):
        folders[:] = sorted(n for n in folders if not n.startswith(".") and n not in _MADE)
        for name in sorted(names):
            path = Path(where) / name
            if not name.startswith(".") and _is_text(str(path.relative_to(folder))) and _is_file(path):
                yield path


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _is_file(path: Path) -> bool:
    return stat.S_ISREG(path.lstat().st_mode)


def _content(path: Path) -> bytes:
    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(file, "rb") as stream:
        content = stream.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise OSError(errno.EFBIG, f"{path.name} is larger than {MOST_BYTES >> 20} MiB")
    return content
