"""A small desk in memory, on the real fold: commands become facts at once, and a test adds what agents would do."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from orchestrator.clock import MovedClock
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.fold import apply
from orchestrator.domain.ids import Key, Sha, Stream, TaskId, digest
from orchestrator.domain.people import FileRef
from orchestrator.domain.plan import check_agents
from orchestrator.domain.task import TaskState
from orchestrator.errors import NotFound, Stale
from orchestrator.trouble import Trouble


@dataclass(frozen=True)
class Receipt:
    task: TaskId
    words: str = ""


@dataclass(frozen=True)
class AgentRow:
    name: str
    description: str
    model: str = ""


class MemoryShelf:
    """Files by hash, below a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, content: bytes, *, name: str, media: str | None = None) -> FileRef:
        sha = Sha(hashlib.sha256(content).hexdigest())
        await asyncio.to_thread((self._root / sha).write_bytes, content)
        return FileRef(name=name, sha=sha, size=len(content), media=media or "application/octet-stream")

    async def put_file(self, path: Path, *, name: str | None = None) -> FileRef:
        return await self.put(await asyncio.to_thread(path.read_bytes), name=name or path.name)

    async def get(self, sha: Sha) -> bytes:
        return await asyncio.to_thread((await self.path(sha)).read_bytes)

    async def path(self, sha: Sha) -> Path:
        if not (self._root / sha).is_file():
            raise NotFound(f"There is no file {sha!r}.")
        return self._root / sha


class FakeDesk:
    """The desk interface over dictionaries. `fact()` is how a test plays the agents."""

    def __init__(self, shelf: Path) -> None:
        self.shelf = MemoryShelf(shelf)
        self.trouble = Trouble()
        self.clock = MovedClock()
        self._streams: dict[str, list[e.Record]] = {}
        self._keys: dict[tuple[str, str], e.Record] = {}
        self._states: dict[TaskId, TaskState] = {}
        self._changed = asyncio.Condition()
        self.submitted: list[c.AnyCommand] = []

    async def submit(self, command: c.AnyCommand) -> Receipt:
        self.submitted.append(command)
        if isinstance(command, c.OpenTask):
            place = command.request.place
            task = TaskId(digest(place.platform, place.channel, command.id))
            await self.fact(task, e.TaskOpened(request=command.request), key="opened")
            return Receipt(task)
        state = await self.state(command.task)
        if (command.task, command.id) not in self._keys:
            await self.fact(command.task, _event(state, command), key=command.id)
        return Receipt(command.task)

    async def fact(self, task: TaskId, event: e.Event, *, key: str = "") -> None:
        """One fact in the task's stream; once per key."""
        await self._record(task, key or f"fact/{len(self._streams.get(task, []))}", event)

    async def state(self, task: TaskId) -> TaskState:
        if task not in self._states:
            raise NotFound(f"There is no task {task!r}; look in the list on the left.")
        return self._states[task]

    async def states(self, *, most: int = 200) -> Sequence[TaskState]:
        return list(reversed(self._states.values()))[:most]

    async def records(self, task: TaskId, *, after: int = 0) -> Sequence[e.Record]:
        return self._streams.get(task, [])[after:]

    async def watch(self, task: TaskId, *, after: int = -1) -> AsyncIterator[TaskState]:
        seen = after
        while True:
            state = await self.state(task)
            if state.seq > seen:
                seen = state.seq
                yield state
                continue
            async with self._changed:
                await self._changed.wait_for(lambda since=seen: self._states[task].seq > since)

    async def watch_all(self) -> AsyncIterator[TaskState]:
        seen = {name: s.seq for name, s in self._states.items()}
        while True:
            async with self._changed:
                await self._changed.wait_for(lambda: any(s.seq > seen.get(n, 0) for n, s in self._states.items()))
            for name, state in list(self._states.items()):
                if state.seq > seen.get(name, 0):
                    seen[name] = state.seq
                    yield state

    async def roster(self) -> Sequence[AgentRow]:
        return [
            AgentRow("browser", "Reads web pages."),
            AgentRow("document", "Writes sheets and documents."),
            AgentRow("developer", "Writes and runs code."),
            AgentRow("analyst", "Reasons over data."),
        ]

    async def models(self) -> Sequence[str]:
        return ["anthropic/claude-sonnet", "openai/gpt-large", "ollama/small"]

    async def note(self, room: str, key: str, event: e.Event) -> e.Event:
        return (await self._record(f"room/{room}", key, event)).event

    async def room(self, room: str, *, after: int = 0) -> Sequence[e.Record]:
        return self._streams.get(f"room/{room}", [])[after:]

    async def watch_room(self, room: str, *, after: int = 0) -> AsyncIterator[e.Record]:
        seen = after
        while True:
            for record in self._streams.get(f"room/{room}", [])[seen:]:
                seen = record.seq
                yield record
            async with self._changed:
                await self._changed.wait_for(lambda since=seen: len(self._streams.get(f"room/{room}", [])) > since)

    async def _record(self, stream: str, key: str, event: e.Event) -> e.Record:
        if earlier := self._keys.get((stream, key)):
            return earlier
        rows = self._streams.setdefault(stream, [])
        record = e.Record(Stream(stream), len(rows) + 1, Key(key), self.clock.now(), event)
        if not stream.startswith("room/"):
            task = TaskId(stream)
            self._states[task] = apply(self._states.get(task, TaskState(task)), record)
        rows.append(record)
        self._keys[(stream, key)] = record
        async with self._changed:
            self._changed.notify_all()
        return record


