"""Lists, checks, saves, rolls back, and tries the agents of a data folder: for the workspace and the command line."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from agents.connectors.settings_file import FILE, read
from agents.roster import agent_versions
from agents.roster.agent_definition import Colleague
from agents.roster.agent_file import EFFORTS, AgentMistake, AgentRead, checked, read_agent
from agents.roster.agent_form import fields_of, prompt_of, settings_of, written
from agents.roster.agent_policy import EFFECTS
from agents.roster.missing_names_in_agent_file import KnownNames, doubts
from agents.roster.roster import FOLDER, SHIPPED, Agents, Roster
from agents.roster.tool_names_by_family import DESCRIBED
from agents.skills.library import installed_library
from bot.bootstrap.try_agent_in_hub import TryOut
from bot.config.settings import Settings
from bot.web.agent_views import AgentChoices, AgentForm, AgentLine, AgentVersionLine, Fields
from orchestrator.domain.people import Person
from orchestrator.errors import ModelFailed, NotFound, Refused, Stale
from orchestrator.ledger.file_shelf import FolderShelf

BUILT_IN, OWN = "built in", "the team’s"
_USUAL = {
    "family.files": ["always"], "family.findings": ["always"], "family.people": ["always"],
    "family.delivery": ["always"],
}  # fmt: skip
"""What a new agent's form begins with: the tools that work in a team needs."""


