"""Runs a hub from its settings."""

import asyncio
import secrets
import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from starlette.applications import Starlette
from starlette.routing import Mount, Route

from agents.connectors.connectors import Connectors
from agents.connectors.sign_in_and_renewal import ConnectorAccounts
from agents.host.call_timeout import TimedHost
from agents.host.child_process_host import StdioHost
from agents.loop.budget import SpendingLimits
from agents.loop.loop import LoopAgent
from agents.loop.model_with_effort import ModelWithEffort
from agents.models.rehearsal.sample_sites import copy_sites, sites_app
from agents.roster.roster import FOLDER, Roster
from agents.search.tool import search_tool
from bot.bootstrap import connectors as home_connectors
from bot.bootstrap import gc_tuning
from bot.bootstrap.add_connector import keep
from bot.bootstrap.agent_host import HostNews, host_config
from bot.bootstrap.background_work import background, settle
from bot.bootstrap.chat_account_status import News
from bot.bootstrap.connect_command import ConnectCommand
from bot.bootstrap.connector_sign_ins import HomeSignIns
from bot.bootstrap.connectors import accounts_of, connectors_of
from bot.bootstrap.connectors_for_workspace import ConnectorHome, HomeConnectors
from bot.bootstrap.models import brain_of
from bot.bootstrap.open_desk import audience_of, ledger_of, shelf_of
from bot.bootstrap.own_agents import OwnAgents
from bot.bootstrap.run_chat_accounts import AGAIN, Endpoints, chats, open_endpoints
from bot.bootstrap.skills import register_flows, skills_of
from bot.bootstrap.trust_shared_skills import HomeSharedSkills
from bot.bootstrap.try_agent_in_hub import in_hub
from bot.bootstrap.web_search import search_of
from bot.config import hub_lock
from bot.config.settings import Settings
from bot.mcp_server.http_endpoint import McpDoor
from bot.web.asgi_app import web_app
from bot.web.linked_person_ids import LinkedPeople
from bot.web.mcp_client_tokens import ClientDesks
from bot.web.server import bound, served
from bot.web.takeover import Takeovers
from orchestrator.clock import SystemClock
from orchestrator.desk import Desk, PlanChoices
from orchestrator.domain.task_list import TaskQuery
from orchestrator.domain.tool_calls import domain_of
from orchestrator.engine.dbos_engine import DbosEngine
from orchestrator.engine.running_flows import guarded, kept_going
from orchestrator.errors import BadSettings
from orchestrator.flows.archive_skills import archive_unused
from orchestrator.flows.conductor import Conductor
from orchestrator.flows.plan import PlanFlow
from orchestrator.flows.subtask import SubtaskFlow
from orchestrator.ledger_desk import LedgerDesk
from orchestrator.policy_gate import Gate
from orchestrator.ports import Clock, HostLink, Ledger, Model, Shelf
from orchestrator.private_files import kept_secret, private_folder
from orchestrator.task_event_logs import Logs

DAYS_KEPT = 30
"""How long the engine remembers flows that have ended; the ledger keeps everything."""
DAY = 24 * 3600
T = TypeVar("T")
Tell = Callable[[str], None]
WrapLedger = Callable[[Ledger], Ledger]
WrapModel = Callable[[Model], Model]


class ConnectorPages(NamedTuple):
    """Where people see connectors and sign in: the workspace's pages, and a command in the chats."""

    sign_ins: HomeSignIns
    board: HomeConnectors
    command: ConnectCommand


class Layers(NamedTuple):
    """Layers around the ledger and the model."""

    ledger: WrapLedger
    model: WrapModel


@dataclass
class Hub:
    """A running hub. `notices`: what is missing, in sentences. `news`: the chats' status as it changes."""

    desk: Desk
    host: HostLink
    url: str
    settings: Settings
    notices: tuple[str, ...]
    close: Callable[[], Awaitable[None]]
    news: asyncio.Queue[News]


async def open_hub(
    settings: Settings,
    *,
    clock: Clock | None = None,
    wrap_ledger: WrapLedger | None = None,
    wrap_model: WrapModel | None = None,
    toolsets: tuple[str, ...] = (),
    tell: Tell = lambda words: None,
) -> Hub:
    """Opens everything: ledger, engine, flows, models, host process and web workspace. Raises BadSettings, Refused.

    The wrappers are for tests that observe, or break, what passes through. `tell` hears what the start is doing.
    """
    stack = AsyncExitStack()
    wraps = Layers(wrap_ledger or _as_it_is, wrap_model or _as_it_is)
    try:
        return await _open(stack, settings, clock or SystemClock(), wraps, toolsets, tell)
    except BaseException:
        await stack.aclose()
        raise


