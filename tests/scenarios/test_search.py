"""Searching the web as people and agents live it: found, asked about, refused, not set up, killed in the middle."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from agents.search.searxng import Searxng
from agents.search.tool import NOT_SET_UP, search_tool
from bot.bootstrap.hub import open_hub
from bot.bootstrap.web_search import try_search
from bot.platforms import load
from bot.terminal import doctor
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Decision
from orchestrator.domain.ids import Key, Stream, SubtaskId, TaskId
from orchestrator.domain.people import Place, Request
from orchestrator.domain.policy import Rule, Verdict
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import CallResult, HostCall, Label
from orchestrator.policy_gate import Gate
from orchestrator.ports import Ledger
from tests.browser_fixtures import EXECUTABLE
from tests.host_fixtures import open_folder
from tests.memory_hub import ADA, ScriptedModel, ToyHost, say, stage
from tests.page_server import PageServer
from tests.scenarios.test_request_to_files import plan, row
from tests.search_server import Page, Server, searching

FIND = SubtaskId("find")
PAGES = (Page("Kettles", "https://kettle.test/prices", "Kettle model 7 costs 20 dollars", "2026-11-01"),)


@pytest.fixture
async def server() -> AsyncGenerator[Server]:
    async with searching(PAGES) as server:
        yield server


class Letters(ToyHost):
    """A host whose one tool gives something private."""

    async def call(self, call: HostCall) -> CallResult:
        result = await super().call(call)
        return result.model_copy(update={"labels": frozenset({Label.PRIVATE})})


def lettered(shelf: Any) -> ToyHost:
    async def letter(_: HostCall) -> str:
        return "Our margin is 41 %."

    host = Letters(shelf)
    host.tool("read_file", letter)
    spec, does = host.tools_by_name["read_file"]
    host.tools_by_name["read_file"] = (spec.model_copy(update={"effects": frozenset({"read"})}), does)
    return host


async def test_a_query_that_could_carry_private_things_out_is_read_and_changed_by_people_first(
    server: Server, tmp_path: Path
) -> None:
    model = ScriptedModel(
        {
            "plan": [plan(row("find", "browser"))],
            "find": [
                say(read_file={"path": "letter.txt"}),
                say(web_search={"query": "kettle prices"}),
                say(web_search={"query": "kettle margin 41 %", "count": 3}),
                say(web_search={"query": "once more 41 %"}),
                lambda p: say(p.messages[-1].text),
            ],
        }
    )
    limits: Any = {"tools": [search_tool(Searxng(server.searxng))]}
    async with stage(tmp_path, model, limits=limits, link=lettered) as on:
        task = await on.ask("Find kettles")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.approvals)
        assert server.queries == ["kettle prices"]  # nothing foreign had been read by then
        ((first, asked),) = state.approvals.items()
        assert asked.approval.args == {"query": "kettle margin 41 %", "count": 3}
        assert asked.approval.labels == {Label.UNTRUSTED, Label.PRIVATE}
        assert asked.approval.why.startswith(f"{server.domain} is allowed, but this agent has read private")
        edit = Decision(verb="edit", args={"query": "kettle margins", "count": 3})
        await on.desk.submit(c.Decide(id="e", by=ADA, task=task, approval=first, decision=edit))
        state = await on.until(task, lambda s: len(s.approvals) == 2)
        assert server.queries == ["kettle prices", "kettle margins"]
        second = next(name for name in state.approvals if name != first)
        no = Decision(verb="reject", reason="Enough of that.")
        await on.desk.submit(c.Decide(id="r", by=ADA, task=task, approval=second, decision=no))
        state = await on.until(task, lambda s: s.phase == "done")
        assert "rejected this: Enough of that." in state.of(FIND).summary
        assert server.queries == ["kettle prices", "kettle margins"]
        said = [p.messages[-1].text for p in model.prompts if "find" in p.topic]
        assert '[A person changed the arguments to {"query": "kettle margins", "count": 3}]\n1 result for' in said[3]


@pytest.mark.parametrize("service", [True, False])
async def test_a_denied_search_and_one_that_is_not_set_up_are_told_and_ask_nobody(
    service: bool, server: Server, tmp_path: Path
) -> None:
    search = search_tool(Searxng(server.searxng) if service else None)
    gate = Gate((Rule(verdict=Verdict.DENY, tool="web_search", why="we do not search"),) if service else ())
    twice = [say(web_search={"query": "kettle"}), say(web_search={"query": "kettles"})]
    model = ScriptedModel(
        {"plan": [plan(row("find", "browser"))], "find": [*twice, lambda p: say(p.messages[-1].text)]}
    )
    limits: Any = {"tools": [search]}
    async with stage(tmp_path, model, limits=limits, gate=gate) as on:
        task = await on.ask("Find kettles")
        await on.press_start(task)
        state = await on.until(task, lambda s: s.phase == "done")
        refused = "Not allowed: we do not search. Find another way, or call ask_person."
        assert state.of(FIND).summary == (refused if service else NOT_SET_UP)
        assert (state.approvals, server.asked) == ({}, 0)


async def test_for_this_task_means_the_searches_of_the_task_and_opens_no_page(server: Server, tmp_path: Path) -> None:
    searches = [say(web_search={"query": f"kettle {n}"}) for n in range(3)]
    model = ScriptedModel(
        {"plan": [plan(row("find", "browser"))], "find": [say(read_file={"path": "a"}), *searches, say("Found.")]}
    )
    limits: Any = {"tools": [search_tool(Searxng(server.searxng))]}
    async with stage(tmp_path, model, limits=limits, link=lettered) as on:
        task = await on.ask("Find kettles")
        await on.press_start(task)
        ((name, _),) = (await on.until(task, lambda s: s.approvals)).approvals.items()
        always = Decision(verb="approve-for-task")
        await on.desk.submit(c.Decide(id="d", by=ADA, task=task, approval=name, decision=always))
        state = await on.until(task, lambda s: s.phase == "done")
        assert server.queries == ["kettle 0", "kettle 1", "kettle 2"]
        assert (len(state.approvals), state.domains) == (1, frozenset())


async def test_doctor_asks_the_search_and_shows_no_key_that_stands_in_an_address(server: Server) -> None:
    good = await doctor.search(load(environment={"SEARXNG_URL": server.searxng}))
    assert (good.level, good.words) == ("ok", f"searxng: {server.domain} answers")
    server.formats = frozenset({"html"})
    bad = await doctor.search(load(environment={"SEARXNG_URL": server.searxng}))
    assert (bad.level, "`search.formats`" in bad.words, "ask_person" in bad.words) == ("fail", True, False)
    keyed = load(environment={"THREADWORK_SEARCH__MCP__URL": "https://ada:sesame@m.test/mcp?key=sesame"})
    assert "search.mcp.url = https://ada@m.test/mcp?••••" in doctor.differing(keyed)


@pytest.fixture
def home() -> Iterator[Path]:
    with open_folder() as folder:
        yield folder


@pytest.fixture
def site() -> Iterator[PageServer]:
    site = PageServer()
    yield site
    site.close()


class Stuck:
    """A ledger that never writes down what a search brought."""

    def __init__(self, inner: Ledger) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)

    async def record(self, stream: Stream, key: Key, event: e.Event, *, expects: int | None = None) -> e.Record:
        if isinstance(event, e.ToolReturned) and event.tool == "web_search":
            await asyncio.Event().wait()
        return await self._inner.record(stream, key, event, expects=expects)


async def until(hub: Any, task: TaskId, fact: Callable[[TaskState], object]) -> TaskState:
    async with asyncio.timeout(60):
        async for state in hub.desk.watch(task):
            if fact(state):
                return state
    raise AssertionError("the watch ended")


@pytest.mark.skipif(EXECUTABLE is None, reason="no chromium on this machine")
async def test_a_hub_that_dies_after_a_search_searches_again_and_the_finding_names_the_page(
    home: Path, site: PageServer
) -> None:
    address = site.url("/shop.html")
    finding = {"kind": "Kettle", "value": 20, "source_url": address, "quote": "Kettle model 7"}
    script: dict[str, list[Any]] = {
        "plan": [plan(row("find", "browser"))],
        "find": [
            say(web_search={"query": "kettle", "site": "127.0.0.1"}),
            say(browser_open={"url": address}),
            say(share_finding=finding),
            say("Found."),
        ],
    }
    model = ScriptedModel(script)
    async with searching([Page("Shop", address, "Kettle model 7"), *PAGES]) as server, AsyncExitStack() as stack:
        settings = load(
            home=home, web={"port": 0}, environment={"SEARXNG_URL": server.searxng},
            host={"near": [site.domain]}, policy={"ask_before_start": False},
        )  # fmt: skip
        assert await try_search(settings) == f"{server.domain} answers"
        before = len(server.queries)
        hub = await open_hub(settings, wrap_model=lambda _: model, wrap_ledger=Stuck)  # pyright: ignore
        request = Request(text="Find kettles", by=ADA, place=Place(platform="web", channel="general", thread="1"))
        task = (await hub.desk.submit(c.OpenTask(id="m1", by=ADA, request=request))).task
        async with asyncio.timeout(60):
            while len(server.queries) == before:  # noqa: ASYNC110  (facts of other servers ring no bell)
                await asyncio.sleep(0.02)
        await hub.close()

        hub = await open_hub(settings, wrap_model=lambda _: model)  # pyright: ignore
        stack.push_async_callback(hub.close)
        state = await until(hub, task, lambda s: s.approvals)
        ((name, asked),) = state.approvals.items()
        assert asked.approval.target == site.domain  # a hit opens nothing by itself
        yes = Decision(verb="approve")
        await hub.desk.submit(c.Decide(id="d", by=ADA, task=task, approval=name, decision=yes))
        state = await until(hub, task, lambda s: s.phase == "done")
        assert server.queries[before:] == ["site:127.0.0.1 kettle"] * 2
        (found,) = state.findings()
        assert found.source is not None
        assert (found.source.url, found.value) == (address, 20)
        told = [m.text for p in model.prompts for m in p.messages if getattr(m, "tool", "") == "web_search"]
        assert f"1. Shop\n   {address}\n   Kettle model 7" in told[0]
        assert "kettle.test" not in told[0]
        assert state.of(FIND).labels == {Label.UNTRUSTED}
