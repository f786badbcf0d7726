"""Tells stories with one hostile connector: the head, the agent's script, and what the server did."""

from collections.abc import Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

from agents.connectors.connection import ConnectorConnection
from agents.connectors.connectors import Connectors
from orchestrator.domain import commands as c
from orchestrator.domain.approvals_and_questions import Decision
from orchestrator.domain.ids import SubtaskId, TaskId
from orchestrator.domain.model_messages import Prompt, Reply
from orchestrator.ledger.file_shelf import FolderShelf
from tests.connector_stand import connectors, hostile
from tests.memory_hub import ADA, ScriptedModel, Stage, say, stage
from tests.scenarios.test_request_to_files import plan, row

FIND = SubtaskId("find")
LOOK, DELETE = "mcp__hostile__look", "mcp__hostile__delete"
ScriptLine = Reply | Callable[[Prompt], Reply]


class ConnectorStory:
    """A running head with one hostile connector."""

    def __init__(self, on: Stage, log: Path, found: Connectors, shelf: FolderShelf) -> None:
        self.on, self.log, self.connectors, self.shelf = on, log, found, shelf

    async def begun(self) -> TaskId:
        task = await self.on.ask("Find it")
        await self.on.press_start(task)
        return task

    def did(self) -> list[str]:
        lines = self.log.read_text().splitlines() if self.log.exists() else []
        return [line for line in lines if line != "listed"]

    async def decide(self, task: TaskId, verb: Any, **more: Any) -> None:
        state = await self.on.until(task, lambda s: any(r.decision is None for r in s.approvals.values()))
        name = next(name for name, r in state.approvals.items() if r.decision is None)
        decision = Decision(verb=verb, **more)
        await self.on.desk.submit(c.Decide(id=f"d{name}", by=ADA, task=task, approval=name, decision=decision))


async def told(
    stack: AsyncExitStack,
    behaviour: str,
    tmp_path: Path,
    *lines: ScriptLine,
    url: str = "memory://",
    plans: int = 1,
    **settings: Any,
) -> ConnectorStory:
    """A story; `settings`: of the connector, `url`: of the ledger; `plans`: how often it is planned."""
    log = tmp_path / "log"
    shelf = FolderShelf(tmp_path / "shelf")

    def make() -> ConnectorConnection:
        return hostile(behaviour, log)

    found = await stack.enter_async_context(connectors(tmp_path / "home", shelf, {"hostile": make}, hostile=settings))
    model = ScriptedModel({"plan": [plan(row("find", "browser"))] * plans, "find": list(lines)})
    on = await stack.enter_async_context(stage(tmp_path, model, url=url, limits={"source": found}))
    return ConnectorStory(on, log, found, shelf)


def use(tool: str, **args: object) -> Reply:
    """One call of a connector's tool."""
    calls = {tool: args}
    return say("", **calls)


def last(prompt: Prompt) -> Reply:
    """Ends with what the agent has just read."""
    return say(prompt.messages[-1].text)