def _event(state: TaskState, command: c.AnyCommand) -> e.Event:
    if state.phase == "stopped":
        raise Stale("This task was stopped; ask again in the channel.")
    match command:
        case c.Say(by=by, text=text, files=files, subtask=subtask):
            return e.PersonSaid(by=by, text=text, files=files, subtask=subtask)
        case c.EditPlan(by=by, plan=plan, base=base):
            _same(state, base)
            check_agents(plan, ["browser", "document", "developer", "analyst"])
            return e.PlanDrafted(plan=plan, version=base + 1, by=by)
        case c.StartPlan(by=by, base=base):
            _same(state, base)
            if state.started:
                raise Stale("The plan was already started.")
            return e.PlanStarted(version=base, by=by)
        case c.RetryPlanning(by=by):
            return e.PlanningRetried(by=by, round=state.rounds + 1)
        case c.Pause(by=by):
            return e.TaskPaused(by=by)
        case c.Resume(by=by):
            return e.TaskResumed(by=by)
        case c.Stop(by=by):
            return e.TaskStopped(by=by)
        case c.RetrySubtask(by=by, subtask=subtask, attempt=attempt):
            if state.of(subtask).attempt != attempt:
                raise Stale("It was already retried.")
            return e.SubtaskRetried(subtask=subtask, attempt=attempt + 1, by=by)
        case c.SkipSubtask(by=by, subtask=subtask):
            return e.SubtaskSkipped(subtask=subtask, by=by)
        case _:
            return _decided(state, command)


def _decided(state: TaskState, command: c.AnyCommand) -> e.Event:
    match command:
        case c.Decide(by=by, approval=approval, decision=decision):
            row = state.approvals.get(approval)
            if row is None:
                raise NotFound(f"There is no approval {approval!r}.")
            if row.by:
                raise Stale(f"{row.by.name} already decided this.")
            return e.ApprovalDecided(approval=approval, decision=decision, by=by)
        case c.AnswerQuestion(by=by, question=question, answers=answers):
            if state.questions[question].answers is not None:
                raise Stale("This was already answered.")
            return e.QuestionAnswered(question=question, answers=answers, by=by)
        case c.Review(by=by, deliverable=name, verdict=verdict, text=text, file=file):
            if state.deliverables[name].verdict != "waiting":
                raise Stale("Somebody already decided about this file.")
            return e.DeliverableDecided(deliverable=name, verdict=verdict, by=by, text=text, file=file)
        case _:
            raise NotFound(f"Unknown command {type(command).__name__!r}.")


def _same(state: TaskState, base: int) -> None:
    if state.version != base:
        raise Stale("Somebody changed the plan in the meantime; look at the new one.")
