"""The world of one behaviour: a vendor's server, one step of a task, and what came of it."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from agents.models.endpoint import Endpoint, EndpointModel
from agents.models.litellm_model import LiteLLM
from agents.models.model_wrappers import layered
from agents.models.retries import World as Chance
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.ids import SubtaskId, TaskId
from orchestrator.domain.model_messages import Answer as Turn
from orchestrator.domain.model_messages import Effort, Message, Prompt, Reply, Returned
from orchestrator.domain.task import SubtaskState, TaskState
from orchestrator.domain.tool_calls import Effect, HostCall, ToolSpec
from orchestrator.ports import Look, OnDraft
from tests.memory_hub import ADA, Stage, say, stage
from tests.world.models.answers import Answer
from tests.world.models.vendor_server import VendorServer

STEP = SubtaskId("a")
T = TypeVar("T", bound=Callable[..., object])
KINDS: dict[str, str] = {}
"""The kind of every behaviour, by the name of its test."""


def behaviour(kind: str) -> Callable[[T], T]:
    """Names the kind of a behaviour."""

    def named(test: T) -> T:
        KINDS[test.__name__] = kind
        return test

    return named


def _spec(name: str, effect: Effect, **fields: dict[str, Any]) -> ToolSpec:
    needed = [field for field, schema in fields.items() if "default" not in schema]
    shape: dict[str, Any] = {"type": "object", "properties": fields, "required": needed, "additionalProperties": False}
    return ToolSpec(name=name, description=name, parameters=shape, effects=frozenset({effect}))


TOOLS = (
    _spec("read_file", Effect.READ, path={"type": "string"}),
    _spec("write_file", Effect.WRITE_WORKSPACE, path={"type": "string"}, content={"type": "string"}),
    _spec("list_files", Effect.READ, under={"type": "string", "default": ""}),
    _spec(
        "sheet_write",
        Effect.WRITE_WORKSPACE,
        path={"type": "string"},
        rows={"type": "array", "items": {"type": "array"}},
        first={"type": "integer", "default": 1},
        bold={"type": "boolean", "default": False},
    ),
)


OPENING = "read_findings"
OWN_PATHS = ("anthropic/", "gemini/", "ollama", "lm_studio/")
"""Of vendors whose library adds the path to the address."""


class OneStep:
    """Plans one step and makes its first call by itself, and asks the vendor's server for everything after that.

    An agent that calls no tool fails for that reason alone; the server never reads of the first call.
    """

    def __init__(self, inner: Any) -> None:
        self.inner = inner
        self.shown = ""
        """What people could read while it was written."""

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Turn:
        if any(tool.name == "propose_plan" for tool in prompt.tools):
            row = {"id": STEP, "title": "Read", "instructions": "Read a.txt and say what it says.", "agent": "analyst"}
            return Turn(reply=say(propose_plan={"title": "Plan", "subtasks": [row]}), model="planner")
        if len(prompt.messages) == 2:
            return Turn(reply=say(read_findings={}), model=prompt.model)
        rest = tuple(m for m in prompt.messages if not _opens(m))
        return await self.inner.complete(prompt.model_copy(update={"messages": rest}), on_draft=self._show)

    def _show(self, look: Look) -> None:
        self.shown += f"{look()}\n"


def _opens(message: Message) -> bool:
    if isinstance(message, Reply):
        return any(call.tool == OPENING for call in message.calls)
    return isinstance(message, Returned) and message.tool == OPENING


class WorldOfOne:
    """What a behaviour has in its hands."""

    def __init__(self, server: VendorServer, folder: Path) -> None:
        self.server = server
        self.folder = folder
        self.model = "openai/m"
        self.rows: tuple[EndpointModel, ...] = ()
        self.efforts: dict[str, Effort] = {}
        self.slept: list[float] = []
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.file = "The total is 42."
        self.shown = ""
        self.notes: list[str] = []
        self.state: TaskState | None = None
        self._cores: list[LiteLLM] = []

    def answers(self, *answers: Answer | Callable[[dict[str, Any]], Answer]) -> None:
        self.server.answers = list(answers)

    def brain(self) -> OneStep:
        """A model as a process has one: it has learnt nothing yet."""
        base = self.server.url + ("" if self.model.startswith(OWN_PATHS) else "/v1")
        endpoint = Endpoint(api_base=base, api_key="sk-test", rows=self.rows)
        self._cores.append(LiteLLM(endpoint, shows_first=True, clock=self.server.clock))
        chance = Chance(random=lambda: 0.0, sleep=self._sleep)
        return OneStep(layered(self._cores[-1], endpoint, world=chance))

    async def step(self, *, until: str = "") -> SubtaskState:
        """Runs the step to its end and returns it; `until`: only to that status."""
        brain = self.brain()
        async with stage(self.folder, _named(brain, self.model), limits={"efforts": self.efforts}) as on:
            self._equip(on)
            task = await on.ask("Read a.txt")
            await on.press_start(task)
            ends = {until} if until else {"done", "failed"}
            self.state = await on.until(task, lambda s: s.of(STEP).status in ends)
            events = [record.event for record in await on.desk.records(task)]
            self.notes = [event.text for event in events if isinstance(event, e.Noted) and event.subtask == STEP]
        self.shown = brain.shown
        return self.state.of(STEP)

    async def first_half(self, url: str) -> TaskId:
        """Runs the step in a process of its own until it waits for an answer."""
        async with stage(self.folder, self.named(), url=url) as on:
            self._equip(on)
            task = await on.ask("Read a.txt")
            await on.press_start(task)
            await on.until(task, lambda s: s.questions)
            await on.until(task, lambda s: s.of(STEP).status == "parked")
        return task

    async def answer_question(self, on: Stage, task: TaskId) -> None:
        self._equip(on)
        state = await on.until(task, lambda s: s.questions)
        question = next(iter(state.questions))
        await on.desk.submit(
            c.AnswerQuestion(id="answered", by=ADA, task=task, question=question, answers={"year": "2024"})
        )

    def named(self) -> Any:
        """The model that a step uses."""
        return _named(self.brain(), self.model)

    def _equip(self, on: Stage) -> None:
        async def does(call: HostCall) -> str:
            self.calls.append((call.tool, call.args))
            return self.file

        for spec in TOOLS:
            on.host.tools_by_name[spec.name] = (spec, does)

    @property
    def requests(self) -> Sequence[dict[str, Any]]:
        return self.server.requests

    def sent(self, number: int = -1) -> list[dict[str, Any]]:
        """The messages of one request."""
        return self.requests[number]["messages"]

    def turn(self, number: int = -1) -> dict[str, Any]:
        """The first turn of the model in a request."""
        return next(m for m in self.sent(number) if m["role"] == "assistant")

    async def _sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        await asyncio.sleep(0)

    async def close(self) -> None:
        for core in self._cores:
            await core.close()


def _named(brain: OneStep, name: str) -> Any:
    class Named:
        async def complete(self, prompt: Prompt, **more: Any) -> Turn:
            return await brain.complete(prompt.model_copy(update={"model": name}), **more)

    return Named()


def failed(step: SubtaskState, *words: str) -> None:
    """The step failed, and its sentence has these words."""
    assert step.status == "failed", step
    for word in words:
        assert word in step.problem, step.problem


def done(step: SubtaskState, summary: str) -> None:
    """The step is done with exactly this summary."""
    assert (step.status, step.summary) == ("done", summary), step
