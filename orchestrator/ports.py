"""What the head needs from the rest of the world, in our own words; every implementation passes the same tests."""

from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Protocol

from pydantic import JsonValue

from orchestrator.domain.approvals_and_questions import Waits
from orchestrator.domain.base_value import Value
from orchestrator.domain.events import Event, Record
from orchestrator.domain.ids import Key, PersonId, Sha, Stream, SubtaskId, TaskId
from orchestrator.domain.model_messages import Answer, Prompt
from orchestrator.domain.people import FileRef, Person, Request
from orchestrator.domain.policy import Judgement
from orchestrator.domain.saved_skill import SavedSkill
from orchestrator.domain.skill_content import PlannerSkills, SkillFile, UnpackedSkill
from orchestrator.domain.skills import KnownSkill, SkillText, UsedSkill
from orchestrator.domain.takeover import PageView, Touch
from orchestrator.domain.task import TaskState
from orchestrator.domain.task_list import Tally, TaskEntry, TaskQuery
from orchestrator.domain.tool_calls import CallResult, HostCall, ToolSpec


class Clock(Protocol):
    """Wall time in UTC; a test moves it by hand."""

    def now(self) -> datetime: ...


class Ledger(Protocol):
    """Append-only facts in streams. Unique per (stream, key); `seq` counts from 1 per stream without gaps."""

    async def record(self, stream: Stream, key: Key, event: Event, *, expects: int | None = None) -> Record:
        """Writes the fact once per key and returns what the ledger holds: ours, or the earlier one.

        `expects`: the `seq` of the stream's newest fact (0 for none) that the decision rests on; raises Overtaken when
        the stream has newer facts and none under this key.
        Durable when it returns. Raises LedgerBusy, LedgerFailed, OutOfSpace; ValueError for an event of 64 kB and more.
        """
        ...

    async def read(self, stream: Stream, *, after: int = 0) -> Sequence[Record]:
        """Returns the stream's facts with a larger `seq` than `after`, in order."""
        ...

    async def find(self, stream: Stream, key: Key) -> Record | None:
        """Returns the stream's fact under that key, if there is one; its cost doesn't depend on the stream's length."""
        ...

    async def streams(self, *, prefix: str = "") -> Sequence[Stream]:
        """Returns the names of all streams that start with `prefix`, in the order they began."""
        ...

    async def tasks(self, query: TaskQuery) -> Sequence[TaskEntry]:
        """Returns the entries of the task list that the query asks for, newest first.

        An entry is as new as the facts, because it is written with them. The cost doesn't depend on how many tasks have
        ended, as long as the query asks for unfinished ones.
        """
        ...

    async def tally(self, by: PersonId, *, since: datetime | None = None) -> Tally:
        """Counts a person's tasks, all or those opened since then, without reading them one by one."""
        ...

    async def position(self) -> int:
        """Returns the ledger's global position: every record has one, growing over all streams."""
        ...

    def tail(self, *, after: int) -> AsyncIterator[tuple[int, Record]]:
        """Yields every record of every stream past the global position `after`, including other processes', forever.

        Our own records arrive at once, those of other processes within about 0.3 s. None is left out or repeated.
        """
        ...

    async def mark(self, name: str, position: int) -> None:
        """Records how far the reader `name` has come; never goes back."""
        ...

    async def marked(self, name: str) -> int:
        """Returns how far the reader `name` had come; 0 at first."""
        ...

    async def close(self) -> None: ...


class Shelf(Protocol):
    """Files by the hash of their content. What is on the shelf never changes."""

    async def put(self, content: bytes, *, name: str, media: str | None = None) -> FileRef: ...
    async def put_file(self, path: Path, *, name: str | None = None) -> FileRef: ...

    async def get(self, sha: Sha) -> bytes:
        """Raises NotFound."""
        ...

    async def path(self, sha: Sha) -> Path:
        """Returns a readable file with that content; never write to it. Raises NotFound."""
        ...


Look = Callable[[], str]
"""Returns what people may read of a reply so far."""

OnDraft = Callable[[Look], None]
"""Is called whenever a reply has grown; what it does must not take time. A new try starts again from nothing."""


class Model(Protocol):
    """A language model, or a chain of them behind one name."""

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        """Runs one turn. `on_draft` can look at the reply while it is written. Raises ModelFailed and its kinds.

        The reply's calls have ids and arguments that fit the tools' schemas; anything else was repaired or raised.
        """
        ...


class Takeover(Protocol):
    """A page that a person controls. Each method raises ToolFailed once it was handed back, HostLost."""

    async def see(self, after: int) -> tuple[PageView, bytes]:
        """Returns the page once it differs from view `after`, or as it is after some seconds, and a JPEG of it."""
        ...

    async def do(self, touches: Sequence[Touch]) -> None:
        """Does all of them, in order."""
        ...

    async def allow(self, domains: Collection[str]) -> None:
        """The person may open these from now on."""
        ...


