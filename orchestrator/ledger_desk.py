"""The desk on a ledger: it turns commands into facts, and shows what the ledger says.

A command is refused with a sentence for the person, or becomes one fact. The fact is recorded only on the state it was
decided on: if two people press at once, the second press is decided again on the result of the first, and that person
sees it.
"""

import asyncio
from collections import OrderedDict
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, TypeVar

from orchestrator import press_log
from orchestrator.command_rules import MOST_WORDS, fact_of
from orchestrator.desk import PlanChoices, Receipt
from orchestrator.domain import clean_outside_text
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.attachment_names import with_names
from orchestrator.domain.audience import Audience
from orchestrator.domain.ids import Key, PersonId, Stream, TaskId, digest
from orchestrator.domain.open_drafts import OpenDraft
from orchestrator.domain.people import Request
from orchestrator.domain.task import TaskState
from orchestrator.domain.task_list import Tally, TaskEntry, TaskQuery
from orchestrator.errors import NotAllowed, NotFound, Refused, Stale
from orchestrator.ports import AgentRow, Clock, Shelf
from orchestrator.task_event_logs import Logs

KEPT = 1000
"""Receipts that are remembered."""
T = TypeVar("T")


class Repeats(Generic[T]):
    """Commands that arrive twice: a double click, or a retry after a lost answer, gets the first one's receipt.

    Remembers this process's newest receipts. A refusal isn't remembered, so the command may be tried again.
    """

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._answers: OrderedDict[Hashable, asyncio.Future[T]] = OrderedDict()

    async def once(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """Returns what `make` returned for this key the first time; a caller that comes while it runs waits for it."""
        while (known := self._answers.get(key)) is not None:
            await asyncio.wait([known])
            if not known.cancelled():
                return known.result()
        answer = self._answers[key] = asyncio.get_running_loop().create_future()
        try:
            answer.set_result(await make())
        except BaseException:
            self._answers.pop(key, None)
            answer.cancel()
            raise
        while len(self._answers) > self._kept:
            self._answers.popitem(last=False)
        return answer.result()


@dataclass
class LedgerDesk:
    """One per process. The logs are shared with the flows, if there are any. Implements `Desk`."""

    _logs: Logs
    shelf: Shelf
    clock: Clock
    choices: PlanChoices = field(default_factory=PlanChoices)
    audience: Audience = field(default_factory=Audience)
    _repeats: Repeats[Receipt] = field(default_factory=Repeats[Receipt], repr=False)

    @property
    def trouble(self) -> str:
        """One sentence on what currently keeps facts from being written; empty while all is well."""
        return self._logs.trouble.words

    def trouble_changes(self) -> AsyncIterator[str]:
        """Yields that sentence whenever it changes."""
        return self._logs.trouble.watch()

    async def submit(self, command: c.AnyCommand) -> Receipt:
        """Turns the command into a fact. Raises kinds of Refused with a sentence, or LedgerFailed.

        The same command again, by its id and person, gets the same receipt.
        """
        if command.by.kind == "bot":
            raise NotAllowed("Only people can ask for work or make decisions; bots can't.")
        command = _fit(command)
        if isinstance(command, c.OpenTask):
            return await self._open(command)
        return await self._repeats.once((command.task, command.by.id, command.id), lambda: self._take(command))

    async def _take(self, command: c.TaskCommand) -> Receipt:
        log = await self._logs.open(command.task)
        if log.state.request is None:
            raise NotFound(f"There's no task {command.task!r}.")
        edits = isinstance(command, c.EditPlan)
        agents = [row.name for row in await self.roster(log.state.request)] if edits else ()
        decided = await log.decide(lambda state: fact_of(command, state, self.clock.now(), agents))
        assert decided is not None, "a rule refuses by raising"
        fact, kept = decided
        if kept != fact.event:
            raise Stale(fact.too_late(kept))
        press_log.recorded(command, log.state, kept.type)
        return Receipt(command.task, fact.words)

    async def _open(self, command: c.OpenTask) -> Receipt:
        request = command.request
        if not request.text.strip():
            raise Refused("Say what you want done, e.g. “Compare these three offers in a spreadsheet”.")
        if len(request.text) > MOST_WORDS:
            raise Refused(f"The request is longer than {MOST_WORDS} characters; attach it as a file instead.")
        task = TaskId(digest(request.place.platform, request.place.channel, command.id))
        log = await self._logs.open(task)
        await log.record(Key("opened"), e.TaskOpened(request=with_names(request), rehearsal=self.choices.rehearsal))
        return Receipt(task)

    async def state(self, task: TaskId) -> TaskState:
        """Returns the task as it is now. Raises NotFound."""
        log = await self._logs.open(task)
        await log.catch_up()
        if log.state.request is None:
            raise NotFound(f"There's no task {task!r}; `threadwork tasks` lists them.")
        return log.state

    async def entries(self, *queries: TaskQuery) -> Sequence[TaskEntry]:
        """Returns the entries of the task list that any of the queries asks for, newest first."""
        found = [entry for query in queries for entry in await self._logs.ledger.tasks(query)]
        return sorted({entry.task: entry for entry in found}.values(), key=lambda it: it.position, reverse=True)

    async def states(self, *queries: TaskQuery) -> Sequence[TaskState]:
        """Returns the tasks that any of the queries asks for, newest first; without a query, the newest 200."""
        rows = [await self._logs.glance(entry.task) for entry in await self.entries(*(queries or (TaskQuery(),)))]
        return [row for row in rows if row.request is not None]

    async def tally(self, by: PersonId, *, since: datetime | None = None) -> Tally:
        """Counts a person's tasks and their cost, all or those opened since then."""
        return await self._logs.ledger.tally(by, since=since)

    async def records(self, task: TaskId, *, after: int = 0) -> Sequence[e.Record]:
        """Returns the facts of a task, in order."""
        return await self._logs.read(task, after=after)

    def drafts(self, task: TaskId) -> Sequence[OpenDraft]:
        """Returns what this hub's models are writing for the task right now; no fact holds it."""
        return self._logs.drafts.of(task)

    def draft_changes(self) -> AsyncGenerator[frozenset[TaskId]]:
        """Yields the tasks whose drafts have changed, as often as the reader asks."""
        return self._logs.drafts.changes()

    def watch(self, task: TaskId, *, after: int = -1) -> AsyncIterator[TaskState]:
        """Yields the newest state: at once if it is newer than `after`, then whenever it changes."""
        return self._logs.watch(task, after=after)

    async def watch_all(self) -> AsyncGenerator[TaskState]:
        """Yields the newest state of each task that changes from now on."""
        changed: dict[TaskId, None] = {}
        woken = asyncio.Event()

        async def listen(after: int) -> None:
            async for _, task in self.changes(after=after):
                changed[task] = None
                woken.set()

        listening = asyncio.create_task(listen(await self._logs.ledger.position()))
        listening.add_done_callback(lambda _: woken.set())  # its end, or what it raises, is ours
        try:
            while not listening.done() or changed:
                await woken.wait()
                woken.clear()
                while changed:
                    task = next(iter(changed))
                    del changed[task]
                    yield (await self._logs.open(task)).state
            await listening
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def changes(self, *, after: int) -> AsyncIterator[tuple[int, TaskId]]:
        """Yields each change of a task past the ledger's position `after`, and future ones, with their positions."""
        async for position, record in self._logs.ledger.tail(after=after):
            if not record.stream.startswith("room/"):
                yield position, TaskId(record.stream)

    async def position(self) -> int:
        """Returns the position from which `changes` yields only future ones."""
        return await self._logs.ledger.position()

    async def follow(self, *, after: int) -> None:
        """Keeps the states current with what other processes write, until canceled. A hub's conductor does this."""
        async for _, record in self._logs.ledger.tail(after=after):
            self._logs.hear(record)

    async def close(self) -> None:
        """Closes the ledger."""
        await self._logs.ledger.close()

    async def mark(self, reader: str, position: int) -> None:
        """Records how far a reader of `changes` has come."""
        await self._logs.ledger.mark(reader, position)

    async def marked(self, reader: str) -> int:
        """Returns how far the reader had come; 0 at first."""
        return await self._logs.ledger.marked(reader)

    async def roster(self, request: Request | None = None) -> Sequence[AgentRow]:
        """Returns the agents that the plan of a task with this request may name now."""
        return await self.choices.agents(request)

    async def models(self) -> Sequence[str]:
        """Returns the models a person may choose for a subtask."""
        return self.choices.models

    async def note(self, room: str, key: str, event: e.Event) -> e.Event:
        """Records a fact of a room once per key, and returns what the ledger holds."""
        return (await self._logs.ledger.record(_room(room), Key(key), event)).event

    async def noted(self, room: str, key: str) -> e.Event | None:
        """Returns the room's fact under that key, if there is one."""
        found = await self._logs.ledger.find(_room(room), Key(key))
        return found.event if found else None

    async def room(self, room: str, *, after: int = 0) -> Sequence[e.Record]:
        """Returns the facts of a room, in order."""
        return await self._logs.ledger.read(_room(room), after=after)

    async def watch_room(self, room: str, *, after: int = 0) -> AsyncIterator[e.Record]:
        """Yields the facts of a room past `after`, and future ones."""
        ledger, name, seen = self._logs.ledger, _room(room), after
        position = await ledger.position()
        for record in await ledger.read(name, after=seen):
            seen = record.seq
            yield record
        async for _, record in ledger.tail(after=position):
            if record.stream == name and record.seq > seen:
                seen = record.seq
                yield record


def _room(name: str) -> Stream:
    return Stream(f"room/{name}")


def _fit(command: c.AnyCommand) -> c.AnyCommand:
    """Returns the command with all its text cleaned, whichever platform it came from."""
    try:
        return clean_outside_text.value(command)
    except clean_outside_text.Unfit as error:
        raise Refused(f"This can't be accepted: a value in it is {error}.") from None
