"""Runs one leg of one agent's work, from the recorded turns to its end or its next wait."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime

from pydantic import JsonValue

from orchestrator.domain import events as e
from orchestrator.domain.attachment_names import attached
from orchestrator.domain.ids import Key, SubtaskId, TaskId
from orchestrator.domain.next_moves import MOST_ATTEMPTS
from orchestrator.domain.open_drafts import MOST_SUMMARY
from orchestrator.domain.people import ATTACHMENTS, FileRef
from orchestrator.domain.policy import Judgement
from orchestrator.domain.task import TaskState
from orchestrator.domain.token_usage import Usage
from orchestrator.domain.tool_calls import ToolSpec
from orchestrator.draft_store import Drafts
from orchestrator.errors import (
    HostLost,
    ModelFailed,
    ModelSilent,
    ModelUnusable,
    ThreadworkError,
)
from orchestrator.policy_gate import Gate
from orchestrator.ports import Agent, Clock, Finished, HostLink, OnDraft, Outcome, Parked
from orchestrator.press_log import call_decided, passing
from orchestrator.task_event_logs import Logs, TaskLog

logger = logging.getLogger(__name__)


class Leg:
    """The `Work` port over a task's log."""

    def __init__(
        self,
        log: TaskLog,
        subtask: SubtaskId,
        attempt: int,
        leg: int,
        *,
        host: HostLink,
        gate: Gate,
        clock: Clock,
        drafts: Drafts,
    ) -> None:
        self.task: TaskId = log.task
        self.subtask = subtask
        self.attempt = attempt
        self.leg = leg
        self.host = host
        self._log, self._gate, self._clock, self._drafts = log, gate, clock, drafts

    @property
    def state(self) -> TaskState:
        return self._log.state

    @property
    def records(self) -> Sequence[e.Record]:
        return self._log.records

    async def record(self, key: Key, event: e.Event) -> e.Event:
        return await self._log.record_patiently(key, event)

    def judge(self, spec: ToolSpec, args: Mapping[str, JsonValue]) -> Judgement:
        return self._gate.judge(spec, args, self.state, self.subtask)

    def domains(self) -> frozenset[str]:
        return self._gate.readable(self.state, self.subtask)

    def draft(self, turn: int) -> AbstractContextManager[OnDraft]:
        return self._drafts.begin(self.task, turn, subtask=self.subtask, attempt=self.attempt)

    def now(self) -> datetime:
        return self._clock.now()

    @property
    def wanted(self) -> bool:
        """Returns whether people still want this leg: it wasn't stopped, skipped or retried in the meantime."""
        mine = self.state.of(self.subtask)
        in_plan = self.state.plan is not None and self.state.plan.subtask(self.subtask) is not None
        moved_on = mine.attempt != self.attempt or mine.leg > self.leg or mine.status in ("skipped", "retrying")
        return in_plan and not self.state.final and not moved_on

    def key(self, what: str) -> Key:
        return Key(f"{self.subtask}/try:{self.attempt}/{what}")


