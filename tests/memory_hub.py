"""The whole head and the agents' loop, on memory: for tests that tell a story without a process."""

import asyncio
import json
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from agents.loop.context_window import RoughWindow
from agents.loop.loop import LoopAgent
from agents.roster.roster import Roster
from agents.skills.fetch_skill import SkillFetcher
from agents.skills.library import SkillLibrary, SkillPlaces
from agents.skills.planner_skills import LibraryCatalogue
from agents.skills.read_folder import SkillRoot
from agents.skills.saved_skills import SavedSkills
from orchestrator.clock import MovedClock
from orchestrator.desk import Desk, PlanChoices
from orchestrator.domain import commands as c
from orchestrator.domain.deliverables import Check, Inspection
from orchestrator.domain.ids import CallId, FindingId, TaskId
from orchestrator.domain.model_messages import Answer, Prompt, Reply
from orchestrator.domain.people import FileRef, Person, Place, Request
from orchestrator.domain.skill_content import SkillFile
from orchestrator.domain.task import TaskState
from orchestrator.domain.token_usage import Usage
from orchestrator.domain.tool_calls import Call, CallResult, Effect, HostCall, ToolSpec
from orchestrator.engine.dbos_engine import DbosEngine
from orchestrator.engine.running_flows import MemoryEngine, guarded
from orchestrator.errors import ToolFailed
from orchestrator.flows.archive_skills import archive_unused
from orchestrator.flows.conductor import Conductor
from orchestrator.flows.plan import PlanFlow
from orchestrator.flows.rate_skills import RateFlow
from orchestrator.flows.save_skill import SkillFlow
from orchestrator.flows.subtask import SubtaskFlow
from orchestrator.flows.try_skill import TrialReport, TrialStart
from orchestrator.ledger.file_shelf import FolderShelf
from orchestrator.ledger.open_ledger import open_ledger
from orchestrator.ledger_desk import LedgerDesk
from orchestrator.policy_gate import Gate
from orchestrator.ports import HostLink, Ledger, OnDraft, Shelf, Takeover
from orchestrator.task_event_logs import Logs

ADA = Person(id="web:ada", name="Ada")
BOB = Person(id="web:bob", name="Bob")
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def say(text: str = "", **calls: dict[str, object]) -> Reply:
    """A scripted reply: words, and one call per keyword (`tool={...}`)."""
    return Reply(text=text, calls=tuple(Call(id=CallId(n), tool=n, args=a) for n, a in calls.items()))  # pyright: ignore


class ScriptedModel:
    """Answers each topic (`plan` or a subtask's id) with its next line; remembers every prompt. None: never answers."""

    def __init__(self, lines: Mapping[str, Sequence[Reply | Callable[[Prompt], Reply] | Exception | None]]) -> None:
        self._lines = {topic: list(rows) for topic, rows in lines.items()}
        self.prompts: list[Prompt] = []

    def then(self, topic: str, *lines: Reply | Exception | None) -> None:
        """Adds lines to a topic."""
        self._lines.setdefault(topic, []).extend(lines)

    async def complete(self, prompt: Prompt, *, on_draft: OnDraft | None = None) -> Answer:
        if prompt.topic.endswith("/notes"):  # of a conversation that fills the window; no line of the script
            return Answer(reply=Reply(text="Notes."), model="scripted")
        self.prompts.append(prompt)
        part = prompt.topic.split("/")[1].split(":")[0]
        if not self._lines.get(part):
            raise AssertionError(f"no line left for {prompt.topic}: {prompt.messages[-1]}")
        line = self._lines[part].pop(0)
        if isinstance(line, Exception):
            raise line
        if line is None:
            return await asyncio.get_running_loop().create_future()
        reply = line(prompt) if callable(line) else line
        return Answer(reply=reply, model="scripted", usage=Usage(prompt=10, completion=2), cost=0.01)


Does = Callable[[HostCall], Awaitable[str]] | Callable[[HostCall], Awaitable[CallResult]]


@dataclass
class ToyHost:
    """A host whose tools are functions in a dict; its workspace is a dict of files. `picture`: of each file's page."""

    shelf: Shelf
    tools_by_name: dict[str, tuple[ToolSpec, Does]] = field(default_factory=dict)
    name: str = "toy"
    calls: list[HostCall] = field(default_factory=list)
    files: dict[str, FileRef] = field(default_factory=dict)
    left: list[str | None] = field(default_factory=list)
    lent: dict[str, list[str]] = field(default_factory=dict)
    picture: bytes = b""
    rests: tuple[FindingId, ...] = ()
    """The findings behind what is handed in next."""
    steady: bool = False
    """What is handed in stays as it is; else it is another content each time."""
    notices: Sequence[str] = ()

    def tool(
        self,
        name: str,
        does: Does,
        *effects: Effect,
        target: str | None = None,
        parallel: bool = False,
        releases: str | None = None,
    ) -> None:
        spec = ToolSpec(
            name=name,
            description=name,
            parameters={"type": "object"},
            effects=frozenset(effects),
            target=target,
            parallel=parallel,
            releases=releases,
        )
        self.tools_by_name[name] = (spec, does)

    async def tools(self) -> Sequence[ToolSpec]:
        return [spec for spec, _ in self.tools_by_name.values()]

    async def call(self, call: HostCall) -> CallResult:
        self.calls.append(call)
        if call.tool == "inspect_deliverable":
            name = str(call.args["path"])
            ref = await self.shelf.put(f"content of {name} {0 if self.steady else len(self.calls)}".encode(), name=name)
            pages = [await self.shelf.put(it, name=f"{name}-1.png", media="image/png") for it in (self.picture,) if it]
            found = Inspection(file=ref, checks=(Check(name="opens", ok=True),), previews=tuple(pages),
                               findings=self.rests)  # fmt: skip
            return CallResult(ok=True, text=found.model_dump_json(), files=(ref, *pages))
        try:
            made = await self.tools_by_name[call.tool][1](call)
            return made if isinstance(made, CallResult) else CallResult(ok=True, text=made)
        except ToolFailed as error:
            return CallResult(ok=False, text=str(error))

    async def give(self, task: TaskId, file: FileRef, path: str) -> None:
        self.files[path] = file

    async def take(self, task: TaskId, path: str) -> FileRef:
        return self.files[path]

    async def lend(self, digest: str, files: Sequence[SkillFile]) -> None:
        self.lent[digest] = [one.path for one in files]

    async def leave(self, task: TaskId, subtask: str | None = None) -> None:
        self.left.append(subtask)

    def take_over(self, task: TaskId, subtask: str, domains: Collection[str]) -> AbstractAsyncContextManager[Takeover]:
        raise ToolFailed("A toy has no page.")


