"""Files the skills that people make in chat, for a person, a channel, or a team."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from pathlib import Path

from agents.skills import version_file
from agents.skills.library import SkillLibrary
from agents.skills.name_precedence import VisibleSkills
from agents.skills.read_folder import SHEET, SkillRoot, contents, read_skill, sheet_among
from agents.skills.skill import BadSkill, Skill, parse
from agents.skills.skill_folders import home_roots
from agents.skills.versions import (
    ARCHIVE,
    ArchivedSkill,
    archive,
    archived_in,
    earlier,
    restore,
    save_version,
    unarchive,
)
from agents.skills.write_skill_md import SkillDraft, written
from agents.skills.zip_skill import archive_of, archived
from orchestrator.domain.people import FileRef, Person
from orchestrator.domain.saved_skill import SavedSkill
from orchestrator.domain.skill_content import UnpackedSkill
from orchestrator.domain.skills import KnownSkill, PackagedSkill, SkillScope, SkillText, UsedSkill
from orchestrator.domain.task import TaskState
from orchestrator.errors import NotFound, Refused, Stale
from orchestrator.ports import Shelf

_MOST_SHOWN = 12_000
FetchSkill = Callable[[str, str], Awaitable[tuple[Skill, Mapping[str, bytes]]]]


class SavedSkills:
    """Implements the SkillKeeper port."""

    def __init__(self, library: SkillLibrary, home: Path, shelf: Shelf, fetch: FetchSkill) -> None:
        """`fetch`: gets the skill at an address, of several the one of that name."""
        self._library, self._home, self._shelf, self._fetch = library, home, shelf, fetch

    async def named(self, state: TaskState, name: str) -> KnownSkill | None:
        """Returns the skill of that name that the task can use."""
        visible = await self._library.visible(state)
        return _known(visible, name) if name in visible.by_name else None

    async def nearest(self, state: TaskState, text: SkillText) -> KnownSkill | None:
        """Returns the skill that the text is most like, by its words."""
        visible = await self._library.visible(state)
        words = f"{text.name.replace('-', ' ')} {text.description}"
        close = await self._library.closest(visible, words, 1)
        return _known(visible, close[0].name) if close else None

    async def unpacked(self, state: TaskState, name: str, source: str) -> UnpackedSkill:
        """Raises NotFound if no skill of that name is attached, Refused if the address `source` has none."""
        visible = await self._library.visible(state)
        if source:
            one, files = await self._fetch(source, name)
            there = visible.by_name.get(one.name)
            content = await self._library.kept(one, files)
            sizes = {path: len(held) for path, held in files.items()}
        else:
            one = visible.by_name.get(name)
            if one is None or one.source != "task":
                raise NotFound(f"No skill named {name!r} is attached here. Attach its SKILL.md or zip archive again.")
            there = next(iter(visible.replaced.get(name, ())), None)
            content = await self._library.content(one)
            sizes = {row.path: row.file.size for row in (await self._library.read(content)).files}
        if there is not None:
            near = _as_known(there, visible.used(one.name).model_copy(update=_edition(there)))
        else:
            close = [x for x in await self._library.closest(visible, one.sheet.description, 2) if x.name != one.name]
            near = _known(visible, close[0].name) if close else None
        return UnpackedSkill(package=packaged(one, sizes), content=content, near=near)

    async def file(self, state: TaskState, saved: SavedSkill) -> UsedSkill:
        """Writes the next version. Raises Refused if the name is taken or the disk refuses."""
        draft, files = await self._parts(saved)
        root = await self._root(state, draft.name, saved.scope, saved.by)
        try:
            return await asyncio.to_thread(_filed, root, draft, files, saved)
        except (OSError, ValueError) as error:
            raise Refused(f"{error}. Press Approve to try again.") from error

    async def _parts(self, saved: SavedSkill) -> tuple[SkillDraft, Mapping[str, bytes] | None]:
        """Returns what to write, and the files of an attached skill; None: the skill's own files stay."""
        if saved.draft is not None:
            return SkillDraft(saved.draft.name, saved.draft.description, saved.draft.body), None
        if saved.package is None or saved.content is None:
            raise NotFound("There's nothing to save.")
        content = await self._library.read(saved.content)
        files = {one.path: await self._library.bytes_of(one.file) for one in content.files}
        name, sheet = saved.package.name, sheet_among(files)
        if sheet is None:
            raise NotFound(f"The skill {name!r} has no SKILL.md.")
        said = parse(files.pop(sheet), name, others=bool(files))
        body = said.body or "Read this skill's files."
        return SkillDraft(name, said.description, body, tools=said.tools), files

    async def roll_back(self, state: TaskState, skill: UsedSkill, by: Person) -> str:
        """Raises Stale if the skill has a newer version, or was changed by hand."""
        root = await self._root(state, skill.name, _scope(skill), by)
        try:
            return await asyncio.to_thread(_rolled_back, root, skill)
        except (OSError, ValueError) as error:
            raise Refused(f"{error}. Press Roll back to try again.") from error

    async def archive_unused(self, state: TaskState, saved: SavedSkill, before: datetime) -> bool:
        """Returns whether it is archived now: not if its files have changed since `before`, or another version
        counts."""
        if saved.filed is None:
            return False
        root = await self._root(state, saved.filed.name, _scope(saved.filed), saved.by)
        try:
            return await asyncio.to_thread(_archived_unused, root, saved.filed, before.timestamp())
        except OSError as error:
            raise Refused(f"{error}.") from error

    async def revive(self, state: TaskState, saved: SavedSkill) -> None:
        """Raises Refused if the archive doesn't have it anymore, or another skill has its name now."""
        if saved.filed is None:
            raise NotFound("There's nothing to bring back.")
        root = await self._root(state, saved.filed.name, _scope(saved.filed), saved.by)
        try:
            await asyncio.to_thread(_revived, root, saved.filed)
        except OSError as error:
            raise Refused(f"{error}.") from error

    async def zipped(self, state: TaskState, skill: UsedSkill, by: Person) -> FileRef:
        """Returns an archive of the skill as it is now, with all its files and nothing of ours."""
        root = await self._root(state, skill.name, _scope(skill), by)
        try:
            content = await asyncio.to_thread(archive_of, root.path / skill.name)
        except (OSError, BadSkill) as error:
            raise Refused(f"{error}. Press Export to try again.") from error
        return await self._shelf.put(content, name=f"{skill.name}.zip", media="application/zip")

    async def packed(self, state: TaskState, saved: SavedSkill, text: SkillText) -> FileRef:
        """Returns an archive of the draft as it would be filed, with the files of the skill that it changes."""
        draft, old = SkillDraft(text.name, text.description, text.body), saved.replaces
        try:
            files: Mapping[str, bytes] = {}
            if old is not None:
                root = await self._root(state, old.name, _scope(old), saved.by)
                files = await asyncio.to_thread(contents, root.path / old.name)
            packed = archived(draft.name, {**files, **_script_of(saved), SHEET: written(draft).encode()})
        except (OSError, BadSkill, ValueError) as error:
            raise Refused(f"The draft can't be packed: {error}.") from error
        return await self._shelf.put(packed, name=f"{draft.name}.skill", media="application/zip")

    async def _root(self, state: TaskState, name: str, scope: SkillScope, by: Person) -> SkillRoot:
        """Returns the folder that a skill belongs in: where one of that name and owner is, where one is archived, or
        where new ones go."""
        request = state.request.model_copy(update={"by": by}) if state.request else None
        found = [root for root in home_roots(self._home, request) if root.source == scope]
        return await asyncio.to_thread(_holding, found, name)


