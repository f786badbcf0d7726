"""The list of tasks: one short entry per task, which the ledger keeps beside the facts. Pure.

The ledger updates an entry in the transaction that writes the fact, so the list is never behind. It says which tasks
are unfinished, whose they are and where, without reading the facts of tasks that ended long ago.
"""

from datetime import datetime
from typing import Literal

from pydantic import TypeAdapter

from orchestrator.domain.base_value import Value
from orchestrator.domain.ids import PersonId, SubtaskId, TaskId
from orchestrator.domain.people import Place
from orchestrator.domain.phases import FINAL, Phase

LAST = 2**63 - 1
"""A position past every record."""


class ListedAsk(Value):
    """Something people decide about: an approval, a question or a file. `name`: the file's.

    `open`: no person has decided, or a person asked for changes. Only files stay listed once they are decided.
    """

    kind: Literal["approval", "question", "file"]
    id: str
    subtask: SubtaskId | None = None
    name: str = ""
    open: bool = True


class TaskEntry(Value):
    """A task in the list. `position` and `changed`: the ledger's positions at which it was opened and last changed.

    `cost` in US dollars, of every model turn whose price is known; `unpriced`: the tokens of the others. `asks` also
    holds what the agents of ended attempts asked.
    """

    task: TaskId
    position: int
    changed: int
    opened: datetime
    by: PersonId
    place: Place
    phase: Phase = "planning"
    started: bool = False
    asks: tuple[ListedAsk, ...] = ()
    cost: float = 0.0
    unpriced: int = 0

    @property
    def unfinished(self) -> bool:
        return self.phase not in FINAL

    @property
    def undecided(self) -> tuple[ListedAsk, ...]:
        """What no person has decided yet."""
        return tuple(ask for ask in self.asks if ask.open)


class Tally(Value):
    """How many tasks there are, how many of them are unfinished, and what they cost in US dollars; `unpriced`: their
    tokens of models without a known price."""

    tasks: int = 0
    unfinished: int = 0
    cost: float = 0.0
    unpriced: int = 0


ENTRY: TypeAdapter[TaskEntry] = TypeAdapter(TaskEntry)


class TaskQuery(Value):
    """Which entries: each field that is set narrows the list. Newest first, at most `most` (None: all).

    `before`: opened before that position, for the next page. `undecided`: with something undecided.
    """

    unfinished: bool = False
    undecided: bool = False
    by: PersonId | None = None
    platform: str | None = None
    channel: str | None = None
    before: int = LAST
    most: int | None = 200

    def takes(self, entry: TaskEntry) -> bool:
        """Returns whether the query asks for the entry, apart from `most`."""
        return (
            (entry.unfinished or not self.unfinished)
            and (bool(entry.undecided) or not self.undecided)
            and self.by in (None, entry.by)
            and self.platform in (None, entry.place.platform)
            and self.channel in (None, entry.place.channel)
            and entry.position < self.before
        )