@dataclass
class Stage:
    """What a story needs in its hands."""

    desk: Desk
    ledger: Ledger
    model: ScriptedModel
    host: ToyHost
    clock: MovedClock
    agent: LoopAgent
    roster: Roster
    sweep: Callable[[], Awaitable[None]]
    """Archives the skills that nobody has used."""
    count: int = 0

    async def ask(self, text: str, by: Person = ADA) -> TaskId:
        self.count += 1
        request = Request(text=text, by=by, place=Place(platform="web", channel="general", thread=str(self.count)))
        receipt = await self.desk.submit(c.OpenTask(id=f"m{self.count}", by=by, request=request))
        return receipt.task

    async def until(self, task: TaskId, fact: Callable[[TaskState], object], *, seconds: float = 60) -> TaskState:
        """The state once `fact` holds; fails with what is there after `seconds`."""
        last: TaskState | None = None
        try:
            async with asyncio.timeout(seconds):
                async for state in self.desk.watch(task):
                    last = state
                    if fact(state):
                        return state
        except TimeoutError:
            shown = json.dumps([str(x)[:160] for x in (last.subtasks.items() if last else [])], indent=1)
            raise AssertionError(
                f"never happened; {last.phase if last else None} {shown} {last.lines if last else ''}"
            ) from None
        raise AssertionError("the watch ended")

    async def press_start(self, task: TaskId, by: Person = ADA) -> None:
        state = await self.until(task, lambda s: s.phase == "review")
        await self.desk.submit(c.StartPlan(id=f"start-{state.version}", by=by, task=task, base=state.version))


@asynccontextmanager
async def stage(
    tmp_path: Path,
    model: ScriptedModel,
    *,
    url: str = "memory://",
    gate: Gate | None = None,
    now: datetime = NOON,
    link: Callable[[Shelf], HostLink] | None = None,
    limits: Mapping[str, object] | None = None,
    shipped: SkillRoot | None = None,
    near: Sequence[str] = (),
) -> AsyncGenerator[Stage]:
    """A running head. With a database's url it is durable: a second stage on it goes on where the first one ended.

    Skills are in `skills/` of `tmp_path` and in `shipped`. `link` makes another host than the toy one; who makes
    it ends it. `limits`: `turns` and `spending`. `near`: private hosts that skills may be installed from.
    """
    clock = MovedClock(now)
    ledger = await open_ledger(url, clock)
    shelf = FolderShelf(tmp_path / "shelf")
    logs = Logs(ledger)
    host = ToyHost(shelf)
    library = SkillLibrary(SkillPlaces(tmp_path, shipped=shipped), shelf)
    roster = Roster(tmp_path / "agents", keeps=True)
    agent = LoopAgent(roster, model, shelf, default_model="scripted", skills=library, **(limits or {}))  # pyright: ignore
    engine = MemoryEngine() if url == "memory://" else DbosEngine(url)
    subtask = SubtaskFlow(logs, agent, link(shelf) if link else host, gate or Gate(), clock)
    plan = PlanFlow(logs, agent, model, "scripted", skills=LibraryCatalogue(library, RoughWindow().room))
    engine.register("subtask", guarded(subtask, subtask.crashed))
    engine.register("plan", guarded(plan, plan.crashed))
    keeper = SavedSkills(library, tmp_path, shelf, SkillFetcher(near))
    saving = SkillFlow(logs, model, "scripted", keeper)
    engine.register("skill", guarded(saving, saving.crashed))
    rating = RateFlow(logs, keeper)
    engine.register("rate", guarded(rating, rating.crashed))
    trying, reporting = TrialStart(logs, keeper), TrialReport(logs, shelf)
    engine.register("try", guarded(trying, trying.crashed))
    engine.register("tried", guarded(reporting, reporting.crashed))
    conductor = Conductor(logs, engine, clock)
    desk = LedgerDesk(logs, shelf, clock, PlanChoices(agents=agent.roster))
    await engine.launch()
    running = asyncio.create_task(conductor.run())
    try:
        sweep = partial(archive_unused, logs, keeper, clock)
        yield Stage(desk, ledger, model, host, clock, agent, roster, sweep)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        await engine.close()
        await ledger.close()
