"""Where concrete classes meet: from settings to a running hub. Nothing else knows them all."""

import asyncio
import random
import secrets
import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from starlette.applications import Starlette
from starlette.routing import Mount

from agents.host.config import Ceiling, HostConfig
from agents.host.stdio import StdioHost
from agents.loop import LoopAgent
from agents.models.endpoint import Endpoint, ModelRow
from agents.models.layers import layered
from agents.models.rehearsal.model import Rehearsal
from agents.models.rehearsal.serve import copy_sites, sites_app
from agents.models.retrying import World
from agents.models.vendor import LiteLLM
from agents.people import load as load_roster
from bot import locks
from bot.serving import bound, served
from bot.settings import Settings, browser_names
from bot.web import people
from bot.web.client import web_app
from orchestrator.clock import SystemClock
from orchestrator.desk import Choices, Desk
from orchestrator.domain.calls import domain_of
from orchestrator.domain.policy import Verdict
from orchestrator.domain.talk import Prompt, Said
from orchestrator.engine.dbos_engine import DbosEngine
from orchestrator.engine.guarded import guarded, kept_going
from orchestrator.errors import BadSettings
from orchestrator.flows.plan import PlanFlow
from orchestrator.flows.subtask import SubtaskFlow
from orchestrator.flows.task import Conductor
from orchestrator.gate import Gate
from orchestrator.ledger.opening import open_ledger
from orchestrator.ledger.shelf import FolderShelf
from orchestrator.log import Logs
from orchestrator.ports import Clock, HostLink, Ledger, Model

REHEARSAL = "rehearsal"
hub_lock, hub_running = locks.hub_lock, locks.hub_running
WrapLedger = Callable[[Ledger], Ledger]
WrapModel = Callable[[Model], Model]


class Wraps(NamedTuple):
    """Layers around the ledger and the model."""

    ledger: WrapLedger
    model: WrapModel


@dataclass
class Hub:
    """A running hub. `notices`: what is missing, in sentences."""

    desk: Desk
    host: HostLink
    url: str
    settings: Settings
    notices: tuple[str, ...]
    close: Callable[[], Awaitable[None]]


@dataclass(frozen=True)
class Brain:
    """The models in use."""

    model: Model
    default: str
    planner: str
    names: tuple[str, ...]
    rehearsal: bool
    warm: Callable[[], Awaitable[None]] | None = None
    close: Callable[[], Awaitable[None]] | None = None


async def open_desk(settings: Settings, *, clock: Clock | None = None) -> Desk:
    """Only the ledger and the shelf: to look and to decide, whether a hub runs or not. Close with `close_desk`."""
    clock = clock or SystemClock()
    ledger = await open_ledger(settings.database_url, clock)
    choices = Choices(agents=[c.row for c in load_roster(settings.home / "agents").colleagues])
    return Desk(Logs(ledger), FolderShelf(settings.home / "shelf"), clock, choices)


async def close_desk(desk: Desk) -> None:
    """Lets the ledger go."""
    await desk.logs.ledger.close()


async def open_hub(
    settings: Settings,
    *,
    clock: Clock | None = None,
    wrap_ledger: WrapLedger | None = None,
    wrap_model: WrapModel | None = None,
    toolsets: tuple[str, ...] = (),
) -> Hub:
    """Everything: ledger, engine, flows, models, the host child and the web workspace. Raises BadSettings, Refused.

    The wrappers are for tests that look at, or break, what passes through.
    """
    stack = AsyncExitStack()
    wraps = Wraps(wrap_ledger or (lambda ledger: ledger), wrap_model or (lambda model: model))
    try:
        return await _open(stack, settings, clock or SystemClock(), wraps, toolsets)
    except BaseException:
        await stack.aclose()
        raise


async def _open(
    stack: AsyncExitStack, settings: Settings, clock: Clock, wraps: Wraps, toolsets: tuple[str, ...]
) -> Hub:
    lock = stack.enter_context(locks.hub_lock(settings))
    listening = bound(settings.web.host, settings.web.port)
    stack.callback(listening.close)
    url = f"http://{_shown(settings.web.host)}:{listening.getsockname()[1]}"
    desk = await open_desk(settings, clock=clock)
    desk.logs.ledger = wraps.ledger(desk.logs.ledger)
    stack.push_async_callback(desk.logs.ledger.close)
    brain = _brain(settings, f"{url}/rehearsal")
    model = wraps.model(brain.model)
    roster = load_roster(settings.home / "agents")
    desk.choices = Choices(agents=[c.row for c in roster.colleagues], models=brain.names, rehearsal=brain.rehearsal)
    host = StdioHost(_host_config(settings, toolsets), desk.shelf)
    await stack.enter_async_context(host)
    agent = LoopAgent(
        roster, model, desk.shelf, default_model=brain.default, roles=settings.models.roles,
        most_cost=settings.limits.task_cost, review=settings.policy.review_deliverables,
    )  # fmt: skip
    subtask = SubtaskFlow(desk.logs, agent, host, _gate(settings, url), clock)
    plan = PlanFlow(desk.logs, agent, model, brain.planner, start=not settings.policy.ask_before_start)
    engine = DbosEngine(settings.database_url)
    engine.register("subtask", guarded(subtask, subtask.crashed))
    engine.register("plan", guarded(plan, plan.crashed))
    await engine.launch()
    stack.push_async_callback(engine.close)
    await stack.enter_async_context(_background(kept_going(Conductor(desk.logs, engine, clock).run)))
    await stack.enter_async_context(served(await _web(desk, settings, clock, url), listening))
    if brain.close is not None:
        stack.push_async_callback(brain.close)
    if brain.warm is not None:
        await stack.enter_async_context(_background(brain.warm()))
    locks.announce(lock, url)
    return Hub(desk, host, url, settings, (), stack.aclose)


