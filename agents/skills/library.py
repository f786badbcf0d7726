"""Gives a task its skills: finds them, lets the nearest count, and puts what is used on the shelf."""

import asyncio
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from agents.skills.find_skills import FoundSkills, SkillFinder
from agents.skills.name_precedence import VisibleSkills, nearest
from agents.skills.ranking import SkillRanking
from agents.skills.read_attached_skills import may_hold_skills, read_attached
from agents.skills.read_folder import SkillRoot, SkippedSkill, contents
from agents.skills.skill import BadSkill, Skill
from agents.skills.skill_folders import FOLDER, home_roots, scoped_roots, shared_roots, shipped_root
from agents.skills.skill_list_text import listing
from agents.skills.trusted_shared_skills import TrustRecord, hash_of
from orchestrator.domain.ids import Sha
from orchestrator.domain.people import FileRef
from orchestrator.domain.plural import counted
from orchestrator.domain.skill_content import SkillContent, SkillFile
from orchestrator.domain.skills import digest_of
from orchestrator.domain.task import TaskState
from orchestrator.errors import NotFound, ToolFailed
from orchestrator.ports import Shelf

_MOST_ATTACHED = 20 << 20
_KEPT = 16


class SkillPlaces(NamedTuple):
    """Where skills are: the data folder, folders granted to agents, and those that come with this version."""

    home: Path
    granted: tuple[str, ...] = ()
    shipped: SkillRoot | None = None


class SharedFolder(NamedTuple):
    """The skills of a granted folder. `hash_`: of all of them; `trusted`: whether people trusted exactly these."""

    root: SkillRoot
    found: FoundSkills
    hash_: str
    trusted: bool
    changed: bool


class InstalledSkills(NamedTuple):
    """Everything on this machine that a task could use, and what can't be used. `scoped`: the skills of one person,
    channel, or team, each with that one's ID."""

    visible: VisibleSkills
    skipped: Sequence[SkippedSkill]
    scoped: Sequence[tuple[Skill, str]]


