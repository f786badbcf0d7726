"""The desk: everything a bot ever calls, as the hub uses it and as one person may use it."""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from orchestrator import press_log
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.audience import Audience, Sight, Viewer, is_one_of, sight
from orchestrator.domain.ids import PersonId, TaskId
from orchestrator.domain.open_drafts import OpenDraft
from orchestrator.domain.people import Request
from orchestrator.domain.task import TaskState
from orchestrator.domain.task_list import Tally, TaskEntry, TaskQuery
from orchestrator.errors import NotFound
from orchestrator.ports import AgentRow, Clock, Shelf

log = logging.getLogger(__name__)
PRIVACY = "privacy"
"""The room that records which private tasks the owner has opened."""


@dataclass(frozen=True)
class Receipt:
    """An accepted command. `words`: what to tell the person, if anything."""

    task: TaskId
    words: str = ""


async def _no_agents(_: Request | None = None) -> Sequence[AgentRow]:
    return ()


@dataclass(frozen=True)
class PlanChoices:
    """What people may choose in a plan. `agents`: returns those that a task with this request can use now."""

    agents: Callable[[Request | None], Awaitable[Sequence[AgentRow]]] = _no_agents
    models: Sequence[str] = ()
    rehearsal: bool = False


class Desk(Protocol):
    """The hub's own view. People see and do things through a `PersonalDesk`, which knows what is private."""

    @property
    def shelf(self) -> Shelf: ...

    @property
    def clock(self) -> Clock: ...

    @property
    def choices(self) -> PlanChoices: ...

    @property
    def audience(self) -> Audience: ...

    @property
    def trouble(self) -> str:
        """One sentence on what currently keeps facts from being written; empty while all is well."""
        ...

    def trouble_changes(self) -> AsyncIterator[str]:
        """Yields that sentence whenever it changes."""
        ...

    async def submit(self, command: c.AnyCommand) -> Receipt:
        """Turns the command into a fact. Raises kinds of Refused with a sentence, or LedgerFailed.

        The same command again, by its id and person, gets the same receipt.
        """
        ...

    async def state(self, task: TaskId) -> TaskState:
        """Returns the task as it is now. Raises NotFound."""
        ...

    async def entries(self, *queries: TaskQuery) -> Sequence[TaskEntry]:
        """Returns the entries of the task list that any of the queries asks for, newest first."""
        ...

    async def states(self, *queries: TaskQuery) -> Sequence[TaskState]:
        """Returns the tasks that any of the queries asks for, newest first; without a query, the newest 200."""
        ...

    async def tally(self, by: PersonId, *, since: datetime | None = None) -> Tally:
        """Counts a person's tasks and their cost, all or those opened since then."""
        ...

    async def records(self, task: TaskId, *, after: int = 0) -> Sequence[e.Record]:
        """Returns the facts of a task, in order."""
        ...

    def drafts(self, task: TaskId) -> Sequence[OpenDraft]:
        """Returns what this hub's models are writing for the task right now; no fact holds it."""
        ...

    def draft_changes(self) -> AsyncGenerator[frozenset[TaskId]]:
        """Yields the tasks whose drafts have changed, as often as the reader asks."""
        ...

    def watch(self, task: TaskId, *, after: int = -1) -> AsyncIterator[TaskState]:
        """Yields the newest state: at once if it is newer than `after`, then whenever it changes."""
        ...

    def watch_all(self) -> AsyncGenerator[TaskState]:
        """Yields the newest state of each task that changes from now on."""
        ...

    def changes(self, *, after: int) -> AsyncIterator[tuple[int, TaskId]]:
        """Yields each change of a task past the ledger's position `after`, and future ones, with their positions."""
        ...

    async def position(self) -> int:
        """Returns the position from which `changes` yields only future ones."""
        ...

    async def mark(self, reader: str, position: int) -> None:
        """Records how far a reader of `changes` has come."""
        ...

    async def marked(self, reader: str) -> int:
        """Returns how far the reader had come; 0 at first."""
        ...

    async def roster(self, request: Request | None = None) -> Sequence[AgentRow]:
        """Returns the agents that the plan of a task with this request may name now."""
        ...

    async def models(self) -> Sequence[str]:
        """Returns the models a person may choose for a subtask."""
        ...

    async def note(self, room: str, key: str, event: e.Event) -> e.Event:
        """Records a fact of a room once per key, and returns what the ledger holds."""
        ...

    async def noted(self, room: str, key: str) -> e.Event | None:
        """Returns the room's fact under that key, if there is one."""
        ...

    async def room(self, room: str, *, after: int = 0) -> Sequence[e.Record]:
        """Returns the facts of a room, in order."""
        ...

    def watch_room(self, room: str, *, after: int = 0) -> AsyncIterator[e.Record]:
        """Yields the facts of a room past `after`, and future ones."""
        ...


