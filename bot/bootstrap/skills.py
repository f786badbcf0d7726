"""Provides the skills of a data folder: to the hub, to the command line, and to `doctor`."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from agents.loop.context_window import RoughWindow
from agents.skills.fetch_skill import FetchedSkill, SkillFetcher, from_disk
from agents.skills.find_skills import FoundSkills, SkillFinder
from agents.skills.library import InstalledSkills, SharedFolder, SkillLibrary, installed_library
from agents.skills.planner_skills import LibraryCatalogue
from agents.skills.read_folder import SkillRoot, read_skill, sheet_among
from agents.skills.saved_skills import SavedSkills, packaged
from agents.skills.skill import BadSkill, Skill
from agents.skills.skill_folders import FOLDER, home_roots, root_of, scoped_roots
from agents.skills.versions import ArchivedSkill, archived_in, save_version, unarchive
from agents.skills.write_skill_md import SkillDraft
from bot.bootstrap.models import ModelsInUse
from bot.config.settings import Settings
from orchestrator.desk import PersonalDesk
from orchestrator.domain.ids import TaskId
from orchestrator.domain.skill_rates import ROOM, begun
from orchestrator.domain.skills import OWNERS, PackagedSkill, SkillSource
from orchestrator.engine.dbos_engine import DbosEngine
from orchestrator.engine.running_flows import guarded
from orchestrator.errors import NotFound, Refused
from orchestrator.flows.rate_skills import RateFlow
from orchestrator.flows.save_skill import SkillFlow
from orchestrator.flows.try_skill import TrialReport, TrialStart
from orchestrator.ledger.file_shelf import FolderShelf
from orchestrator.ports import Model, Shelf, SkillCatalogue, SkillKeeper
from orchestrator.task_event_logs import Logs

SKILLS = ROOM.removeprefix("room/")
"""The room's name at the desk."""


class HubSkills(NamedTuple):
    """What agents read skills from, what the planner chooses from, and what files new ones; the first two are None
    during a rehearsal, whose script knows no skills."""

    library: SkillLibrary | None
    catalogue: SkillCatalogue | None
    keeper: SkillKeeper


class SkillLine(NamedTuple):
    """A skill as people read it. `others`: sources whose skill of that name it replaces, in words."""

    name: str
    version: str
    source: str
    description: str
    others: str
    path: str


class OfferedSkill(NamedTuple):
    """A skill that may be installed, and what people look at before."""

    found: FetchedSkill
    package: PackagedSkill


class InstalledVersion(NamedTuple):
    """A skill that was installed, and where."""

    name: str
    version: str
    path: str


class WaitingDraft(NamedTuple):
    """A drafted skill that waits for approval in a task."""

    task: TaskId
    name: str
    by: str


class CheckedSkill(NamedTuple):
    """A skill that was checked. `repairs`: what differs from the format; `refused`: why it can't be used at all."""

    path: str
    name: str = ""
    repairs: tuple[str, ...] = ()
    refused: str = ""


def skills_of(settings: Settings, shelf: Shelf, brain: ModelsInUse) -> HubSkills:
    library = installed_library(settings.home, shelf, settings.host.folders)
    keeper = SavedSkills(library, settings.home, shelf, SkillFetcher(settings.host.near))
    if brain.rehearsal:
        return HubSkills(None, None, keeper)
    return HubSkills(library, LibraryCatalogue(library, (brain.windows or RoughWindow()).room), keeper)


def register_flows(
    engine: DbosEngine, keeper: SkillKeeper, logs: Logs, shelf: Shelf, model: Model, name: str
) -> None:  # fmt: skip
    """Registers what makes skills from tasks, tries drafts, and rates skills. `name`: the model that drafts."""
    saving, rating = SkillFlow(logs, model, name, keeper), RateFlow(logs, keeper)
    trying, reporting = TrialStart(logs, keeper), TrialReport(logs, shelf)
    engine.register("skill", guarded(saving, saving.crashed))
    engine.register("rate", guarded(rating, rating.crashed))
    engine.register("try", guarded(trying, trying.crashed))
    engine.register("tried", guarded(reporting, reporting.crashed))


def installed(settings: Settings) -> tuple[list[SkillLine], list[str]]:
    """Returns every skill on this machine, first those that every task can use, and sentences about those that can't be
    used. Blocks."""
    found = _library(settings).installed()
    lines = [_line(found, name) for name in sorted(found.visible.by_name)]
    lines += [_as_line(skill, f"{OWNERS[skill.source]}: {id_}") for skill, id_ in found.scoped]
    return lines, [one.words for one in found.skipped]


def shown(settings: Settings, name: str) -> tuple[SkillLine, str]:
    """Returns one skill and its instructions. Raises NotFound. Blocks."""
    found = _library(settings).installed()
    one = found.visible.by_name.get(name.strip().strip("/").lower())
    if one is None:
        raise NotFound(f"There's no skill named {name!r}. `threadwork skills` lists them.")
    return _line(found, one.name), one.sheet.body