def _holding(roots: Sequence[SkillRoot], name: str) -> SkillRoot:
    held = [root for root in roots if (root.path / name).is_dir()]
    archived_there = [root for root in roots if any(one.name == name for one in archived_in(root.path))]
    return (held or archived_there or roots)[0]


def _scope(skill: UsedSkill) -> SkillScope:
    match skill.source:
        case "person" | "channel" | "team":
            return skill.source
        case _:
            raise Refused(f"The skill {skill.words} wasn't made in chat, so it has no earlier version here.")


def packaged(one: Skill, sizes: Mapping[str, int]) -> PackagedSkill:
    """Returns what people look at before the skill is installed. `sizes`: bytes of each file."""
    return PackagedSkill(
        name=one.name, description=one.sheet.description, text=one.sheet.body[:_MOST_SHOWN], digest=one.digest,
        files=tuple(f"{path} ({size:,} bytes)" for path, size in sorted(sizes.items())), tools=one.sheet.tools,
        repairs=one.sheet.repairs,
    )  # fmt: skip


def _known(visible: VisibleSkills, name: str) -> KnownSkill:
    return _as_known(visible.by_name[name], visible.used(name))


def _as_known(skill: Skill, used: UsedSkill) -> KnownSkill:
    return KnownSkill(skill=used, text=f"{skill.sheet.description}\n\n{skill.sheet.body}"[:_MOST_SHOWN])