@dataclass(frozen=True)
class PersonalDesk:
    """The desk as one person may use it. Every surface reads tasks and submits commands through it: a task that is
    hidden from the person doesn't exist here."""

    desk: Desk
    viewer: Viewer

    @property
    def shelf(self) -> Shelf:
        """Files by hash. A surface serves only those named by a task it may see."""
        return self.desk.shelf

    async def submit(self, command: c.AnyCommand) -> Receipt:
        """Like `Desk.submit`. Also raises NotFound for a task that is hidden from the person."""
        if isinstance(command, c.OpenTask):
            return await self.desk.submit(command)
        state = await self.state(command.task)
        press_log.heard(command, state)
        return await self.desk.submit(self._as_owner(command, state))

    def _as_owner(self, command: c.AnyCommand, state: TaskState) -> c.AnyCommand:
        """Returns the command under the viewer's id on the platform where their own account was asked for."""
        only = None
        if isinstance(command, c.Decide) and (row := state.approvals.get(command.approval)):
            only = row.approval.only
        elif isinstance(command, c.AnswerQuestion) and (asked := state.questions.get(command.question)):
            only = asked.question.only
        return command.model_copy(update={"by": only}) if only and is_one_of(self.viewer, only) else command

    async def state(self, task: TaskId) -> TaskState:
        """Returns the task as it is now. Raises NotFound, also if it is hidden."""
        state = await self.desk.state(task)
        seen = self._sight(state)
        if seen == "hidden":
            raise NotFound(f"There's no task {task!r}; `threadwork tasks` lists them.")
        if seen == "owner":
            await self._say_so(state)
        return state

    async def states(self, *queries: TaskQuery) -> Sequence[TaskState]:
        """Like `Desk.states`, for the tasks that the person may see."""
        return [s for s in await self.desk.states(*queries) if self._sight(s) != "hidden"]

    async def drafted(self, task: TaskId) -> tuple[TaskState, Sequence[OpenDraft]]:
        """Returns the task as it is now, and what models are writing for it. Raises NotFound."""
        return await self.state(task), self.desk.drafts(task)

    async def records(self, task: TaskId, *, after: int = 0) -> Sequence[e.Record]:
        """Returns the facts of a task, in order. Raises NotFound."""
        await self.state(task)
        return await self.desk.records(task, after=after)

    async def draft_changes(self, task: TaskId) -> AsyncGenerator[None]:
        """Yields whenever the task's drafts have changed. Raises NotFound."""
        await self.state(task)
        async with aclosing(self.desk.draft_changes()) as changing:
            async for tasks in changing:
                if task in tasks:
                    yield

    async def watch(self, task: TaskId, *, after: int = -1) -> AsyncGenerator[TaskState]:
        """Yields the task's newest states. Raises NotFound."""
        await self.state(task)
        async for state in self.desk.watch(task, after=after):
            yield state

    async def watch_all(self) -> AsyncIterator[TaskState]:
        """Yields the newest state of each task that changes from now on and that the person may see."""
        async with aclosing(self.desk.watch_all()) as changing:
            async for state in changing:
                if state.request is not None and self._sight(state) != "hidden":
                    yield state

    def _sight(self, state: TaskState) -> Sight:
        return sight(state.request, self.viewer, self.desk.audience) if state.request else "hidden"

    async def _say_so(self, state: TaskState) -> None:
        who = self.viewer.person
        seen = e.PrivateTaskSeen(task=state.id, by=who)
        kept = await self.desk.note(PRIVACY, f"{state.id}/{who.id}", seen)
        if kept == seen:
            log.warning("%s sees the private task %s, as `chats.owner_sees_private` allows", who.id, state.id)
