"""Files the skills that people make in chat, for a person, a channel, or a team."""

import asyncio
from pathlib import Path

from agents.skills import sidecar
from agents.skills.library import SkillLibrary
from agents.skills.nearest import VisibleSkills
from agents.skills.places import home_roots
from agents.skills.read_folder import SHEET, SkillRoot, read_skill
from agents.skills.skill import BadSkill
from agents.skills.skill_text import SkillDraft, written
from agents.skills.versions import archive, earlier, restore, save_version
from orchestrator.domain.skills import KnownSkill, SkillText, UsedSkill
from orchestrator.domain.task import SavedSkill, TaskState
from orchestrator.errors import NotFound, Refused, Stale

_MOST_SHOWN = 12_000
_OWN = ("person", "channel", "team")


class SavedSkills:
    """Implements the SkillKeeper port."""

    def __init__(self, library: SkillLibrary, home: Path) -> None:
        self._library, self._home = library, home

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

    async def file(self, state: TaskState, saved: SavedSkill) -> UsedSkill:
        """Writes the next version. Raises Refused if the name is taken or the disk refuses."""
        if saved.draft is None:
            raise NotFound("There's no draft to save.")
        text, root = saved.draft, await self._root(state, saved)
        draft = SkillDraft(text.name, text.description, text.body)
        try:
            return await asyncio.to_thread(_filed, root, draft, saved)
        except (OSError, ValueError) as error:
            raise Refused(f"{error}. Press Approve to try again.") from error

    async def roll_back(self, state: TaskState, saved: SavedSkill) -> str:
        """Raises Stale if the skill has a newer version, or was changed by hand."""
        if saved.filed is None:
            raise NotFound("It was never saved.")
        root = await self._root(state, saved)
        try:
            return await asyncio.to_thread(_rolled_back, root, saved.filed)
        except OSError as error:
            raise Refused(f"{error}. Press Roll back to try again.") from error

    async def _root(self, state: TaskState, saved: SavedSkill) -> SkillRoot:
        """Returns the folder that the skill belongs in: where the version before it is, unless people chose another."""
        request = state.request.model_copy(update={"by": saved.by}) if state.request else None
        roots = {root.source: root for root in reversed(home_roots(self._home, request))}
        old = saved.replaces
        if old is not None and saved.draft and old.name == saved.draft.name and old.source == saved.scope:
            visible = await self._library.visible(state)
            found = visible.by_name.get(old.name)
            if found is not None and found.source == old.source:
                return SkillRoot(found.source, Path(found.path).parent)
        return roots[saved.scope]


def _known(visible: VisibleSkills, name: str) -> KnownSkill:
    one = visible.by_name[name]
    text = f"{one.sheet.description}\n\n{one.sheet.body}"
    return KnownSkill(skill=visible.used(name), text=text[:_MOST_SHOWN])


def _filed(root: SkillRoot, draft: SkillDraft, saved: SavedSkill) -> UsedSkill:
    folder = root.path / draft.name
    sheet = folder / SHEET
    again = sheet.is_file() and sheet.read_text(encoding="utf-8", errors="replace") == written(draft)
    if not again and folder.exists():
        old, now = saved.replaces, _read(folder, root)
        if old is None or old.name != draft.name or old.source != root.source:
            raise ValueError(f"There's already a skill named {draft.name!r} there. Press Edit and choose another name")
        if now is not None and now.digest != old.digest:
            raise ValueError(
                f"The skill {draft.name!r} has been changed since this was drafted. Discard it and ask again"
            )
    save_version(root.path, draft)
    found = read_skill(folder, root)
    return UsedSkill(name=found.name, digest=found.digest, version=found.version, source=root.source)


def _read(folder: Path, root: SkillRoot) -> UsedSkill | None:
    try:
        found = read_skill(folder, root)
    except BadSkill:
        return None
    return UsedSkill(name=found.name, digest=found.digest, version=found.version, source=root.source)


def _rolled_back(root: SkillRoot, filed: UsedSkill) -> str:
    folder = root.path / filed.name
    now = sidecar.load(folder)
    if now is None:
        if folder.exists():
            raise Stale(f"The skill {filed.name!r} has no version anymore. Change its file by hand")
        return ""  # it was archived before a crash
    before = earlier(folder, int(filed.version.split()[0]))
    if str(now.version) != filed.version:
        if before is not None and now.version == before and now.latest:
            return str(before)  # it was rolled back before a crash
        raise Stale(f"The skill {filed.name!r} has a newer version, {now.version}. Roll that one back first.")
    if before is None:
        archive(folder)
        return ""
    return str(restore(folder, before).version)
