"""Holds the pages that people control now at the host, until the person hands one back, leaves or goes idle."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from secrets import token_hex

from orchestrator.desk import Desk
from orchestrator.domain import commands as c
from orchestrator.domain.ids import QuestionId, SubtaskId, TaskId
from orchestrator.domain.people import Person
from orchestrator.domain.takeover import COULD_NOT, DONE, OUTCOME, Ending, PageView, Touch
from orchestrator.domain.task import TaskState
from orchestrator.domain.task_list import TaskQuery
from orchestrator.errors import HostLost, LedgerFailed, NotAllowed, Refused, Stale, ThreadworkError, ToolFailed
from orchestrator.ports import HostLink, Takeover

Readable = Callable[[TaskState, SubtaskId], frozenset[str]]
"""Returns the domains a subtask may open."""
OVER = "You no longer have control of this page. If you still need to do something there, take over again."
MOST_LOOKS = 8
"""Requests for a picture that one person's page may keep waiting at a time."""
_Place = tuple[TaskId, SubtaskId]


@dataclass
class _Takeover:
    by: Person
    page: Takeover
    touched: float
    seen: float
    looks: int = 0
    lost: asyncio.Event = field(default_factory=asyncio.Event)


class Takeovers:
    """One person per page. `idle`: seconds without input, `away`: seconds without a request, after which the agent gets
    it back."""

    def __init__(self, desk: Desk, host: HostLink, readable: Readable, *, idle: float = 600, away: float = 90) -> None:
        self._desk, self._host, self._readable = desk, host, readable
        self._idle, self._away = idle, away
        self._open: dict[_Place, _Takeover] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self) -> None:
        """Ends the takeovers of the last hub; their threads say so."""
        for state in await self._desk.states(TaskQuery(unfinished=True, most=None)):
            for name, now in state.subtasks.items():
                if now.takeover_by is not None:
                    await self._return(state.id, name, now.takeover_by, "lost")

    async def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def take(self, task: TaskId, subtask: SubtaskId, by: Person) -> None:
        """Raises kinds of Refused, or ToolFailed if the agent has no page."""
        known = self._open.get((task, subtask))
        if known is not None and known.by.id == by.id:
            return
        who = (await self._desk.state(task)).of(subtask).takeover_by
        if who is not None and known is None:
            await self._return(task, subtask, who, "lost")
        await self._desk.submit(c.StartTakeover(id=token_hex(12), by=by, task=task, subtask=subtask))
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        holding = asyncio.create_task(self._hold(task, subtask, by, ready))
        self._tasks.add(holding)
        holding.add_done_callback(self._tasks.discard)
        await asyncio.shield(ready)

    async def see(self, task: TaskId, subtask: SubtaskId, by: Person, after: int) -> tuple[PageView, bytes]:
        held = self._of(task, subtask, by)
        if held.looks >= MOST_LOOKS:
            raise Refused("This page is open in too many windows; close some of them.")
        held.seen, held.looks = _now(), held.looks + 1
        try:
            return await held.page.see(after)
        except (ToolFailed, HostLost):
            held.lost.set()
            raise
        finally:
            held.seen, held.looks = _now(), held.looks - 1

    async def do(self, task: TaskId, subtask: SubtaskId, by: Person, touches: Sequence[Touch]) -> None:
        held = self._of(task, subtask, by)
        held.touched = _now()
        await held.page.do(touches)

    async def allow(self, task: TaskId, subtask: SubtaskId, by: Person, domain: str) -> None:
        """Allows it for the whole task, as a fact; the page then continues there."""
        held = self._of(task, subtask, by)
        held.touched = _now()
        await self._desk.submit(c.AllowDomain(id=token_hex(12), by=by, task=task, subtask=subtask, domain=domain))
        await held.page.allow(self._readable(await self._desk.state(task), subtask))

    async def hand_back(self, task: TaskId, subtask: SubtaskId, by: Person, *, done: bool = True) -> None:
        """If the agent had asked, this is also the answer."""
        state = await self._desk.state(task)
        who = state.of(subtask).takeover_by
        if who is None or who.id != by.id:
            raise Stale(OVER)
        asked = asked_at(state, subtask)
        if asked is None:
            await self._desk.submit(c.EndTakeover(id=token_hex(12), by=by, task=task, subtask=subtask))
            return
        answers = {OUTCOME: DONE if done else COULD_NOT}
        await self._desk.submit(c.AnswerQuestion(id=token_hex(12), by=by, task=task, question=asked, answers=answers))

    def _of(self, task: TaskId, subtask: SubtaskId, by: Person) -> _Takeover:
        held = self._open.get((task, subtask))
        if held is None:
            raise Stale(OVER)
        if held.by.id != by.id:
            raise NotAllowed(f"{held.by.name} has control of this page.")
        return held

    async def _hold(self, task: TaskId, subtask: SubtaskId, by: Person, ready: asyncio.Future[None]) -> None:
        how: Ending | None = "lost"
        try:
            domains = self._readable(await self._desk.state(task), subtask)
            async with self._host.take_over(task, subtask, domains) as page:
                held = self._open[(task, subtask)] = _Takeover(by, page, _now(), _now())
                ready.set_result(None)
                try:
                    how = await self._until_over(task, subtask, held)
                finally:
                    del self._open[(task, subtask)]
        except ThreadworkError as error:
            if not ready.done():
                how = "handed-back"
                ready.set_exception(error)
        finally:
            if not ready.done():
                ready.cancel()
            if how is not None:
                await self._return(task, subtask, by, how)

    async def _until_over(self, task: TaskId, subtask: SubtaskId, held: _Takeover) -> Ending | None:
        """Records how it ended; None if that is already recorded."""
        watching = asyncio.create_task(self._returned(task, subtask, held))
        lost = asyncio.create_task(held.lost.wait())
        try:
            while True:
                left = min(held.touched + self._idle, held.seen + self._away) - _now()
                done, _ = await asyncio.wait({watching, lost}, timeout=max(left, 0), return_when="FIRST_COMPLETED")
                if done:
                    return "lost" if lost in done else None
                if _now() >= held.touched + self._idle:
                    return "idle"
                if _now() >= held.seen + self._away:
                    return "away"
        finally:
            for one in (watching, lost):
                one.cancel()
            await asyncio.gather(watching, lost, return_exceptions=True)

    async def _returned(self, task: TaskId, subtask: SubtaskId, held: _Takeover) -> None:
        async for state in self._desk.watch(task):
            who = state.of(subtask).takeover_by
            if who is None or who.id != held.by.id:
                return

    async def _return(self, task: TaskId, subtask: SubtaskId, by: Person, how: Ending) -> None:
        with suppress(Refused, LedgerFailed):  # it was already recorded, or `take` records it later
            await self._desk.submit(c.EndTakeover(id=token_hex(12), by=by, task=task, subtask=subtask, how=how))


def asked_at(state: TaskState, subtask: SubtaskId) -> QuestionId | None:
    """Returns the open question that asks a person to take over this subtask's page."""
    open_ = [r.question for r in state.questions.values() if r.answers is None and r.question.page]
    return next((q.id for q in open_ if q.subtask == subtask), None)


def _now() -> float:
    return asyncio.get_running_loop().time()