class HostLink(Protocol):
    """One agent host: where files, shell, browser and documents are."""

    @property
    def name(self) -> str: ...

    @property
    def notices(self) -> Sequence[str]:
        """Says what this host can't do and why, in sentences; empty until it is up."""
        ...

    async def tools(self) -> Sequence[ToolSpec]:
        """Returns what this host can do now; without a working sandbox, no tool executes anything."""
        ...

    async def call(self, call: HostCall) -> CallResult:
        """Runs a tool, or answers from the journal if that call id was run before.

        Survives restarts of the host: the call is sent again to the restarted host. Canceling this coroutine cancels
        the tool within a second. Raises HostLost if the host can't be restarted, HostRefused by its own policy.
        """
        ...

    async def give(self, task: TaskId, file: FileRef, path: str) -> None:
        """Puts a shelf file into the task's workspace at the relative `path`, creating parent folders."""
        ...

    async def take(self, task: TaskId, path: str) -> FileRef:
        """Brings a workspace file to the shelf. Raises ToolFailed with a sentence if it can't be read."""
        ...

    async def lend(self, digest: str, files: Sequence[SkillFile]) -> None:
        """Keeps a skill's files for code in calls that name it. Raises ToolFailed if they don't have that digest."""
        ...

    async def leave(self, task: TaskId, subtask: str | None = None) -> None:
        """The subtask (or whole task) has ended: close its pages and background processes. The files stay."""
        ...

    def take_over(
        self, task: TaskId, subtask: SubtaskId, domains: Collection[str]
    ) -> AbstractAsyncContextManager[Takeover]:
        """Gives the subtask's page to a person, who may open those domains; the agent's actions on it wait until the
        context ends. Raises ToolFailed with a sentence if there is no page, HostLost."""
        ...


class Work(Protocol):
    """One leg of one attempt, as its agent sees it: the task, a host, the gate, and a memory that survives crashes."""

    task: TaskId
    subtask: SubtaskId
    attempt: int
    leg: int
    host: HostLink

    @property
    def state(self) -> TaskState:
        """Returns the whole task as it is now."""
        ...

    @property
    def records(self) -> Sequence[Record]:
        """Returns all facts of the task until now, in order."""
        ...

    async def record(self, key: Key, event: Event) -> Event:
        """Writes a fact once per key and returns what the ledger holds; waits out a full disk or a locked database."""
        ...

    def judge(self, spec: ToolSpec, args: Mapping[str, JsonValue]) -> Judgement:
        """Returns the gate's verdict on a call."""
        ...

    def domains(self) -> frozenset[str]:
        """Returns domains this subtask may open now."""
        ...

    def draft(self, turn: int) -> AbstractContextManager[OnDraft]:
        """Shows people what is written in this context, until the turn is recorded."""
        ...

    def now(self) -> datetime: ...


class Finished(Value):
    """The agent is done."""

    summary: str


class Parked(Value):
    """The agent waits; the next leg starts when the wait is over."""

    waits: Waits


Outcome = Finished | Parked


class SkillCatalogue(Protocol):
    """The skills that a task could use in its next plan; `model` is the planner's, whose window limits the list."""

    async def for_planner(self, state: TaskState, model: str) -> PlannerSkills: ...


class SkillKeeper(Protocol):
    """Files skills made in chat, each once, or raises Refused; `roll_back` returns the version that counts again."""

    async def named(self, state: TaskState, name: str) -> KnownSkill | None: ...
    async def nearest(self, state: TaskState, text: SkillText) -> KnownSkill | None: ...
    async def file(self, state: TaskState, saved: SavedSkill) -> UsedSkill: ...
    async def roll_back(self, state: TaskState, skill: UsedSkill, by: Person) -> str: ...
    async def unpacked(self, state: TaskState, name: str, source: str) -> UnpackedSkill: ...
    async def archive_unused(self, state: TaskState, saved: SavedSkill, before: datetime) -> bool: ...
    async def revive(self, state: TaskState, saved: SavedSkill) -> None: ...
    async def zipped(self, state: TaskState, skill: UsedSkill, by: Person) -> FileRef: ...
    async def packed(self, state: TaskState, saved: SavedSkill, text: SkillText) -> FileRef: ...


class AgentRow(Value):
    """A line of the roster, as people and the planner see it."""

    name: str
    description: str
    model: str | None = None


class Agent(Protocol):
    """Works on subtasks. All it knows about earlier legs is in `work.records`."""

    async def roster(self, request: Request | None = None) -> Sequence[AgentRow]: ...
    async def work(self, work: Work) -> Outcome:
        """Continues from the recorded turns until done or parked. Raises ThreadworkError if the attempt has failed."""
        ...


class Engine(Protocol):
    """Makes sure that every flow that has started and not ended keeps running."""

    async def start(self, flow: str, key: str, **arguments: str | int) -> bool:
        """Starts the registered flow under that key, which then survives crashes; False if it was started before."""
        ...

    async def stop(self, key: str) -> None:
        """Cancels a flow if this process runs it; its `finally` blocks run. Otherwise has no effect."""
        ...

    async def running(self) -> Sequence[str]:
        """Returns the keys of flows that this process runs."""
        ...

    async def launch(self) -> None:
        """Starts running flows, first those that an earlier process left unfinished."""
        ...

    async def close(self) -> None: ...


Flow = Callable[..., Awaitable[None]]
"""A durable function: called again from the top after a crash, so everything it does goes through the ledger."""