def _edition(skill: Skill) -> dict[str, object]:
    return {"digest": skill.digest, "version": skill.version, "source": skill.source, "instead_of": ()}


def _filed(root: SkillRoot, draft: SkillDraft, files: Mapping[str, bytes] | None, saved: SavedSkill) -> UsedSkill:
    folder = root.path / draft.name
    there = contents(folder) if (folder / SHEET).is_file() else {}
    if script := _script_of(saved):
        files = {**{path: held for path, held in there.items() if path != SHEET}, **script}
    wanted = {**(there if files is None else files), SHEET: written(draft).encode()}
    if there and there != wanted:
        old, now = saved.replaces, _read(folder, root)
        if old is None or old.source != root.source:
            how = "Press Edit and choose another name" if saved.draft else "Rename it and attach it again"
            raise ValueError(f"There's already a skill named {draft.name!r} there. {how}")
        if now is not None and now.digest != old.digest:
            raise ValueError(
                f"The skill {draft.name!r} has been changed since this was drafted. Discard it and ask again"
            )
    save_version(root.path, draft, files)
    found = read_skill(folder, root)
    return UsedSkill(name=found.name, digest=found.digest, version=found.version, source=root.source)


def _script_of(saved: SavedSkill) -> Mapping[str, bytes]:
    """Returns the script by its path, if somebody approved it."""
    return {saved.script.path: saved.script.code.encode()} if saved.script and saved.script_by else {}


def _read(folder: Path, root: SkillRoot) -> UsedSkill | None:
    try:
        found = read_skill(folder, root)
    except BadSkill:
        return None
    return UsedSkill(name=found.name, digest=found.digest, version=found.version, source=root.source)


def _archived_unused(root: SkillRoot, filed: UsedSkill, before: float) -> bool:
    folder = root.path / filed.name
    now = version_file.load(folder)
    if now is None:
        return not folder.exists() and any(it.version == filed.version for it in _archived(root, filed))
    changed = (folder / version_file.NAME).stat().st_mtime > before
    counts = _read(folder, root)
    if changed or counts is None or counts.version != filed.version:
        return False  # what someone edited by hand stays, too
    archive(folder)
    return True


def _revived(root: SkillRoot, filed: UsedSkill) -> None:
    now = version_file.load(root.path / filed.name)
    if now is not None and str(now.version) == filed.version:
        return  # it was brought back before a crash, or on the command line
    found = next((one for one in _archived(root, filed) if one.version == filed.version), None)
    if found is None:
        raise FileNotFoundError(f"The archive has no version {filed.version} of {filed.name!r} anymore")
    unarchive(found)


def _archived(root: SkillRoot, skill: UsedSkill) -> list[ArchivedSkill]:
    return [one for one in archived_in(root.path) if one.name == skill.name]


def _rolled_back(root: SkillRoot, filed: UsedSkill) -> str:
    folder = root.path / filed.name
    now = version_file.load(folder)
    if now is None:
        if not folder.exists() and any((root.path / ARCHIVE).glob(f"{filed.name}.*")):
            return ""  # it was archived before a crash
        raise Stale(f"The skill {filed.name!r} is no longer where it was saved, or no longer has a version.")
    before = earlier(folder, int(filed.version.split()[0]))
    if str(now.version) != filed.version:
        if before is not None and now.version == before and now.latest:
            return str(before)  # it was rolled back before a crash
        raise Stale(f"The skill {filed.name!r} has a newer version, {now.version}. Roll that one back first.")
    if before is None:
        archive(folder)
        return ""
    return str(restore(folder, before).version)
