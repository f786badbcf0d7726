"""What a page shows, as values: `summaries.py` makes them from the desk, `render.py` draws them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.cards.card import Card, State
from bot.cards.timeline import Moment
from bot.web.file_excerpt import Excerpt
from bot.web.workspace_state import RoomMessage
from orchestrator.domain.ids import Sha
from orchestrator.domain.people import FileRef, Person
from orchestrator.domain.plan import Plan


@dataclass(frozen=True, slots=True)
class Summary:
    """A task in a list. `needs`: it waits for people. `draft`: the name of a skill in it that waits for approval."""

    task: str
    title: str
    state: State
    headline: str
    platform: str
    channel: str
    by: str
    by_id: str
    needs: bool
    done: int
    steps: int
    asked: datetime | None = None
    draft: str = ""


@dataclass(frozen=True, slots=True)
class RailPerson:
    """A person in the rail. `arrived`: a sign-in link was used."""

    id: str
    name: str
    arrived: bool
    me: bool


@dataclass(frozen=True, slots=True)
class SessionLine:
    """A session in the list. `here`: the one that is looking at the list."""

    name: str
    person: str
    browser: str
    since: datetime
    here: bool


@dataclass(frozen=True, slots=True)
class Rail:
    """The rail on the left."""

    channels: tuple[str, ...]
    people: tuple[RailPerson, ...]
    waiting: tuple[Summary, ...]
    mine: tuple[Summary, ...]
    elsewhere: tuple[Summary, ...]
    drafts: tuple[Summary, ...] = ()
    channel: str = ""
    task: str = ""


@dataclass(frozen=True, slots=True)
class PageFrame:
    """What every page has around its content."""

    me: Person
    owner: bool
    csrf: str
    fresh: str
    """A command id for the forms of this page."""
    theme: str
    rail: Rail
    agents: bool = False
    """Whether this workspace has a page of agents."""
    untrusted: int = 0
    """Shared folders with skills that wait for the owner, who alone sees this."""
    trouble: str = ""
    """Why nothing can be recorded right now, if so."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A task's page. `at`: the fact up to which it is shown, if that is in the past; `last`: the newest fact.

    `excerpts`: by hash, of files that wait for review and have no picture.
    """

    card: Card
    channel: str
    platform: str
    moments: tuple[Moment, ...]
    last: int
    at: int | None = None
    excerpts: Mapping[Sha, Excerpt] = field(default_factory=dict[Sha, Excerpt])


@dataclass(frozen=True, slots=True)
class TakeoverView:
    """An agent's page for a person. `asked`: what the agent wants done there; `possible`: it can be taken over."""

    task: str
    subtask: str
    title: str
    mine: bool
    by: str
    asked: str
    possible: bool


@dataclass(frozen=True, slots=True)
class ChannelView:
    name: str
    messages: tuple[RoomMessage, ...]
    threads: tuple[Summary, ...]
    found: Mapping[str, Summary]


@dataclass(frozen=True, slots=True)
class PlanForm:
    """The plan as a form. `locked`: subtasks that have started. `base`: the version the person is looking at."""

    plan: Plan
    base: str
    locked: frozenset[str]
    agents: tuple[str, ...]
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceView:
    """Where a finding was read, when and by which agent. `picture`: the page as the agent saw it."""

    where: str = ""
    quote: str = ""
    at: datetime | None = None
    agent: str = ""
    step: str = ""
    picture: FileRef | None = None
    unchecked: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """A finding behind a file. `corrected`: the value and id that replaced it since."""

    id: str
    kind: str
    value: str
    seen: SourceView
    corrected: str = ""


@dataclass(frozen=True, slots=True)
class TracedPiece:
    """A cell or paragraph, or one claim in it. `own`: nothing supports it. `stale`: it's based on a corrected finding.

    `pieces`: the claims of a paragraph and the words between them; empty for a claim itself.
    """

    place: str
    shows: str
    findings: tuple[str, ...] = ()
    formula: str = ""
    reads: tuple[str, ...] = ()
    own: bool = False
    stale: bool = False
    pieces: tuple["TracedPiece", ...] = ()


@dataclass(frozen=True, slots=True)
class Sources:
    """A file to point at. `parts`: name, whether it is a table, whether it continues, rows of pieces.

    `made`: how a data tool made it. `skills`: which ones its agent followed.
    """

    file: str
    parts: tuple[tuple[str, bool, bool, tuple[tuple[TracedPiece, ...], ...]], ...]
    traces: tuple[Trace, ...]
    traced: int
    unsourced: int
    stale: int
    made: str = ""
    skills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SharedSkillLine:
    """A skill as its folder describes it."""

    name: str
    about: str


@dataclass(frozen=True, slots=True)
class UntrustedFolder:
    """A folder's skills, under one hash of all of them. `changed`: others were trusted before."""

    path: str
    hash: str
    skills: tuple[SharedSkillLine, ...]
    changed: bool
