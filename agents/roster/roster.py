"""Reads the roster: one Markdown file per agent, ours and a team's own. A changed file counts from the next look on."""

import asyncio
import os
import stat
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from agents.roster import agent_versions
from agents.roster.agent_definition import Colleague
from agents.roster.agent_file import MOST_FILE, AgentMistake, read_agent
from orchestrator.domain import events as e
from orchestrator.domain.ids import Key
from orchestrator.domain.people import Request
from orchestrator.domain.plan import Subtask
from orchestrator.errors import NotFound
from orchestrator.ports import AgentRow, Shelf, Work

SHIPPED = Path(__file__).parent
FOLDER = "agents"
"""In the data folder, beside `skills/`."""


class BrokenAgent(NamedTuple):
    """A file that can't be used. `name`: of the agent, as far as the file says one."""

    name: str
    path: Path
    mistakes: tuple[AgentMistake, ...]

    @property
    def sentences(self) -> list[str]:
        """Returns what is wrong, with the file and the key."""
        return [one.at(self.path.name) for one in self.mistakes]


@dataclass(frozen=True)
class Agents:
    """All agents as the files are at one moment; a team's file of the same name replaces ours."""

    colleagues: Sequence[Colleague]
    broken: Sequence[BrokenAgent] = ()
    paths: Sequence[tuple[str, Path]] = ()
    """The file of each of a team's own agents."""

    def get(self, name: str) -> Colleague:
        """Raises NotFound with the next step."""
        if found := next((c for c in self.colleagues if c.name == name), None):
            return found
        names = ", ".join(c.name for c in self.colleagues)
        if broken := next((one for one in self.broken if one.name == name), None):
            raise NotFound(
                f"The agent {name!r} can't be used, because its file has mistakes ({broken.sentences[0].rstrip('.')}). "
                f"Correct it and press Retry, or edit the plan and choose one of {names}."
            )
        raise NotFound(
            f"The agent {name!r} is no longer on the roster. Edit the plan and choose one of {names} for this step, "
            f"or put its file back and press Retry."
        )

    def path_of(self, name: str) -> Path | None:
        """Returns the file of a team's own agent, also of one with mistakes."""
        known = (*self.paths, *((one.name, one.path) for one in self.broken))
        return next((path for found, path in known if found == name), None)


class _Signature(NamedTuple):
    """Of a file's content: another one means that it has to be read again."""

    modified: int
    size: int
    inode: int


class _Known(NamedTuple):
    signature: _Signature
    found: Colleague | BrokenAgent


