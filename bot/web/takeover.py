"""The pages that people drive now: each is held at the host until its person hands it back, goes away or rests."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from secrets import token_hex

from orchestrator.desk import Desk
from orchestrator.domain import commands as c
from orchestrator.domain.ids import QuestionId, SubtaskId, TaskId
from orchestrator.domain.people import Person
from orchestrator.domain.takeover import COULD_NOT, DONE, OUTCOME, Ending, Touch, View
from orchestrator.domain.task import TaskState
from orchestrator.domain.task_list import TaskQuery
from orchestrator.errors import HostLost, LedgerFailed, NotAllowed, Refused, Stale, ThreadworkError, ToolFailed
from orchestrator.ports import Driven, HostLink

Readable = Callable[[TaskState, SubtaskId], frozenset[str]]
"""The domains a subtask may open."""
OVER = "You no longer have control of this page. Take it over again if it still needs you."
MOST_LOOKS = 8
"""Requests for a picture that one drive keeps waiting at a time."""
_Place = tuple[TaskId, SubtaskId]


@dataclass
class _Drive:
    by: Person
    driven: Driven
    touched: float
    seen: float
    looks: int = 0
    lost: asyncio.Event = field(default_factory=asyncio.Event)


class Drives:
    """One driver per page. `idle`: seconds without a touch, `away`: without a look, after which the agent has it."""

    def __init__(self, desk: Desk, host: HostLink, readable: Readable, *, idle: float = 600, away: float = 90) -> None:
        self._desk, self._host, self._readable = desk, host, readable
        self._idle, self._away = idle, away
        self._open: dict[_Place, _Drive] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    async def begin(self) -> None:
        """Whoever drove when the last hub ended does not drive any more, and their thread says so."""
        for state in await self._desk.states(TaskQuery(unfinished=True, most=None)):
            for name, now in state.subtasks.items():
                if now.driver is not None:
                    await self._return(state.id, name, now.driver, "lost")

    async def close(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def take(self, task: TaskId, subtask: SubtaskId, by: Person) -> None:
        """Raises Refused kinds, or ToolFailed when the agent has no page."""
        known = self._open.get((task, subtask))
        if known is not None and known.by.id == by.id:
            return
        driver = (await self._desk.state(task)).of(subtask).driver
        if driver is not None and known is None:
            await self._return(task, subtask, driver, "lost")
        await self._desk.submit(c.TakePage(id=token_hex(12), by=by, task=task, subtask=subtask))
        ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        holding = asyncio.create_task(self._hold(task, subtask, by, ready))
        self._tasks.add(holding)
        holding.add_done_callback(self._tasks.discard)
        await asyncio.shield(ready)

    async def see(self, task: TaskId, subtask: SubtaskId, by: Person, after: int) -> tuple[View, bytes]:
        drive = self._of(task, subtask, by)
        if drive.looks >= MOST_LOOKS:
            raise Refused("Too many windows show this page; close some of them.")
        drive.seen, drive.looks = _now(), drive.looks + 1
        try:
            return await drive.driven.see(after)
        except (ToolFailed, HostLost):
            drive.lost.set()
            raise
        finally:
            drive.seen, drive.looks = _now(), drive.looks - 1

    async def do(self, task: TaskId, subtask: SubtaskId, by: Person, touches: Sequence[Touch]) -> None:
        drive = self._of(task, subtask, by)
        drive.touched = _now()
        await drive.driven.do(touches)

    async def allow(self, task: TaskId, subtask: SubtaskId, by: Person, domain: str) -> None:
        """For the whole task, as a fact; the page goes on there."""
        drive = self._of(task, subtask, by)
        drive.touched = _now()
        await self._desk.submit(c.AllowDomain(id=token_hex(12), by=by, task=task, subtask=subtask, domain=domain))
        await drive.driven.allow(self._readable(await self._desk.state(task), subtask))

    async def hand_back(self, task: TaskId, subtask: SubtaskId, by: Person, *, done: bool = True) -> None:
        """Where the agent had asked, this is also the answer."""
        state = await self._desk.state(task)
        driver = state.of(subtask).driver
        if driver is None or driver.id != by.id:
            raise Stale(OVER)
        asked = asked_at(state, subtask)
        if asked is None:
            await self._desk.submit(c.ReturnPage(id=token_hex(12), by=by, task=task, subtask=subtask))
            return
        answers = {OUTCOME: DONE if done else COULD_NOT}
        await self._desk.submit(c.AnswerQuestion(id=token_hex(12), by=by, task=task, question=asked, answers=answers))

    def _of(self, task: TaskId, subtask: SubtaskId, by: Person) -> _Drive:
        drive = self._open.get((task, subtask))
        if drive is None:
            raise Stale(OVER)
        if drive.by.id != by.id:
            raise NotAllowed(f"{drive.by.name} has control of this page.")
        return drive

    async def _hold(self, task: TaskId, subtask: SubtaskId, by: Person, ready: asyncio.Future[None]) -> None:
        how: Ending | None = "lost"
        try:
            domains = self._readable(await self._desk.state(task), subtask)
            async with self._host.drive(task, subtask, domains) as driven:
                drive = self._open[(task, subtask)] = _Drive(by, driven, _now(), _now())
                ready.set_result(None)
                try:
                    how = await self._until_over(task, subtask, drive)
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

    async def _until_over(self, task: TaskId, subtask: SubtaskId, drive: _Drive) -> Ending | None:
        """How it ended; None when that is on record already."""
        watching = asyncio.create_task(self._returned(task, subtask, drive))
        lost = asyncio.create_task(drive.lost.wait())
        try:
            while True:
                left = min(drive.touched + self._idle, drive.seen + self._away) - _now()
                done, _ = await asyncio.wait({watching, lost}, timeout=max(left, 0), return_when="FIRST_COMPLETED")
                if done:
                    return "lost" if lost in done else None
                if _now() >= drive.touched + self._idle:
                    return "idle"
                if _now() >= drive.seen + self._away:
                    return "away"
        finally:
            for one in (watching, lost):
                one.cancel()
            await asyncio.gather(watching, lost, return_exceptions=True)

    async def _returned(self, task: TaskId, subtask: SubtaskId, drive: _Drive) -> None:
        async for state in self._desk.watch(task):
            driver = state.of(subtask).driver
            if driver is None or driver.id != drive.by.id:
                return

    async def _return(self, task: TaskId, subtask: SubtaskId, by: Person, how: Ending) -> None:
        with suppress(Refused, LedgerFailed):  # it was on record already, or `take` puts it there later
            await self._desk.submit(c.ReturnPage(id=token_hex(12), by=by, task=task, subtask=subtask, how=how))


def asked_at(state: TaskState, subtask: SubtaskId) -> QuestionId | None:
    """The open question for which someone shall take over this subtask's page."""
    open_ = [r.question for r in state.questions.values() if r.answers is None and r.question.page]
    return next((q.id for q in open_ if q.subtask == subtask), None)


def _now() -> float:
    return asyncio.get_running_loop().time()
