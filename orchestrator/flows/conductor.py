"""The conductor: hears every fact, and makes the moves that the fold allows.

It keeps no state. The ledger marks how far it has listened; facts that a crash left unheard are heard again after the
restart, and every move is keyed by what it names, so hearing twice changes nothing.
"""

import asyncio
import heapq
import logging
from datetime import datetime

from orchestrator.domain import events as e
from orchestrator.domain.ids import Key, SubtaskId, TaskId
from orchestrator.domain.next_moves import Begin, Close, Draft, Move, Rate, ReportTrial, Save, Try, deadlines, ready
from orchestrator.domain.task import TaskState
from orchestrator.domain.task_list import TaskQuery
from orchestrator.errors import LedgerFailed, OutOfSpace
from orchestrator.ports import Clock, Engine
from orchestrator.press_log import call_decided, passing
from orchestrator.task_event_logs import KeyedEvent, Logs, TaskLog

logger = logging.getLogger(__name__)
QUIET = (
    e.TurnTaken, e.ConversationCompacted, e.ToolReturned, e.Noted, e.SubtaskStarted, e.QuestionAsked,
    e.ApprovalRequested, e.CallSent,
)  # fmt: skip
"""Facts that allow no move."""
READER = "conductor"


class Conductor:
    """One per hub."""

    def __init__(self, logs: Logs, engine: Engine, clock: Clock) -> None:
        self._logs, self._engine, self._clock = logs, engine, clock
        self._timers: list[tuple[datetime, TaskId]] = []
        self._dirty: dict[TaskId, None] = {}
        self._woken = asyncio.Event()
        self._heard = 0

    async def run(self) -> None:
        """Listens until canceled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._listen())
            group.create_task(self._act())
            group.create_task(self._remember_deadlines())

    async def advance(self, task: TaskId) -> None:
        """Makes every move that is possible now."""
        log = await self._logs.open(task)
        await self._retry_failed(log)
        moves = ready(log.state, self._clock.now())
        await asyncio.gather(*(self._make(move, log) for move in moves))
        for when in deadlines(log.state):
            if (when, task) not in self._timers:
                heapq.heappush(self._timers, (when, task))

    async def _make(self, move: Move, log: TaskLog) -> None:
        task = log.task
        match move:
            case Draft(round=number):
                await self._engine.start("plan", f"{task}/plan:{number}", task=task, round=number)
            case Begin(subtask=subtask, attempt=attempt, leg=leg):
                passing("woken", task, call_decided(log.state, subtask), more=f"step={subtask}")
                key = f"{task}/{subtask}/{attempt}.{leg}"
                await self._engine.start("subtask", key, task=task, subtask=subtask, attempt=attempt, leg=leg)
            case Save(saving=number, seq=seq):
                await self._engine.start("skill", f"{task}/skill:{number}.{seq}", task=task, saving=number)
            case Try(saving=saving, number=number):
                await self._engine.start(
                    "try", f"{task}/try:{saving}.{number}", task=task, saving=saving, number=number
                )
            case ReportTrial(round=number):
                await self._engine.start("tried", f"{task}/tried:{number}", task=task)
            case Rate(round=number):
                await self._engine.start("rate", f"{task}/rate:{number}", task=task, round=number)
            case Close():
                await log.decide(self._closing, patiently=True)

    def _closing(self, state: TaskState) -> KeyedEvent | None:
        """Returns the end, if it is still due: people may have asked for changes in the meantime."""
        moves = ready(state, self._clock.now())
        words = next((move.words for move in moves if isinstance(move, Close)), None)
        return (
            None
            if words is None
            else KeyedEvent(Key(f"closed:{state.rounds}"), e.TaskClosed(outcome="done", words=words))
        )

    async def _retry_failed(self, log: TaskLog) -> None:
        """Returns failed attempts that may be retried automatically."""
        if log.state.phase != "running":
            return
        for failed in failures(log):
            await log.decide(lambda state, failed=failed: _next_attempt(state, failed), patiently=True)

    async def _listen(self) -> None:
        ledger = self._logs.ledger
        async for position, record in ledger.tail(after=await ledger.marked(READER)):
            self._logs.hear(record)
            self._heard = position
            if not isinstance(record.event, QUIET) and not record.stream.startswith("room/"):
                self._wake(TaskId(record.stream))

    def _wake(self, task: TaskId) -> None:
        self._dirty[task] = None
        self._woken.set()

    async def _act(self) -> None:
        while True:
            try:
                async with asyncio.timeout(self._pause()):
                    await self._woken.wait()
            except TimeoutError:
                self._wake_late()
            self._woken.clear()
            heard = self._heard
            while self._dirty:
                task = next(iter(self._dirty))
                del self._dirty[task]  # before advancing: a fact that arrives in the meantime wakes the task again
                await self._advance_or_wait(task)
            await self._mark(heard)

    async def _mark(self, heard: int) -> None:
        """A mark that can't be set does no harm: the next one is further on."""
        try:
            await self._logs.ledger.mark(READER, heard)
        except (LedgerFailed, OutOfSpace) as error:
            logger.warning("the listening position can't be saved yet: %s", error)

    async def _advance_or_wait(self, task: TaskId) -> None:
        try:
            await self.advance(task)
        except (LedgerFailed, OutOfSpace) as error:
            logger.warning("%s: can't continue yet: %s", task, error)
            await asyncio.sleep(1)
            self._wake(task)
        except Exception as error:  # noqa: BLE001  (one task's trouble never holds up the others)
            await self._tell_people(task, error)

    async def _tell_people(self, task: TaskId, error: Exception) -> None:
        logger.error("%s: its next step can't be determined", task, exc_info=error)
        log = await self._logs.open(task)
        words = f"Something unexpected went wrong ({type(error).__name__}: {error}). Reply here to try again."
        await log.record_patiently(Key(f"conductor:{log.state.seq}"), e.Noted(text=words[:1000], level="error"))

    def _pause(self) -> float | None:
        if not self._timers:
            return None
        return min(5.0, max(0.05, (self._timers[0][0] - self._clock.now()).total_seconds()))

    def _wake_late(self) -> None:
        while self._timers and self._timers[0][0] <= self._clock.now():
            self._wake(heapq.heappop(self._timers)[1])

    async def _remember_deadlines(self) -> None:
        """After a start, looks at once at tasks that wait with a deadline, and at any whose last move was lost.

        Only at unfinished ones: an ended task has no move left, however many of them there are.
        """
        for entry in await self._logs.ledger.tasks(TaskQuery(unfinished=True, most=None)):
            self._wake(entry.task)


def _next_attempt(state: TaskState, failed: e.SubtaskFailed) -> KeyedEvent | None:
    """The conductor's own retry, unless people have decided something else in the meantime."""
    if state.phase != "running" or not _stands(state, failed.subtask, failed.attempt):
        return None
    event = e.SubtaskRetried(subtask=failed.subtask, attempt=failed.attempt + 1)
    return KeyedEvent(Key(f"{failed.subtask}/try:{event.attempt}"), event)


def failures(log: TaskLog) -> list[e.SubtaskFailed]:
    """Returns the last failure of each failed subtask that the conductor may retry."""
    last: dict[SubtaskId, e.SubtaskFailed] = {}
    if not any(s.status == "failed" for s in log.state.subtasks.values()):
        return []
    for record in log.records:
        if isinstance(record.event, e.SubtaskFailed):
            last[record.event.subtask] = record.event
    return [f for name, f in last.items() if f.again and _stands(log.state, name, f.attempt)]


def _stands(state: TaskState, subtask: SubtaskId, attempt: int) -> bool:
    mine = state.of(subtask)
    return mine.status == "failed" and mine.attempt == attempt
