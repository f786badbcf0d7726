"""Reads skills that people attach: a SKILL.md, or a zip archive with skill folders. Unpacks only in memory."""

import io
import stat
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath

from agents.skills.find_skills import FoundSkills
from agents.skills.read_folder import MOST_BYTES, MOST_FILES, SHEET, SkippedSkill, sheet_among, skill_of
from agents.skills.skill import BadSkill, Skill, parse

ARCHIVES = (".zip", ".skill")
_DAMAGED = (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError, OSError, ValueError)
_MOST_ENTRIES = 5_000


def may_hold_skills(name: str) -> bool:
    """Returns whether an attached file of that name is worth a look."""
    path = PurePosixPath(name)
    return path.suffix.lower() in ARCHIVES or (path.suffix.lower() == ".md" and path.stem.upper().startswith("SKILL"))


def read_attached(name: str, content: bytes) -> tuple[FoundSkills, Mapping[str, Mapping[str, bytes]]]:
    """Returns the skills of an attached file, and the files of each by its digest. An archive without any SKILL.md has
    none, which is no fault. Blocks."""
    skills: list[Skill] = []
    skipped: list[SkippedSkill] = []
    files: dict[str, Mapping[str, bytes]] = {}
    try:
        folders = _unpacked(content) if PurePosixPath(name).suffix.lower() in ARCHIVES else {"": {SHEET: content}}
    except BadSkill as problem:
        return FoundSkills((), (SkippedSkill("task", name, str(problem)),)), files
    except _DAMAGED:
        return FoundSkills(), files  # whoever works with the file says that it is damaged
    for folder, held in folders.items():
        where = f"{name}/{folder}".rstrip("/")
        try:
            named = PurePosixPath(folder).name or _stem(name)
            one = skill_of(held, parse(held[sheet_among(held) or SHEET], named, others=len(held) > 1), "task", where)
        except BadSkill as problem:
            skipped.append(SkippedSkill("task", where, str(problem)))
            continue
        skills.append(one)
        files[one.digest] = held
    return FoundSkills(tuple(skills), tuple(skipped)), files


def _stem(name: str) -> str:
    stem = PurePosixPath(name).stem
    return "" if stem.upper().startswith("SKILL") else stem


def _unpacked(content: bytes) -> Mapping[str, Mapping[str, bytes]]:
    """Returns the files of each folder with a SKILL.md. Raises BadSkill, or what a damaged archive raises."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = [entry for entry in archive.infolist() if not entry.is_dir()]
        sheets = [e.filename for e in entries if PurePosixPath(e.filename).name.lower() == SHEET.lower()]
        folders = skill_folders_of(sheets)
        if not folders:
            return {}
        if len(entries) > _MOST_ENTRIES:
            raise BadSkill(f"the archive has more than {_MOST_ENTRIES:,} files; send the skill's folder alone")
        return {folder: _held(archive, [e for e in entries if _is_below(e, folder)], folder) for folder in folders}


def skill_folders_of(sheets: Sequence[str]) -> list[str]:
    """Returns the folders of these files, empty for the top; not one inside another one, which belongs to that
    skill."""
    folders = dict.fromkeys("" if (found := str(PurePosixPath(s).parent)) == "." else found for s in sheets)
    return [f for f in folders if not any(f != o and (not o or f.startswith(f"{o}/")) for o in folders)]


def _is_below(entry: zipfile.ZipInfo, folder: str) -> bool:
    return not folder or entry.filename.startswith(f"{folder}/")


def _held(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo], folder: str) -> Mapping[str, bytes]:
    """Raises BadSkill for anything that an honest skill doesn't contain."""
    found: dict[str, bytes] = {}
    left = MOST_BYTES
    for entry in entries:
        path = entry.filename.removeprefix(f"{folder}/") if folder else entry.filename
        parts = PurePosixPath(path.replace("\\", "/")).parts
        if path.startswith("/") or ".." in parts or (parts and ":" in parts[0]):
            raise BadSkill(f"its file {path[:80]!r} would be written outside its folder; send an archive without it")
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise BadSkill(f"its file {path[:80]!r} is a link; send an archive without links")
        if any(part.startswith(".") or part == "__MACOSX" for part in parts):
            continue
        if entry.flag_bits & 1:
            raise BadSkill("it's protected with a password; send it without one")
        with archive.open(entry) as stream:
            found[path] = stream.read(left + 1)  # what it claims to unpack to may be a lie
        left -= len(found[path])
        if left < 0 or len(found) > MOST_FILES:
            raise BadSkill(f"it unpacks to more than {MOST_FILES} files or {MOST_BYTES >> 20} MiB; send a smaller one")
    return found