async def _open(
    stack: AsyncExitStack, settings: Settings, clock: Clock, wraps: Layers, toolsets: tuple[str, ...], tell: Tell
) -> Hub:
    """The agent host starts first, and nothing here waits for it until the end: its libraries take the longest."""
    tell("Opening the database")
    lock = await asyncio.to_thread(stack.enter_context, hub_lock.hub_lock(settings))
    listening = await asyncio.to_thread(bound, settings.web.host, settings.web.port)
    stack.callback(listening.close)
    url = f"http://{_shown(settings.web.host)}:{listening.getsockname()[1]}"
    ledger = wraps.ledger(await ledger_of(settings, clock))
    stack.push_async_callback(ledger.close)
    logs, shelf = Logs(ledger), shelf_of(settings)
    brain = brain_of(settings, f"{url}/rehearsal", shelf)
    model = wraps.model(brain.model)
    roster = Roster(settings.home / FOLDER, keeps=True)
    choices = PlanChoices(agents=roster.rows, models=brain.names, rehearsal=brain.rehearsal)
    desk = LedgerDesk(logs, shelf, clock, choices, audience_of(settings))
    host = await _host(stack, settings, logs, shelf, toolsets)
    skills = skills_of(settings, shelf, brain)
    accounts = await asyncio.to_thread(accounts_of, settings, LinkedPeople(desk).ids)
    connectors = await stack.enter_async_context(await asyncio.to_thread(connectors_of, settings, shelf, accounts))
    agent = LoopAgent(
        roster, model, shelf, default_model=brain.default, roles=settings.models.roles, efforts=settings.models.efforts,
        turns=settings.limits.turns, spending=SpendingLimits(settings.limits.task_cost, settings.limits.task_tokens),
        review=settings.policy.review_deliverables,
        tools=[search_tool(search_of(settings))], window=brain.windows, skills=skills.library, source=connectors,
    )  # fmt: skip
    timed = TimedHost(host, settings.limits.tool_seconds)
    subtask = SubtaskFlow(logs, agent, timed, _gate(settings, url), clock)
    thinking = ModelWithEffort(model, settings.models.efforts.get("planner"))
    at_once = not settings.policy.ask_before_start
    plan = PlanFlow(logs, agent, thinking, brain.planner, start=at_once, skills=skills.catalogue)
    engine = DbosEngine(settings.database_url)
    engine.register("subtask", guarded(subtask, subtask.crashed))
    engine.register("plan", guarded(plan, plan.crashed))
    register_flows(engine, skills.keeper, logs, shelf, thinking, brain.planner)
    ready = asyncio.Event()
    stack.callback(gc_tuning.unsettle)
    await stack.enter_async_context(background(settle(brain.warm, ready, urgent=await _at_work(ledger))))
    tell("Starting the engine")
    await engine.launch()
    stack.push_async_callback(engine.close)
    await stack.enter_async_context(background(kept_going(Conductor(logs, engine, clock).run)))
    await stack.enter_async_context(background(kept_going(lambda: _forget(engine), pause=DAY)))
    unused = partial(archive_unused, logs, skills.keeper, clock)
    await stack.enter_async_context(background(kept_going(unused, pause=DAY)))
    endpoints = await open_endpoints(settings)
    public = settings.web.url or url
    pages = await asyncio.to_thread(_connector_pages, settings, connectors, accounts, public)
    editor = OwnAgents(settings, roster, in_hub(agent, timed, _gate(settings, url).judge, rehearsal=brain.rehearsal))
    await _serve(stack, settings, clock, url, listening, desk, timed, pages, editor, endpoints)
    told = await _listen(stack, settings, desk, public, endpoints, pages.command)
    if brain.close is not None:
        stack.push_async_callback(brain.close)
    tell("Waiting for the agent host, which is testing the sandbox and loading its tools")
    await host.ready()
    ready.set()
    hub_lock.announce(lock, url)
    untrusted = await HomeSharedSkills(settings).notices(public)
    return Hub(desk, host, url, settings, (*host.notices, *await _unused(roster), *untrusted), stack.aclose, told)


