"""What the page of agents shows and asks for, as values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from orchestrator.domain.people import Person

Fields = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class AgentLine:
    """An agent in the list. `version`: empty for one that comes with threadwork and isn't replaced.

    `problems`: why its file isn't used. `doubts`: what it works without.
    """

    name: str
    description: str
    version: str
    source: str
    model: str = ""
    file: str = ""
    problems: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AgentVersionLine:
    """A kept version. `counts`: it is what the file holds now."""

    number: int
    at: datetime
    counts: bool


@dataclass(frozen=True, slots=True)
class AgentChoices:
    """What a form offers. `families`: name and what it is for."""

    families: Sequence[tuple[str, str]]
    connectors: Sequence[str]
    skills: Sequence[str]
    models: Sequence[str]
    efforts: Sequence[str]
    effects: Sequence[str]


@dataclass(frozen=True, slots=True)
class TriedCallView:
    """A call that the agent would make. `verdict`: what the gate would say, in words."""

    tool: str
    args: str
    verdict: str


@dataclass(frozen=True, slots=True)
class TriedAgent:
    """What an agent would do first. `spent`: tokens and cost in words."""

    said: str
    calls: Sequence[TriedCallView]
    tools: Sequence[str]
    model: str
    spent: str


@dataclass(frozen=True, slots=True)
class AgentForm:
    """A form with what was typed, and sentences by the key of the file that they are about.

    `name`: of the agent that is edited, empty for a new one. `base`: digest of the file that the form was made from.
    `own`: it has a file of the team's own. `families`: those with tools of their own, which the form keeps, in words.
    """

    name: str
    fields: Fields
    choices: AgentChoices
    base: str = ""
    own: bool = False
    families: str = ""
    mistakes: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    doubts: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    versions: Sequence[AgentVersionLine] = ()
    words: str = ""
    tried: TriedAgent | None = None
    trouble: str = ""
    """Why the agent couldn't be tried."""

    def one(self, key: str) -> str:
        """Returns a field's text."""
        return ", ".join(self.fields.get(key, ()))

    def has(self, key: str, value: str) -> bool:
        """Returns whether one of a field's texts is this."""
        return value in self.fields.get(key, ())


class AgentEditor(Protocol):
    """Changes the agents of a team's own. Methods raise a kind of Refused with a sentence."""

    async def lines(self) -> Sequence[AgentLine]: ...

    async def form(self, name: str) -> AgentForm:
        """Returns the form of an agent, or of a new one for an empty name. Raises NotFound."""
        ...

    async def save(self, name: str, fields: Fields) -> AgentForm:
        """Saves the next version, unless the returned form has mistakes. `name`: empty for a new one. Raises Stale."""
        ...

    async def try_out(self, name: str, fields: Fields, by: Person) -> AgentForm:
        """Takes one turn with what is in the form, saved or not, and does nothing of it."""
        ...

    async def roll_back(self, name: str, number: int | None = None) -> str:
        """Lets an earlier version count again, by default the one before; returns a sentence."""
        ...

    async def remove(self, name: str) -> str:
        """Takes the agent off the roster; its versions stay. Returns a sentence."""
        ...
