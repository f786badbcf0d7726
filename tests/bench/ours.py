"""threadwork on the same graphs: the whole hub in this process, its host as a child, SQLite, DBOS, litellm."""

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NamedTuple

from agents.loop.run_tool_call import specs_for
from agents.loop.tools_shown_in_prompt import agent_tools
from agents.models import openai_format
from agents.roster.roster import load as load_roster
from bot.bootstrap.hub import Hub, open_hub
from bot.platforms import load
from orchestrator.domain import commands as c
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Person, Place, Request
from tests.bench.graphs import Graph, plan_of
from tests.model_server import KEY

ADA = Person(id="web:ada", name="Ada")  # pyright: ignore[reportArgumentType]


class Run(NamedTuple):
    """Seconds from *Start* to the end of the last subtask, and model turns after *Start*."""

    wall: float
    turns: int


@asynccontextmanager
async def hub_at(url: str, home: Path) -> AsyncGenerator[Hub]:
    """A hub whose models are at `url`."""
    models = {"default": "test-model", "api_base": url, "api_key": KEY}
    settings = load(home=home, models=models, web={"port": 0}, limits={"task_cost": 1000}, environment={})
    hub = await open_hub(settings)
    try:
        yield hub
    finally:
        await hub.close()


async def opened(hub: Hub, graph: Graph, name: str) -> TaskId:
    """A task whose plan waits for *Start*."""
    text = f"{name} PLAN:{plan_of(graph).model_dump_json()}"
    request = Request(text=text, by=ADA, place=Place(platform="web", channel="bench", thread=name))
    task = (await hub.desk.submit(c.OpenTask(id=name, by=ADA, request=request))).task
    async for state in hub.desk.watch(task):
        if state.phase == "review":
            break
    return task


async def run(hub: Hub, task: TaskId) -> Run:
    """Presses *Start* and waits for the end."""
    began = time.perf_counter()
    await hub.desk.submit(c.StartPlan(id="s", by=ADA, task=task, base=1))
    async for state in hub.desk.watch(task):
        if state.phase == "done":
            return Run(time.perf_counter() - began, state.turns)
        if any(s.status == "failed" for s in state.subtasks.values()):
            raise AssertionError([s.problem for s in state.subtasks.values() if s.problem])
    raise AssertionError("the task did not end")


async def tools_of(hub: Hub) -> list[dict[str, Any]]:
    """The tool schemas that our agents send with each turn, for the peer to send them too."""
    document = load_roster().get("document")
    tools = agent_tools(await specs_for(document, hub.host, fed=True), document.families)
    return openai_format.tools(tools.shown(()))
