"""The live fold of each open task: what the ledger holds, kept current in memory.

`TaskLog.record` writes to the ledger and returns when the state shows the fact. Other processes' facts arrive through
the ledger's tail. Unused logs are dropped; the ledger has everything.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Sequence
from typing import NamedTuple, Protocol, TypeVar
from weakref import WeakValueDictionary

from orchestrator.domain.events import (
    ConversationCompacted,
    Event,
    FindingShared,
    Noted,
    Record,
    ToolReturned,
    TurnTaken,
)
from orchestrator.domain.fold import apply
from orchestrator.domain.ids import Key, Stream, TaskId
from orchestrator.domain.task import TaskState
from orchestrator.draft_store import Drafts
from orchestrator.errors import LedgerFailed, OutOfSpace, Overtaken
from orchestrator.ports import Ledger

log = logging.getLogger(__name__)
KEPT = 64
"""Logs kept in memory although nothing uses them."""
GLANCED = 500
"""States kept for lists, without their facts."""


TALK = (TurnTaken, ToolReturned, FindingShared, ConversationCompacted, Noted)
"""Most facts: what agents say, which steers nobody's work."""
MOST_PAUSE = 5.0
"""Seconds between two attempts to write."""


class Recordable(Protocol):
    """A fact on its way to the ledger."""

    @property
    def key(self) -> Key: ...

    @property
    def event(self) -> Event: ...


class KeyedEvent(NamedTuple):
    """A fact to record, and its key."""

    key: Key
    event: Event


K = TypeVar("K", bound=Recordable)


class Trouble:
    """What currently keeps facts from being written, for people to see.

    `words`: one sentence with the next step; empty while all is well.
    """

    def __init__(self) -> None:
        self.words = ""
        self._changed = asyncio.Event()

    def say(self, words: str) -> None:
        """Returns the newest problem; empty when it is over."""
        if words != self.words:
            self.words = words
            self._changed.set()
            self._changed = asyncio.Event()

    async def watch(self) -> AsyncIterator[str]:
        """Yields the words whenever they change."""
        while True:
            await self._changed.wait()
            yield self.words


class TaskLog:
    """One stream and its fold. Only `Logs` creates these."""

    def __init__(self, task: TaskId, ledger: Ledger, trouble: Trouble) -> None:
        self.task = task
        self.state = TaskState(task)
        self.records: list[Record] = []
        self._ledger = ledger
        self._trouble = trouble
        self._keys: dict[Key, Event] = {}
        self._early: dict[int, Record] = {}
        self._changed = asyncio.Event()
        self._steered = asyncio.Event()
        self._steered_at = 0

    async def record(self, key: Key, event: Event, *, expects: int | None = None) -> Event:
        """Writes the fact once per key, and returns what the ledger holds under it. The state then shows it.

        `expects`: as in `Ledger.record`. Raises Overtaken.
        """
        record = await self._ledger.record(Stream(self.task), key, event, expects=expects)
        self.absorb(record)
        if self.state.seq < record.seq:
            await self.catch_up()
        return record.event

    async def decide(self, rule: Callable[[TaskState], K | None], *, patiently: bool = False) -> tuple[K, Event] | None:
        """Records what `rule` makes of the state, and only on exactly that state.

        If other facts come first, asks `rule` again with the new state; it raises or returns None if its decision is no
        longer possible. Returns the rule's last answer and what the ledger holds under its key.
        """
        write = self.record_patiently if patiently else self.record
        while (made := rule(self.state)) is not None:
            try:
                return made, await write(made.key, made.event, expects=self.state.seq)
            except Overtaken:
                await self.catch_up()
        return None

    async def record_patiently(self, key: Key, event: Event, *, expects: int | None = None) -> Event:
        """Like `record`, but waits out a failing database or disk and reports it: no agent's work may be lost."""
        pause = 0.5
        while True:
            try:
                kept = await self.record(key, event, expects=expects)
            except (LedgerFailed, OutOfSpace) as error:
                log.warning("%s: can't record %s yet: %s", self.task, event.type, error)
                self._trouble.say(f"{error} All work is on hold until this is fixed; nothing is lost.")
                await asyncio.sleep(pause)
                pause = min(pause * 2, MOST_PAUSE)
            else:
                self._trouble.say("")
                return kept

    def under(self, key: Key) -> Event | None:
        """Returns the fact under that key, if there is one."""
        return self._keys.get(key)

    async def catch_up(self) -> None:
        """Reads what the ledger has and we don't."""
        for record in await self._ledger.read(Stream(self.task), after=self.state.seq):
            self.absorb(record)

    def absorb(self, record: Record) -> None:
        """Applies the fact when its turn has come; facts may arrive early or twice."""
        if record.seq > self.state.seq:
            self._early[record.seq] = record
        moved, steered_at = False, self._steered_at
        while (following := self._early.pop(self.state.seq + 1, None)) is not None:
            self.records.append(following)
            self._keys[following.key] = following.event
            before, self.state = self.state, apply(self.state, following)
            if set_aside := self.state.set_aside and not before.set_aside:
                log.error("%s: %s", self.task, self.state.set_aside)
            moved = True
            if set_aside or not isinstance(following.event, TALK):
                self._steered_at = following.seq
        if moved:
            self._changed.set()
            self._changed = asyncio.Event()
        if self._steered_at > steered_at:
            self._steered.set()
            self._steered = asyncio.Event()

    async def steered(self, *, after: int) -> None:
        """Waits for a fact past `after` by which a step may no longer be wanted."""
        while self._steered_at <= after:
            await self._steered.wait()

    async def changed(self, *, after: int) -> TaskState:
        """Returns the state as soon as it is newer than `after`."""
        while self.state.seq <= after:
            await self._changed.wait()
        return self.state


