"""A task of one step that exists only in memory, and a host that does nothing: for trying an agent out."""

from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from datetime import UTC, datetime

from pydantic import JsonValue

from orchestrator.domain import events as e
from orchestrator.domain.agents import UsedAgent
from orchestrator.domain.fold import apply
from orchestrator.domain.ids import Key, Stream, SubtaskId, TaskId
from orchestrator.domain.people import FileRef, Request
from orchestrator.domain.plan import Plan, Subtask
from orchestrator.domain.policy import Judgement, Rule
from orchestrator.domain.skill_content import SkillFile
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import CallResult, HostCall, ToolSpec
from orchestrator.errors import HostRefused, ToolFailed
from orchestrator.ports import HostLink, OnDraft, Takeover

_TASK, _STEP = TaskId("try-out"), SubtaskId("try-out")
_NOTHING = "Nothing is done while an agent is tried out."
Judge = Callable[[ToolSpec, Mapping[str, JsonValue], TaskState, SubtaskId], Judgement]


class TrialHost:
    """Implements the HostLink port: has another host's tools, and does nothing with them."""

    def __init__(self, tools: Sequence[ToolSpec], notices: Sequence[str] = ()) -> None:
        self.name = "try-out"
        self.notices = notices
        self._tools = tools

    async def tools(self) -> Sequence[ToolSpec]:
        return self._tools

    async def call(self, call: HostCall) -> CallResult:
        raise HostRefused(_NOTHING)

    async def give(self, task: TaskId, file: FileRef, path: str) -> None:
        """Nothing."""

    async def take(self, task: TaskId, path: str) -> FileRef:
        raise ToolFailed(_NOTHING)

    async def lend(self, digest: str, files: Sequence[SkillFile]) -> None:
        """Nothing."""

    async def leave(self, task: TaskId, subtask: str | None = None) -> None:
        """Nothing."""

    def take_over(
        self, task: TaskId, subtask: SubtaskId, domains: Collection[str]
    ) -> AbstractAsyncContextManager[Takeover]:
        raise ToolFailed(_NOTHING)


class TrialWork:
    """Implements the Work port for one attempt of one step whose instructions are the request."""

    def __init__(self, request: Request, agent: str, used: e.AgentUsed | None, host: HostLink, judge: Judge) -> None:
        """`used`: the version of a team's own agent, with the policy that calls are judged by."""
        self.task, self.subtask, self.attempt, self.leg, self.host = _TASK, _STEP, 1, 1, host
        self._judge = judge
        self._records: list[e.Record] = []
        self._state = TaskState(_TASK)
        self._at = datetime.min.replace(tzinfo=UTC)
        title = " ".join(request.text.split())[:80] or agent
        step = Subtask(id=_STEP, title=title, instructions=request.text[:8000] or title, agent=agent)
        self._add(Key("opened"), e.TaskOpened(request=request))
        self._add(Key("plan:1"), e.PlanDrafted(plan=Plan(title=title, subtasks=(step,)), version=1))
        self._add(Key("start:1"), e.PlanStarted(version=1))
        self._add(Key("leg:1"), e.SubtaskStarted(subtask=_STEP, attempt=1, leg=1, host=host.name))
        if used is not None:
            self._add(Key("agent"), used)

    @property
    def state(self) -> TaskState:
        return self._state

    @property
    def records(self) -> Sequence[e.Record]:
        return self._records

    async def record(self, key: Key, event: e.Event) -> e.Event:
        """Remembers it."""
        return self._add(key, event)

    def judge(self, spec: ToolSpec, args: Mapping[str, JsonValue]) -> Judgement:
        return self._judge(spec, args, self._state, _STEP)

    def domains(self) -> frozenset[str]:
        return frozenset()

    def draft(self, turn: int) -> AbstractContextManager[OnDraft]:
        return _unseen()

    def now(self) -> datetime:
        return self._at

    def _add(self, key: Key, event: e.Event) -> e.Event:
        if known := next((row.event for row in self._records if row.key == key), None):
            return known
        record = e.Record(Stream(_TASK), len(self._records) + 1, key, self._at, event)
        self._records.append(record)
        self._state = apply(self._state, record)
        return event


@contextmanager
def _unseen() -> Generator[OnDraft]:
    yield lambda look: None


def used_for_trial(agent: UsedAgent, content: FileRef, policy: Sequence[Rule]) -> e.AgentUsed:
    """Returns the fact that the trial's step works with this version."""
    return e.AgentUsed(subtask=_STEP, attempt=1, agent=agent, content=content, policy=tuple(policy))