class Roster:
    """All agents, ours and those of a folder; looks at the folder whenever it is asked, and reads what has changed."""

    def __init__(self, folder: Path | None = None, *, keeps: bool = False) -> None:
        """`keeps`: every version that it reads is kept beside the files, as a hub does."""
        self.folder, self._keeps = folder, keeps
        self._shipped: tuple[Colleague, ...] | None = None
        self._known: dict[Path, _Known] = {}
        self._one_at_a_time = threading.Lock()  # protects what is known from threads that look at the same time

    async def now(self) -> Agents:
        """Returns all agents as the files are now."""
        return await asyncio.to_thread(self.look)

    async def rows(self, request: Request | None = None) -> Sequence[AgentRow]:
        """Returns those that a task with this request can plan with; without one, those that every task can."""
        return [
            AgentRow(name=c.name, description=c.description, model=c.model)
            for c in (await self.now()).colleagues
            if c.scope.includes(request)
        ]

    def look(self) -> Agents:
        """Never raises for a team's own file. Blocks."""
        with self._one_at_a_time:
            if self._shipped is None:
                self._shipped = tuple(_shipped(path) for path in sorted(SHIPPED.glob("*.md")))
            own, broken, paths = dict[str, Colleague](), list[BrokenAgent](), list[tuple[str, Path]]()
            for path, found in self._own():
                if isinstance(found, Colleague) and found.name in own:
                    first = next(where for name, where in paths if name == found.name)
                    words = f"{found.name!r} is already the name of the agent in {first.name!r}. Choose another."
                    found = BrokenAgent("", path, (AgentMistake("name", words),))
                if isinstance(found, Colleague):
                    own[found.name] = found
                    paths.append((found.name, path))
                else:
                    broken.append(found)
            ours = [c for c in self._shipped if c.name not in own]
            return Agents((*ours, *own.values()), broken, paths)

    def _own(self) -> list[tuple[Path, Colleague | BrokenAgent]]:
        seen = dict[Path, _Known]()
        for path, signature in _files(self.folder) if self.folder else []:
            known = self._known.get(path)
            if known is None or known.signature != signature:
                known = _Known(signature, self._read(path))
            seen[path] = known
        self._known = seen
        return [(path, known.found) for path, known in seen.items()]

    def _read(self, path: Path) -> Colleague | BrokenAgent:
        try:
            with path.open("rb") as stream:
                content = stream.read(MOST_FILE + 1)
        except OSError as error:
            return BrokenAgent(path.stem, path, (AgentMistake("", f"It can't be read: {error.strerror}."),))
        read = read_agent(content)
        if read.agent is None:
            name = read.settings.get("name")
            return BrokenAgent(name if isinstance(name, str) else path.stem, path, read.mistakes)
        if self._keeps:
            with suppress(OSError):  # a full or write-protected disk: then this version has no number
                agent_versions.keep(path.parent, read.agent.name, content)
        edition = agent_versions.edition(path.parent, read.agent.name, content)
        return replace(read.agent, edition=edition, source=content)

    async def of_step(self, work: Work, row: Subtask, shelf: Shelf) -> Colleague:
        """Returns the step's agent at the version that its attempt began with, and records that before its first turn.

        A round of a task stays with the version that it used first; a step that a person retries takes the newest.
        Raises NotFound.
        """
        used = [r.event for r in work.records if isinstance(r.event, e.AgentUsed)]
        if mine := next((x for x in used if (x.subtask, x.attempt) == (work.subtask, work.attempt)), None):
            return await _as_used(mine, shelf)
        agents = await self.now()
        if _has_begun(work):  # with an agent of ours, which has no version
            return next((c for c in self._shipped or () if c.name == row.agent), None) or agents.get(row.agent)
        step = work.state.of(work.subtask)
        retried = step.attempt > 1 and step.moved_by is not None
        same = [x for x in used if x.agent.name == row.agent and x.round == work.state.rounds and not retried]
        found = await _as_used(same[-1], shelf) if same else agents.get(row.agent)
        if not found.scope.includes(work.state.request):
            raise NotFound(f"The agent {row.agent!r} isn't for this place. Edit the plan and choose another one.")
        if found.edition is not None:
            content = await shelf.put(found.source, name=f"{found.name}.md", media="text/markdown")
            event = e.AgentUsed(
                subtask=work.subtask, attempt=work.attempt, agent=found.edition, content=content, policy=found.policy,
                round=work.state.rounds,
            )  # fmt: skip
            await work.record(Key(f"{work.subtask}/try:{work.attempt}/agent"), event)
        return found


def load(*folders: Path) -> Agents:
    """Returns our agents, then those of a folder. Blocks."""
    return Roster(*folders).look()


async def _as_used(used: e.AgentUsed, shelf: Shelf) -> Colleague:
    """Returns the agent as an attempt began with it. Raises NotFound."""
    content = await shelf.get(used.content.sha)
    read = read_agent(content)
    if read.agent is None:
        raise NotFound(
            f"This version of threadwork can't read {used.agent.words}: {read.mistakes[0].words} Correct its file, and "
            "press Retry to use the newest version."
        )
    return replace(read.agent, edition=used.agent, source=content)


def _has_begun(work: Work) -> bool:
    mine = (r.event for r in work.records if isinstance(r.event, e.TurnTaken))
    return any((x.subtask, x.attempt) == (work.subtask, work.attempt) for x in mine)


def _shipped(path: Path) -> Colleague:
    read = read_agent(path.read_bytes())
    assert read.agent is not None, read.mistakes
    return read.agent


def _files(folder: Path) -> list[tuple[Path, _Signature]]:
    """Returns the regular files of agents in a folder, by name; none if it can't be read."""
    found = list[tuple[Path, _Signature]]()
    with suppress(OSError):
        for name in sorted(os.listdir(folder)):  # noqa: PTH208  (names are all that is needed)
            if not name.endswith(".md") or name.startswith(".") or name.lower() == "readme.md":
                continue
            with suppress(OSError):
                it = (folder / name).stat()
                if stat.S_ISREG(it.st_mode):
                    found.append((folder / name, _Signature(it.st_mtime_ns, it.st_size, it.st_ino)))
    return found