class OwnAgents:
    """Implements the AgentEditor port. `try_out`: takes a turn with an agent; see `try_agent_in_hub.py`."""

    def __init__(self, settings: Settings, roster: Roster, try_out: TryOut) -> None:
        self._settings, self._roster, self._try_out = settings, roster, try_out
        self._folder = settings.home / FOLDER
        self._one_at_a_time = asyncio.Lock()  # protects a file from two people who save at the same time

    async def lines(self) -> Sequence[AgentLine]:
        return await asyncio.to_thread(listed, self._settings, self._roster)

    async def form(self, name: str) -> AgentForm:
        return await asyncio.to_thread(self._form, name)

    async def save(self, name: str, fields: Fields) -> AgentForm:
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._save, name, fields)

    async def try_out(self, name: str, fields: Fields, by: Person) -> AgentForm:
        form = await asyncio.to_thread(self._filled, name, fields)
        words = " ".join(fields.get("words", ())).strip()
        if form.mistakes:
            return form
        if not words:
            return replace(form, mistakes={"words": ("Write what the agent is asked to do.",)})
        read = _read(fields, await asyncio.to_thread(self._settings_of, name))
        assert read.agent is not None, "a form without mistakes"
        try:
            tried = await self._try_out(_as_used(read.agent, written(read.settings, read.prompt)), words, by)
        except (ModelFailed, Refused) as error:
            return replace(form, trouble=str(error))
        return replace(form, tried=tried)

    async def roll_back(self, name: str, number: int | None = None) -> str:
        async with self._one_at_a_time:
            return await asyncio.to_thread(rolled_back, self._roster, name, number)

    async def remove(self, name: str) -> str:
        async with self._one_at_a_time:
            return await asyncio.to_thread(self._remove, name)

    def _form(self, name: str) -> AgentForm:
        if not name:
            return AgentForm("", _USUAL, self._choices())
        path = _path(self._roster.look(), name)
        content = path.read_bytes()
        read = read_agent(content)
        own = path.parent == self._folder
        form = AgentForm(
            name, fields_of({**read.settings, "name": name}, read.prompt), self._choices(), own=own,
            base=agent_versions.digest_of(content) if own else "", mistakes=_by_key(read.mistakes),
            families=_own_families(read.settings), doubts=_by_key(doubts(read.agent, known(self._settings)))
            if read.agent else {},
        )  # fmt: skip
        return self._with_versions(form, content)

    def _with_versions(self, form: AgentForm, content: bytes) -> AgentForm:
        digest = agent_versions.digest_of(content)
        kept = agent_versions.kept_versions(self._folder, form.name)
        return replace(form, versions=[AgentVersionLine(one.number, one.at, one.digest == digest) for one in kept])

    def _filled(self, name: str, fields: Fields) -> AgentForm:
        """Returns the form with what was typed and what is wrong with it."""
        form = self._form(name)
        read = _read(fields, self._settings_of(name))
        mistakes = list(read.mistakes)
        if not name and not mistakes and self._taken(read):
            words = f"{read.settings['name']!r} is already the name of an agent. Open that one, or choose another name."
            mistakes.append(AgentMistake("name", words))
        found = doubts(read.agent, known(self._settings)) if read.agent else ()
        words = "\n".join(fields.get("words", ()))
        return replace(
            form, fields=fields, base="".join(fields.get("base", ())), mistakes=_by_key(mistakes),
            doubts=_by_key(found), words=words,
        )  # fmt: skip

    def _save(self, name: str, fields: Fields) -> AgentForm:
        form = self._filled(name, fields)
        if form.mistakes:
            return form
        read = _read(fields, self._settings_of(name))
        assert read.agent is not None, "a form without mistakes"
        path = self._roster.look().path_of(name) or self._folder / f"{read.agent.name}.md"
        there = path.read_bytes() if path.is_file() else b""
        if there and agent_versions.digest_of(there) != form.base:
            raise Stale(f"The agent {name!r} has changed since you opened this form. Open it again.")
        content = written(read.settings, read.prompt)
        try:
            agent_versions.write(path, content)
            agent_versions.keep(path.parent, read.agent.name, content)
        except OSError as error:
            raise Refused(f"{str(path)!r} can't be written: {error.strerror}. Save again.") from error
        return self._form(read.agent.name)

    def _settings_of(self, name: str) -> Mapping[str, Any]:
        return read_agent(_path(self._roster.look(), name).read_bytes()).settings if name else {}

    def _taken(self, read: AgentRead) -> bool:
        agents, name = self._roster.look(), read.settings["name"]
        return name in [c.name for c in agents.colleagues] or agents.path_of(name) is not None

    def _remove(self, name: str) -> str:
        path = self._roster.look().path_of(name)
        if path is None:
            raise NotFound(f"There's no agent of your own named {name!r}.")
        content = path.read_bytes()
        if read_agent(content).agent is not None:
            agent_versions.keep(path.parent, name, content)
        path.unlink(missing_ok=True)
        again = f"`threadwork agents rollback {name}` brings it back"
        return f"The agent {name!r} was removed. Its versions are kept: {again}."

    def _choices(self) -> AgentChoices:
        there = known(self._settings)
        return AgentChoices(
            families=[*DESCRIBED.items()], connectors=there.connectors, skills=there.skills, models=there.models,
            efforts=EFFORTS, effects=EFFECTS,
        )  # fmt: skip


def roster_of(settings: Settings) -> Roster:
    """Returns the roster of a data folder."""
    return Roster(settings.home / FOLDER)


def listed(settings: Settings, roster: Roster | None = None) -> list[AgentLine]:
    """Returns all agents, and the files that can't be used. Blocks."""
    agents, there = (roster or roster_of(settings)).look(), known(settings)
    paths = dict(agents.paths)
    lines = [_line(c, str(paths.get(c.name, "")), there) for c in agents.colleagues]
    broken = [AgentLine(one.name, "", "", OWN, "", str(one.path), tuple(one.sentences)) for one in agents.broken]
    return [*lines, *broken]


def shown(settings: Settings, name: str) -> tuple[AgentLine, str]:
    """Returns one agent and its file's text. Raises NotFound. Blocks."""
    path = _path(roster_of(settings).look(), name)
    line = next(one for one in listed(settings) if one.name == name)
    return line, path.read_text(encoding="utf-8", errors="replace")