class Logs:
    """The logs of this process. `drafts`: what is being written and isn't recorded yet."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.trouble = Trouble()
        self.drafts = Drafts()
        self._open: WeakValueDictionary[TaskId, TaskLog] = WeakValueDictionary()
        self._recent: OrderedDict[TaskId, TaskLog] = OrderedDict()
        self._glanced: OrderedDict[TaskId, TaskState] = OrderedDict()

    async def open(self, task: TaskId) -> TaskLog:
        """Returns the task's log, read from the ledger on first use. An unknown task has an empty one."""
        found = self._open.get(task)
        if found is None:
            found = self._open.setdefault(task, TaskLog(task, self.ledger, self.trouble))
        if found.state.seq == 0:
            await found.catch_up()
        self._glanced.pop(task, None)
        self._recent[task] = found
        self._recent.move_to_end(task)
        while len(self._recent) > KEPT:
            self._recent.popitem(last=False)
        return found

    async def glance(self, task: TaskId) -> TaskState:
        """Returns the task's state for a list, as this process last knew it, without keeping its facts in memory."""
        if found := self._open.get(task):
            return found.state
        if task not in self._glanced:
            state = (await self.open(task)).state
            self._recent.pop(task, None)
            self._glanced[task] = state
            if len(self._glanced) > GLANCED:
                self._glanced.popitem(last=False)
        return self._glanced[task]

    def held(self) -> Sequence[TaskLog]:
        """Returns the logs in memory; every running task is among them."""
        return tuple(self._open.values())

    def hear(self, record: Record) -> None:
        """Takes a fact from the ledger's tail."""
        if found := self._open.get(TaskId(record.stream)):
            found.absorb(record)
        else:
            self._glanced.pop(TaskId(record.stream), None)

    async def read(self, task: TaskId, *, after: int = 0) -> Sequence[Record]:
        """Returns the facts of a task."""
        return [r for r in (await self.open(task)).records if r.seq > after]

    async def watch(self, task: TaskId, *, after: int = -1) -> AsyncIterator[TaskState]:
        """Yields the newest state whenever it is newer than the previous one."""
        held, seen = await self.open(task), after
        while True:
            state = await held.changed(after=seen)
            seen = state.seq
            yield state
