"""Provides the skills of a data folder: to the hub, to the command line, and to `doctor`."""

from pathlib import Path
from typing import NamedTuple

from agents.loop.context_window import RoughWindow
from agents.skills.find_skills import FoundSkills, SkillFinder
from agents.skills.library import InstalledSkills, SharedFolder, SkillLibrary, installed_library
from agents.skills.places import FOLDER
from agents.skills.planner_skills import LibraryCatalogue
from agents.skills.read_folder import SkillRoot, read_skill, sheet_among
from agents.skills.saved_skills import SavedSkills
from agents.skills.skill import BadSkill, Skill
from bot.bootstrap.models import ModelsInUse
from bot.config.settings import Settings
from orchestrator.domain.skills import OWNERS
from orchestrator.engine.dbos_engine import DbosEngine
from orchestrator.engine.running_flows import guarded
from orchestrator.errors import NotFound, Refused
from orchestrator.flows.rate_skills import RateFlow
from orchestrator.flows.save_skill import SkillFlow
from orchestrator.flows.try_skill import TrialReport, TrialStart
from orchestrator.ledger.file_shelf import FolderShelf
from orchestrator.ports import Model, Shelf, SkillCatalogue, SkillKeeper
from orchestrator.task_logs import Logs


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


class CheckedSkill(NamedTuple):
    """A skill that was checked. `repairs`: what differs from the format; `refused`: why it can't be used at all."""

    path: str
    name: str = ""
    repairs: tuple[str, ...] = ()
    refused: str = ""


def skills_of(settings: Settings, shelf: Shelf, brain: ModelsInUse) -> HubSkills:
    library = installed_library(settings.home, shelf, settings.host.folders)
    keeper = SavedSkills(library, settings.home, shelf)
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


def own_folder(settings: Settings) -> Path:
    """Returns where people put skills for everyone."""
    return settings.home / FOLDER


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