def checked(folder: Path) -> list[CheckedSkill]:
    """Checks a skill's folder, or each skill in a folder of skills. Raises NotFound. Blocks."""
    folder = folder.resolve()
    if sheet_among([path.name for path in folder.iterdir()]):
        root = SkillRoot("team", folder.parent, within=folder)
        try:
            return [_checked(read_skill(folder, root))]
        except BadSkill as problem:
            return [CheckedSkill(str(folder), refused=str(problem))]
    found: FoundSkills = SkillFinder().find(SkillRoot("team", folder))
    if not found.skills and not found.skipped:
        raise NotFound(f"{str(folder)!r} contains no skills: there's no SKILL.md in it or its subfolders.")
    return [*map(_checked, found.skills), *(CheckedSkill(one.path, refused=one.why) for one in found.skipped)]


def to_trust(settings: Settings, folder: Path) -> list[SharedFolder]:
    """Returns the folders with skills in a granted folder. Raises Refused, NotFound. Blocks."""
    wanted = folder.resolve()
    if not any(wanted.is_relative_to(Path(one).expanduser().resolve()) for one in settings.host.folders):
        raise Refused(f"{str(folder)!r} isn't shared with agents. Add it to host.folders in the settings first.")
    found = [
        one for one in _library(settings).shared()
        if one.found.skills and (one.root.within or one.root.path).resolve() in (wanted, *wanted.parents)
    ]  # fmt: skip
    if not found:
        raise NotFound(f"{str(folder)!r} has no skills in .agents/skills or .claude/skills.")
    return found


def trust(settings: Settings, shared: SharedFolder) -> None:
    """Lets tasks use these skills as they are now. Blocks."""
    _library(settings).trust(shared)


async def offered(settings: Settings, source: str, name: str) -> OfferedSkill:
    """Returns a skill from this machine or from an address, as people look at it before it is installed. Raises
    Refused."""
    here = None if "://" in source else await asyncio.to_thread(_from_disk, source, name)
    found = here or await SkillFetcher(settings.host.near)(source, name)
    return OfferedSkill(found, packaged(found.skill, {path: len(held) for path, held in found.files.items()}))


def install(settings: Settings, offer: OfferedSkill, whose: SkillSource, id_: str) -> InstalledVersion:
    """Files the skill for everyone or, with an ID, for one person, channel, or team. Raises Refused. Blocks."""
    root, one = root_of(settings.home, whose, id_), offer.found.skill
    files = {path: held for path, held in offer.found.files.items() if path != sheet_among(offer.found.files)}
    body = one.sheet.body or "Read this skill's files."
    try:
        saved = save_version(root.path, SkillDraft(one.name, one.sheet.description, body, tools=one.sheet.tools), files)
    except (OSError, ValueError) as error:
        raise Refused(f"The skill {one.name!r} can't be installed: {error}.") from error
    return InstalledVersion(one.name, str(saved.version), str(root.path / one.name))


def version_there(settings: Settings, name: str, whose: SkillSource, id_: str) -> str:
    """Returns the version that an installation would replace; empty if there is none. Blocks."""
    root = root_of(settings.home, whose, id_)
    try:
        return (one := read_skill(root.path / name, root)).version or one.digest[:7]
    except BadSkill:
        return ""


def archived(settings: Settings) -> list[ArchivedSkill]:
    """Returns the archived skills of everyone, and of each person, channel, and team. Blocks."""
    roots = [*home_roots(settings.home, None), *(root for root, _ in scoped_roots(settings.home))]
    return [one for root in roots for one in archived_in(root.path)]


def bring_back(settings: Settings, name: str) -> ArchivedSkill:
    """Makes an archived skill count again. `name`: its own or its folder's. Raises NotFound, Refused. Blocks."""
    found = [one for one in archived(settings) if name in (one.name, one.id)]
    if not found:
        raise NotFound(f"No archived skill is named {name!r}. `threadwork skills` lists them.")
    if len(found) > 1:
        raise Refused(f"Several archived skills are named {name!r}. Name one of: {', '.join(one.id for one in found)}.")
    try:
        unarchive(found[0])
    except OSError as error:
        raise Refused(f"{error}.") from error
    return found[0]


async def waiting_drafts(desk: PersonalDesk) -> list[WaitingDraft]:
    """Returns the drafts that nobody has approved or discarded yet, in tasks that the person may see."""
    found: list[WaitingDraft] = []
    for task, saving in begun(await desk.desk.room(SKILLS)):
        with suppress(NotFound):
            row = (await desk.state(task)).saved.get(saving)
            if row is not None and row.status == "waiting":
                found.append(WaitingDraft(task, row.name, row.by.name))
    return found


def own_folder(settings: Settings) -> Path:
    """Returns where people put skills for everyone."""
    return settings.home / FOLDER


def _from_disk(source: str, name: str) -> FetchedSkill | None:
    path = Path(source).expanduser()
    return from_disk(path, name) if path.exists() else None


def _library(settings: Settings) -> SkillLibrary:
    return installed_library(settings.home, FolderShelf(settings.home / "shelf"), settings.host.folders)


def _line(found: InstalledSkills, name: str) -> SkillLine:
    one, used = found.visible.by_name[name], found.visible.used(name)
    others = ", ".join(OWNERS[source] for source in used.instead_of)
    return _as_line(one, OWNERS[one.source])._replace(others=others)


def _as_line(skill: Skill, source: str) -> SkillLine:
    version = skill.version or skill.digest[:7]
    return SkillLine(skill.name, version, source, skill.sheet.description, "", skill.path)


def _checked(skill: Skill) -> CheckedSkill:
    return CheckedSkill(skill.path, skill.name, skill.sheet.repairs)