async def invite_link(desk: Desk, name: str, url: str) -> str:
    """A one-time login link for the person of that name."""
    return url + await people.invite(desk, people.person_named(name), desk.clock)


async def try_model(settings: Settings) -> str:
    """Asks the default model for one word; who answered. Raises ModelFailed."""
    brain = _brain(settings, "")
    try:
        ask = Said(role="user", text="Answer with the one word: ready")
        return (await brain.model.complete(Prompt(model=brain.default, messages=(ask,)))).model
    finally:
        if brain.close is not None:
            await brain.close()


def _brain(settings: Settings, sites: str) -> Brain:
    chosen = settings.models.chosen
    if chosen is None:
        return Brain(
            Rehearsal(sites, pause=settings.models.rehearsal_pause), REHEARSAL, REHEARSAL, (REHEARSAL,), rehearsal=True
        )
    endpoint = _endpoint(settings, chosen)
    vendor = LiteLLM(endpoint)
    model = layered(vendor, endpoint, world=World(random=random.random, sleep=asyncio.sleep))
    names = (chosen, *settings.models.rows, *settings.models.roles.values(), *settings.models.fallbacks)
    planner = settings.models.planner or chosen
    return Brain(
        model, chosen, planner, tuple(dict.fromkeys(names)), rehearsal=False, warm=vendor.warm, close=vendor.close
    )


def _endpoint(settings: Settings, chosen: str) -> Endpoint:
    models = settings.models
    rows = {
        name: ModelRow(
            name=name,
            api_base=row.api_base,
            api_key=row.api_key.get_secret_value() if row.api_key else None,
            prices=(row.prompt_price / 1e6, row.completion_price / 1e6)
            if row.prompt_price is not None and row.completion_price is not None
            else None,
            fallbacks=models.fallbacks,
        )
        for name, row in models.rows.items()
    }
    for name in {chosen, models.planner or chosen, *models.roles.values()} - rows.keys():
        rows[name] = ModelRow(name=name, fallbacks=tuple(f for f in models.fallbacks if f != name))
    return Endpoint(
        api_base=models.api_base,
        api_key=models.api_key.get_secret_value() if models.api_key else None,
        keys={provider: key.get_secret_value() for provider, key in models.keys.items()},
        rows=tuple(rows.values()),
        timeout=models.seconds,
    )


def _host_config(settings: Settings, toolsets: tuple[str, ...]) -> HostConfig:
    denied = tuple(rule for rule in settings.policy.rules if rule.verdict is Verdict.DENY)
    return HostConfig(
        home=str(settings.home / "host"),
        name=settings.host.name,
        labels=settings.host.labels,
        ceiling=Ceiling(rules=denied),
        browser=_browser(settings),
        toolsets=toolsets,
    )


def _browser(settings: Settings) -> str | None:
    """The browser's program: the setting, else the first that is installed; None: Playwright's own."""
    if settings.browser.path:
        return str(settings.browser.path)
    return next((found for name in browser_names() if (found := shutil.which(name))), None)


def _gate(settings: Settings, url: str) -> Gate:
    own = domain_of(url)
    return Gate(settings.policy.rules, frozenset({*settings.policy.domains, *([own] if own else [])}))


async def _web(desk: Desk, settings: Settings, clock: Clock, url: str) -> Starlette:
    sites = await asyncio.to_thread(copy_sites, settings.home / "rehearsal")
    hosts = {url.removeprefix("http://"), *settings.web.public_hosts}
    secret = await asyncio.to_thread(_secret, settings.home / "secret")
    return web_app(
        desk, secret=secret, clock=clock, public_hosts=hosts, extra_routes=[Mount("/rehearsal", sites_app(sites))]
    )


def _secret(path: Path) -> bytes:
    """The key that signs cookies, made once."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(secrets.token_bytes(32))
    found = path.read_bytes()
    if len(found) < 32:
        raise BadSettings(f"The file {str(path)!r} is damaged; delete it, and everybody logs in anew.")
    return found


def _shown(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@asynccontextmanager
async def _background(work: Awaitable[None]) -> AsyncGenerator[None]:
    """Runs beside the hub and ends with it."""
    task = asyncio.ensure_future(work)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