class SkillLibrary:
    """Looks at the folders whenever it is asked, and reads again only what has changed."""

    def __init__(self, places: SkillPlaces, shelf: Shelf) -> None:
        self._places, self._shelf = places, shelf
        self._finder = SkillFinder()
        self._trust = TrustRecord(places.home / FOLDER)
        self._attached: dict[Sha, tuple[FoundSkills, Mapping[str, Mapping[str, bytes]]]] = {}
        self._rankings: dict[frozenset[str], SkillRanking] = {}

    async def visible(self, state: TaskState) -> VisibleSkills:
        """Returns the skills that this task can use."""
        attached = [await self._of_file(file) for file in _attached(state)]
        here = await asyncio.to_thread(self._installed, state)
        return nearest([*(found.skills for found, _ in attached), *(found.skills for found in here)])

    async def skipped(self, state: TaskState) -> Sequence[SkippedSkill]:
        """Returns attached skills that can't be used."""
        return [one for file in _attached(state) for one in (await self._of_file(file))[0].skipped]

    def installed(self) -> InstalledSkills:
        """Returns what is on this machine. Blocks."""
        found = self._installed(None)
        scoped = [(self._finder.find(root), id_) for root, id_ in scoped_roots(self._places.home)]
        return InstalledSkills(
            nearest([one.skills for one in found]),
            [skipped for one in (*found, *(one for one, _ in scoped)) for skipped in one.skipped],
            [(skill, id_) for one, id_ in scoped for skill in one.skills],
        )

    def shared(self) -> list[SharedFolder]:
        """Returns the skills of granted folders. Blocks."""
        return [self._shared(root) for root in shared_roots(self._places.granted) if os.path.isdir(root.path)]  # noqa: PTH112

    def trust(self, shared: SharedFolder) -> None:
        """Lets tasks use these skills as they are now. Blocks."""
        self._trust.trust(shared.root.path, shared.hash_)

    async def listed(self, visible: VisibleSkills, words: str, head: str, *, room: int) -> str:
        """Returns the list that a planner or agent chooses from. `room`: tokens of its model's window."""
        return await asyncio.to_thread(lambda: listing(visible, self._ranking(visible), words, head, room=room))

    async def closest(self, visible: VisibleSkills, words: str, most: int) -> list[Skill]:
        """Returns the skills that fit the words best; empty if none shares anything with them."""
        return await asyncio.to_thread(lambda: self._ranking(visible).best(words, most))

    def _ranking(self, visible: VisibleSkills) -> SkillRanking:
        """Returns the ranking of these skills; it is kept, because most tasks see the same ones."""
        key = frozenset(f"{one.name} {one.digest}" for one in visible.by_name.values())
        if key not in self._rankings:
            self._rankings = {
                **dict(list(self._rankings.items())[-_KEPT:]),
                key: SkillRanking(visible.by_name.values()),
            }
        return self._rankings[key]

    async def content(self, skill: Skill) -> FileRef:
        """Puts the skill on the shelf as it was found. Raises ToolFailed if it has changed since."""
        return await self.kept(skill, await self._files(skill))

    async def kept(self, skill: Skill, files: Mapping[str, bytes]) -> FileRef:
        """Puts a skill with these files on the shelf. Raises ToolFailed if they don't have its digest."""
        rows = [
            SkillFile(path=path, file=await self._shelf.put(content, name=path.rpartition("/")[2]))
            for path, content in sorted(files.items())
        ]
        if digest_of({row.path: row.file.sha for row in rows}) != skill.digest:
            raise ToolFailed(f"The skill {skill.name!r} has just changed. Call use_skill again.")
        content = SkillContent(text=skill.sheet.body, files=tuple(rows))
        return await self._shelf.put(content.model_dump_json().encode(), name="skill.json", media="application/json")

    async def read(self, file: FileRef) -> SkillContent:
        """Returns a skill's content from the shelf. Raises NotFound."""
        return SkillContent.model_validate_json(await self._shelf.get(file.sha))

    async def bytes_of(self, file: FileRef) -> bytes:
        """Returns one file of a skill. Raises NotFound."""
        return await self._shelf.get(file.sha)

    async def _files(self, skill: Skill) -> Mapping[str, bytes]:
        for _, files in self._attached.values():
            if skill.source == "task" and skill.digest in files:
                return files[skill.digest]
        try:
            return await asyncio.to_thread(contents, Path(skill.path))
        except (OSError, BadSkill) as error:
            raise ToolFailed(f"The skill {skill.name!r} can't be read: {error}. Continue without it.") from error

    async def _of_file(self, file: FileRef) -> tuple[FoundSkills, Mapping[str, Mapping[str, bytes]]]:
        if file.sha not in self._attached:
            try:
                content = await self._shelf.get(file.sha)
            except NotFound:
                return FoundSkills(), {}
            while len(self._attached) >= _KEPT:
                del self._attached[next(iter(self._attached))]
            self._attached[file.sha] = await asyncio.to_thread(read_attached, file.name, content)
        return self._attached[file.sha]

    def _installed(self, state: TaskState | None) -> list[FoundSkills]:
        own = [self._finder.find(root) for root in home_roots(self._places.home, state.request if state else None)]
        shared = [_if_trusted(one) for one in self.shared()]
        return [*own, *shared, *([self._finder.find(self._places.shipped)] if self._places.shipped else [])]

    def _shared(self, root: SkillRoot) -> SharedFolder:
        found = self._finder.find(root)
        hash_, known = hash_of(found.skills), self._trust.trusted(root.path)
        return SharedFolder(root, found, hash_, known == hash_, bool(known) and known != hash_)


def installed_library(home: Path, shelf: Shelf, granted: Sequence[str]) -> SkillLibrary:
    """Returns the library of a data folder, with the skills that come with this version."""
    return SkillLibrary(SkillPlaces(home, tuple(granted), shipped_root()), shelf)


def _if_trusted(shared: SharedFolder) -> FoundSkills:
    if shared.trusted or not shared.found.skills:
        return shared.found
    what = counted(len(shared.found.skills), "skill")
    since = "changed since they were trusted" if shared.changed else "not trusted by anyone yet"
    why = f"it contains {what}, {since}; `threadwork skills trust {shared.root.path}` shows what they contain"
    return FoundSkills((), (SkippedSkill("folder", str(shared.root.path), why), *shared.found.skipped))


def _attached(state: TaskState) -> list[FileRef]:
    """Returns the files that people attached themselves, the newest first; not those that they only quoted."""
    own = list(state.request.files) if state.request else []
    said = [file for line in state.lines if line.by is not None for file in line.files]
    return [f for f in reversed([*own, *said]) if may_hold_skills(f.name) and f.size <= _MOST_ATTACHED]