def checked_file(settings: Settings, path: Path) -> tuple[list[str], list[str]]:
    """Returns the mistakes of a file, and what its agent would work without. Raises Refused. Blocks."""
    try:
        read = read_agent(path.read_bytes())
    except OSError as error:
        raise Refused(f"{str(path)!r} can't be read: {error.strerror}.") from error
    found = doubts(read.agent, known(settings)) if read.agent else []
    return [one.at(path.name) for one in read.mistakes], [one.at(path.name) for one in found]


def rolled_back(roster: Roster, name: str, number: int | None = None) -> str:
    """Lets an earlier version count again, and says so. Raises NotFound, Refused. Blocks."""
    assert roster.folder is not None, "only a team's own agents have versions"
    path = roster.look().path_of(name) or roster.folder / f"{name}.md"
    kept = agent_versions.kept_versions(roster.folder, name)
    if not kept:
        raise NotFound(f"There are no kept versions of an agent named {name!r}. `threadwork agents` lists the agents.")
    content = path.read_bytes() if path.is_file() else b""
    if read_agent(content).agent is not None:
        agent_versions.keep(path.parent, name, content)  # what someone has edited stays
    wanted = agent_versions.before(roster.folder, name, content)
    if number is not None:
        wanted = next((one for one in kept if one.number == number), None)
    if wanted is None:
        have = ", ".join(str(one.number) for one in reversed(kept))
        missing = f"no version {number}" if number is not None else "no earlier version"
        raise NotFound(f"There's {missing} of the agent {name!r}; the versions are {have}.")
    try:
        agent_versions.write(path, wanted.path.read_bytes())
    except OSError as error:
        raise Refused(f"{str(path)!r} can't be written: {error.strerror}. Try again.") from error
    return f"Version {wanted.number} of the agent {name!r} counts again, from the next plan on."


def known(settings: Settings) -> KnownNames:
    """Returns the names that an agent's file may mention. Blocks."""
    models = settings.models
    named = (models.chosen, models.planner, *models.rows, *models.roles.values(), *models.fallbacks)
    shelf = FolderShelf(settings.home / "shelf")
    found = installed_library(settings.home, shelf, settings.host.folders).installed()
    return KnownNames(
        skills=sorted({*found.visible.by_name, *(skill.name for skill, _ in found.scoped)}),
        connectors=_connectors(settings.home / "connectors" / FILE),
        models=list(dict.fromkeys(name for name in named if name)),
    )


def _connectors(file: Path) -> list[str]:
    try:
        return [one.name for one in read(file.read_bytes()).connectors]
    except OSError:
        return []


def _line(agent: Colleague, file: str, there: KnownNames) -> AgentLine:
    ours = (SHIPPED / f"{agent.name}.md").is_file()
    own = agent.edition is not None
    source = f"{OWN}, instead of the built-in one" if own and ours else OWN if own else BUILT_IN
    version = (agent.edition.version or "edited") if agent.edition else ""
    found = tuple(one.at(Path(file).name) for one in doubts(agent, there)) if own else ()
    return AgentLine(agent.name, agent.description, version, source, agent.model or "", file, doubts=found)


def _path(agents: Agents, name: str) -> Path:
    """Returns the file of an agent, ours or a team's own. Raises NotFound."""
    if own := agents.path_of(name):
        return own
    agents.get(name)
    return SHIPPED / f"{name}.md"


def _read(fields: Fields, old: Mapping[str, Any]) -> AgentRead:
    return checked(settings_of(fields, old), prompt_of(fields))


def _as_used(agent: Colleague, content: bytes) -> Colleague:
    used = agent_versions.UsedAgent(name=agent.name, digest=agent_versions.digest_of(content))
    return replace(agent, edition=used, source=content)


def _by_key(found: Sequence[AgentMistake]) -> dict[str, Sequence[str]]:
    rows = dict[str, list[str]]()
    for one in found:
        rows.setdefault(one.key, []).append(one.words)
    return {**rows}


def _own_families(settings: Mapping[str, Any]) -> str:
    rows = settings.get("families")
    return json.dumps(rows) if isinstance(rows, dict) else ""
