"""The desk as one person may use it: a task that is hidden from them doesn't exist here."""

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from orchestrator import stations
from orchestrator.desk import Desk, Receipt
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.audience import Sight, Viewer, sight
from orchestrator.domain.ids import TaskId
from orchestrator.domain.task import TaskState
from orchestrator.domain.task_list import TaskQuery
from orchestrator.errors import NotFound
from orchestrator.ports import Shelf

log = logging.getLogger(__name__)
PRIVACY = "privacy"
"""The room that remembers which private tasks the owner has opened."""


@dataclass(frozen=True)
class PersonalDesk:
    """What every surface reads tasks through and gives commands to."""

    desk: Desk
    viewer: Viewer

    @property
    def shelf(self) -> Shelf:
        """Files by hash. A surface serves only those that a task it may see names."""
        return self.desk.shelf

    async def submit(self, command: c.AnyCommand) -> Receipt:
        """Like `Desk.submit`. Raises NotFound too for a task that is hidden from the person."""
        if not isinstance(command, c.OpenTask):
            stations.heard(command, await self.state(command.task))
        return await self.desk.submit(command)

    async def state(self, task: TaskId) -> TaskState:
        """The task as it is now. Raises NotFound, also when it is hidden."""
        state = await self.desk.state(task)
        seen = self._sight(state)
        if seen == "hidden":
            raise NotFound(f"There is no task {task!r}; `threadwork tasks` lists them.")
        if seen == "owner":
            await self._say_so(state)
        return state

    async def states(self, *queries: TaskQuery) -> Sequence[TaskState]:
        """Like `Desk.states`, of the tasks that the person may see."""
        return [s for s in await self.desk.states(*queries) if self._sight(s) != "hidden"]

    async def records(self, task: TaskId, *, after: int = 0) -> Sequence[e.Record]:
        """The facts of a task, in order. Raises NotFound."""
        await self.state(task)
        return await self.desk.records(task, after=after)

    async def watch(self, task: TaskId, *, after: int = -1) -> AsyncGenerator[TaskState]:
        """The task's newest states. Raises NotFound."""
        await self.state(task)
        async for state in self.desk.watch(task, after=after):
            yield state

    async def watch_all(self) -> AsyncIterator[TaskState]:
        """States of tasks that change from now on, of those that the person may see."""
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
