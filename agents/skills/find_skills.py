"""Finds the skills below a folder; every one that can't be used comes with the reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from agents.skills.read_folder import SkillRoot, SkippedSkill, read_skill, signature, skill_folders
from agents.skills.skill import BadSkill, Skill

RESERVED = frozenset({"people", "channels", "teams"})
"""Folders in the data folder's `skills/` that contain other people's skills."""
_Known = tuple[object, Skill | SkippedSkill]


@dataclass(frozen=True)
class FoundSkills:
    """What one source has."""

    skills: Sequence[Skill] = ()
    skipped: Sequence[SkippedSkill] = ()


@dataclass
class SkillFinder:
    """Reads skills again only if their files have changed. Its methods block."""

    _known: dict[tuple[str, Path], _Known] = field(default_factory=dict[tuple[str, Path], _Known])

    def find(self, root: SkillRoot) -> FoundSkills:
        """Returns the source's skills by name, each name once."""
        skills: dict[str, Skill] = {}
        skipped: list[SkippedSkill] = []
        for folder in skill_folders(root):
            if folder.parent == root.path and folder.name in RESERVED:
                continue
            match self._read(folder, root):
                case Skill() as one if one.name in skills:
                    other = Path(skills[one.name].path).name
                    why = f"it has the same name as {other!r} in the same folder; rename one of them"
                    skipped.append(SkippedSkill(root.source, str(folder), why))
                case Skill() as one:
                    skills[one.name] = one
                case SkippedSkill() as one:
                    skipped.append(one)
        return FoundSkills(tuple(skills.values()), tuple(skipped))

    def _read(self, folder: Path, root: SkillRoot) -> Skill | SkippedSkill:
        key, now = (root.source, folder), signature(folder)
        known = self._known.get(key)
        if known is None or known[0] != now:
            try:
                found = read_skill(folder, root)
            except BadSkill as problem:
                found = SkippedSkill(root.source, str(folder), str(problem))
            known = self._known[key] = (now, found)
        return known[1]