class SubtaskFlow:
    """The durable function behind the engine's flow `subtask`."""

    def __init__(self, logs: Logs, agent: Agent, host: HostLink, gate: Gate, clock: Clock, *, most: int = 200) -> None:
        self._logs, self._agent, self._host, self._gate, self._clock = logs, agent, host, gate, clock
        # limits how many agents of all tasks think at once in this process, so that a flood waits in line
        self._room = asyncio.Semaphore(most)

    async def __call__(self, task: str, subtask: str, attempt: int, leg: int) -> None:
        """Runs the leg, and records every way in which it can end."""
        log = await self._logs.open(TaskId(task))
        work = Leg(
            log, SubtaskId(subtask), attempt, leg, host=self._host, gate=self._gate, clock=self._clock,
            drafts=self._logs.drafts,
        )  # fmt: skip
        mine = log.state.of(work.subtask)
        if log.state.final or mine.attempt != attempt or mine.leg > leg or (mine.leg == leg and _ended(mine.status)):
            return  # an earlier leg, whose end is already recorded
        async with self._room:
            await work.record(
                work.key(f"leg:{leg}"),
                e.SubtaskStarted(subtask=work.subtask, attempt=attempt, leg=leg, host=self._host.name),
            )
            if not work.wanted:
                return
            passing("leg started", task, call_decided(log.state, work.subtask), more=f"step={subtask} leg={leg}")
            outcome = await self._until_unwanted(work, log)
        if outcome is not None:
            await work.record(work.key(f"leg:{leg}/end"), outcome)
        if not isinstance(outcome, e.SubtaskParked):
            await self._host.leave(work.task, work.subtask)

    async def crashed(self, error: Exception, task: str, subtask: str, attempt: int, leg: int) -> None:
        """An unexpected error ends the attempt, never the task; the log has the traceback."""
        log = await self._logs.open(TaskId(task))
        problem = f"Something unexpected went wrong ({type(error).__name__}: {error}); the log has the details."
        event = e.SubtaskFailed(
            subtask=SubtaskId(subtask), attempt=attempt, problem=problem[:1000], again=attempt < MOST_ATTEMPTS
        )
        await log.record_patiently(Key(f"{subtask}/try:{attempt}/leg:{leg}/end"), event)

    async def _until_unwanted(self, work: Leg, log: TaskLog) -> e.Event | None:
        """Returns the leg's end; None if people no longer wanted it and it was canceled."""
        doing = asyncio.create_task(self._work(work))
        watching = asyncio.create_task(_unwanted(work, log))
        try:
            await asyncio.wait((doing, watching), return_when=asyncio.FIRST_COMPLETED)
            return doing.result() if doing.done() else None
        finally:
            for one in (doing, watching):
                one.cancel()
            await asyncio.gather(doing, watching, return_exceptions=True)

    async def _work(self, work: Leg) -> e.Event:
        name, attempt, leg = work.subtask, work.attempt, work.leg
        try:
            for file, path in supplies(work.state):
                await self._host.give(work.task, file, path)
            outcome: Outcome = await self._agent.work(work)
        except ThreadworkError as error:
            logger.info("%s/%s attempt %s failed: %s", work.task, name, attempt, error)
            again = worth_another_attempt(error, attempt)
            return e.SubtaskFailed(subtask=name, attempt=attempt, problem=str(error)[:2000], again=again,
                                   cost=error.spent.cost, usage=Usage.of(error.spent))  # fmt: skip
        match outcome:
            case Finished(summary=summary):
                return e.SubtaskFinished(subtask=name, attempt=attempt, leg=leg, summary=summary[:MOST_SUMMARY])
            case Parked(waits=waits):
                return e.SubtaskParked(subtask=name, attempt=attempt, leg=leg, waits=waits)


def supplies(state: TaskState) -> Sequence[tuple[FileRef, str]]:
    """Returns people's files that belong in the workspace, and where: what they attached, and what they replaced."""
    rows = {f"{ATTACHMENTS}/{f.name}": f for f in attached(state)}
    replaced = [(r.deliverable, r.replacement) for r in state.deliverables.values() if r.replacement]
    rows |= {one.path or one.file.name: file for one, file in replaced}
    return [(file, path) for path, file in rows.items()]


async def _unwanted(work: Leg, log: TaskLog) -> None:
    while work.wanted:
        await log.steered(after=log.state.seq)


def _ended(status: str) -> bool:
    return status not in ("running", "planned", "retrying")


def worth_another_attempt(error: ThreadworkError, attempt: int) -> bool:
    """Returns whether retrying the same can help."""
    hopeless = isinstance(error, ModelUnusable | ModelSilent)
    return attempt < MOST_ATTEMPTS and not hopeless and isinstance(error, ModelFailed | HostLost)