async def _serve(
    stack: AsyncExitStack, settings: Settings, clock: Clock, url: str, listening: socket.socket, desk: LedgerDesk,
    host: TimedHost, pages: ConnectorPages, editor: OwnAgents, endpoints: Endpoints,
) -> None:  # fmt: skip
    """Serves the web workspace, the platforms' addresses, and MCP clients, until the stack closes."""
    takeovers = Takeovers(desk, host, _gate(settings, url).readable)
    await takeovers.begin()
    mcp_door = McpDoor(ClientDesks(desk).behind, settings.web.url or url)
    doors = [mcp_door.route, *(route for endpoint in endpoints.values() for route in endpoint.routes)]
    app = await _web(desk, settings, clock, url, doors, takeovers, pages, editor)
    await stack.enter_async_context(served(app, listening))
    await stack.enter_async_context(background(mcp_door.run()))
    stack.push_async_callback(takeovers.close)  # before the server, which would wait for their pictures


async def _listen(
    stack: AsyncExitStack, settings: Settings, desk: LedgerDesk, public: str, endpoints: Endpoints,
    command: ConnectCommand,
) -> asyncio.Queue[News]:  # fmt: skip
    """Runs the chats until the stack closes, and returns where they say how they are."""
    told: asyncio.Queue[News] = asyncio.Queue()
    for chat in chats(settings, desk, public, endpoints, tell=told.put_nowait, connect=command.answer):
        await stack.enter_async_context(background(kept_going(chat, pause=AGAIN)))
    return told


async def _host(
    stack: AsyncExitStack, settings: Settings, logs: Logs, shelf: Shelf, toolsets: tuple[str, ...]
) -> StdioHost:
    """Starts the agent host without waiting for it, and tells running tasks when it was restarted."""
    news = HostNews(logs)
    config = await asyncio.to_thread(host_config, settings, toolsets)
    host = StdioHost(config, shelf, watch=news.watch)
    stack.push_async_callback(host.close)
    host.begin()
    await stack.enter_async_context(background(kept_going(news.tell)))
    return host


def _connector_pages(
    settings: Settings, connectors: Connectors, accounts: ConnectorAccounts, public: str
) -> ConnectorPages:  # fmt: skip
    """`public`: where people open the workspace. Blocks."""
    it, offers = home_connectors, home_connectors.offers_of(settings)
    home = ConnectorHome(
        read_all=partial(it.read_all, settings), found=partial(it.found, settings),
        missing=partial(it.missing, settings), keep=partial(keep, settings), give=partial(it.give, settings),
        remove=partial(it.remove, settings),
    )  # fmt: skip
    return ConnectorPages(
        HomeSignIns(partial(it.whole, settings), accounts, offers),
        HomeConnectors(home, connectors, accounts),
        ConnectCommand(partial(it.every, settings), accounts, offers, public),
    )


async def _unused(roster: Roster) -> list[str]:
    """Says which files of agents can't be used, and why."""
    broken = (await roster.now()).broken
    return [f"An agent's file isn't used: {words}" for one in broken for words in one.sentences]


async def _at_work(ledger: Ledger) -> bool:
    """Returns whether the last hub left tasks that need a model now."""
    unfinished = await ledger.tasks(TaskQuery(unfinished=True))
    return any(entry.phase in ("planning", "running") for entry in unfinished)


async def _forget(engine: DbosEngine) -> None:
    await engine.sweep(DAYS_KEPT)


def _as_it_is(it: T) -> T:
    return it


def _gate(settings: Settings, url: str) -> Gate:
    own = domain_of(url)
    return Gate(settings.policy.rules, frozenset({*settings.policy.domains, *([own] if own else [])}))


async def _web(
    desk: Desk, settings: Settings, clock: Clock, url: str, doors: Sequence[Route], takeovers: Takeovers,
    pages: ConnectorPages, editor: OwnAgents,
) -> Starlette:  # fmt: skip
    await asyncio.to_thread(private_folder, settings.home / "rehearsal")
    sites = await asyncio.to_thread(copy_sites, settings.home / "rehearsal")
    hosts = {url.removeprefix("http://"), *settings.web.names}
    secret = await asyncio.to_thread(_secret, settings.home / "secret")
    return web_app(
        desk, secret=secret, clock=clock, public_hosts=hosts, extra_routes=[Mount("/rehearsal", sites_app(sites))],
        doors=doors, takeovers=takeovers, sign_ins=pages.sign_ins, board=pages.board, agents=editor,
        shared=HomeSharedSkills(settings),
    )  # fmt: skip


def _secret(path: Path) -> bytes:
    """Returns the key that signs cookies, created once."""
    found = kept_secret(path, lambda: secrets.token_bytes(32))
    if len(found) < 32:
        raise BadSettings(f"The file {str(path)!r} is damaged. Delete it; everyone will have to sign in again.")
    return found


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host
