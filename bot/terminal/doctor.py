"""`threadwork doctor`: every check as one line."""

import asyncio
import json
import shlex
from collections.abc import Iterator, Sequence

import click
from pydantic import JsonValue
from rich.console import Console
from rich.text import Text

from bot.bootstrap import connectors
from bot.bootstrap.agent_host import try_host
from bot.bootstrap.find_local_model_servers import default_server, found_models
from bot.bootstrap.model_notices import model_notices
from bot.bootstrap.model_trial import quick_trial
from bot.bootstrap.open_desk import ledger_desk
from bot.bootstrap.web_search import try_search
from bot.config.command_name import next_step, told
from bot.config.health_check import HealthCheck
from bot.config.hub_lock import hub_running
from bot.config.settings import Settings, model_servers
from bot.doctor import machine_checks as looks
from bot.doctor.live_chat_account_checks import platforms
from bot.terminal import local_models
from orchestrator.errors import BadSettings, LedgerFailed, ModelFailed, ThreadworkError, ToolFailed

ADVICE = (" Run `threadwork doctor`", " Continue without it")
"""How an error introduces the next step for a thread or an agent; `doctor` has its own."""
SIGNS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "bold red")}


async def doctor(settings: Settings, *, as_json: bool, live: bool) -> int:
    """Returns 0 if nothing fails; a missing part isn't a failure."""
    running = hub_running(settings)
    checks = await asyncio.to_thread(looks.machine_checks, settings)
    checks = [
        HealthCheck("port", "ok", f"threadwork is running at {running}") if c.name == "port" and running else c
        for c in checks
    ]
    checks.append(await database(settings))
    checks.append(await host(settings, running))
    checks += await model_server(settings)
    checks += await asyncio.to_thread(connector_checks, settings)
    if live and settings.models.chosen:
        checks = [c for c in checks if c.name != "model"] + [await model(settings)]
    if settings.models.chosen:
        checks += await about_models(settings)
    if live and settings.search.chosen:
        checks = [c for c in checks if c.name != "search"] + [await search(settings)]
    if live:
        asked = await platforms(settings)
        names = {check.name for check in asked}
        checks = [c for c in checks if c.name not in names] + asked
    failed = any(check.level == "fail" for check in checks)
    if as_json:
        told = {"ok": not failed, "checks": [c._asdict() for c in checks], "settings": shown(settings)}
        click.echo(json.dumps(told, indent=2))
        return int(failed)
    console = Console(highlight=False)
    for check in checks:
        sign, style = SIGNS[check.level]
        console.print(Text.assemble((sign, style), f" {check.name:10}{check.words}"), soft_wrap=True)
        if check.next:
            console.print(Text(f"             Next: {check.next}", "dim"), soft_wrap=True)
    console.print(Text("Settings that differ from the defaults:", "dim"))
    for line in differing(settings):
        console.print(Text(f"  {line}", "dim"), soft_wrap=True)
    return int(failed)


def cause(error: str) -> str:
    """Returns the error without the advice that isn't meant for a reader of `doctor`."""
    for advice in ADVICE:
        error = error.partition(advice)[0]
    return f"{error.rstrip('.')}."


async def database(settings: Settings) -> HealthCheck:
    """Opens the database, which also migrates it."""
    try:
        async with ledger_desk(settings) as desk:
            facts = await desk.position()
    except BadSettings as error:
        return HealthCheck("database", "fail", told(str(error)))
    except (LedgerFailed, ThreadworkError, OSError) as error:
        return HealthCheck(
            "database",
            "fail",
            told(str(error)),
            "Check THREADWORK_DATABASE__URL, and make sure no other program has the database open.",
        )
    return HealthCheck("database", "ok", f"{_without_password(settings.database_url)}, {facts} facts")


def connector_checks(settings: Settings) -> list[HealthCheck]:
    """Returns a check for each connector, and for each mistake in their file. Starts none of them. Blocks."""
    try:
        found = connectors.listed(settings)
    except BadSettings as error:
        return [HealthCheck("connector", "fail", told(str(error)))]
    checks = [HealthCheck("connector", "fail", told(words)) for words in found.mistakes]
    for row in found.rows:
        if row.missing:
            words = f"{row.name} needs {', '.join(row.missing)}"
            checks.append(HealthCheck("connector", "fail", words, next_step(f"connectors add {row.name}")))
        elif not row.approved:
            words = f"{row.name} isn't used, because nobody has approved its tools yet"
            checks.append(HealthCheck("connector", "warn", words, next_step(f"connectors test {row.name}")))
        else:
            checks.append(HealthCheck("connector", "ok", f"{row.name}, {row.tools} tools, {row.reads} without asking"))
    return checks


async def host(settings: Settings, running: str | None) -> HealthCheck:
    """Starts the agent host and ends it. `running`: address of the hub that runs and has it, None for no hub."""
    if running is not None:
        return HealthCheck("host", "ok", "The agent host is already running, so it wasn't started again.")
    try:
        tried = await try_host(settings)
    except (ThreadworkError, OSError) as error:
        log = settings.home / "host" / "logs" / "host.log"
        words = told(cause(str(error)))
        return HealthCheck("host", "fail", words, f"Fix that and run doctor again. Details may be in {str(log)!r}.")
    words = f"The agent host started, with {tried.tools} tools"
    return HealthCheck(
        "host", "warn" if tried.notices else "ok", " ".join([f"{words}.", *tried.notices]) if tried.notices else words
    )


async def model(settings: Settings) -> HealthCheck:
    """Gives the default model three small graded tasks."""
    name = settings.models.chosen or ""
    try:
        tried = await quick_trial(settings, name)
    except ModelFailed as error:
        return HealthCheck(
            "model", "fail", told(str(error)), f"Correct it with `{next_step('init')}`, or in the environment."
        )
    words, more = tried.verdict.sentence, f"try-model {shlex.quote(name)}"
    match tried.verdict.grade:
        case "fit":
            words = f"{name} answers, calls tools, ignores hidden instructions, and admits what it can't do"
            return HealthCheck("model", "ok", words)
        case "unfit" | "not for tools":
            return HealthCheck("model", "fail", words, f"Choose another model; `{next_step(more)}` shows more.")
        case "short steps" | "with review":
            return HealthCheck("model", "warn", words, f"`{next_step(more)}` shows more.")


async def about_models(settings: Settings) -> list[HealthCheck]:
    """Adds rows for models whose price isn't known, and for thinking efforts without an effect."""
    found = await model_notices(settings)
    rows: list[HealthCheck] = []
    if found.unpriced:
        words = f"No price is known for {_names(found.unpriced)}, so tokens are counted (limits.task_tokens)."
        then = "To count the cost, set prompt_price and completion_price in models.rows."
        rows.append(HealthCheck("prices", "warn", words, then))
    if found.effortless:
        words = f"The thinking effort set for {_names(found.effortless)} has no effect: the model doesn't support it."
        rows.append(HealthCheck("effort", "warn", words, "Remove it from the settings, or choose another model."))
    return rows


def _names(models: Sequence[str]) -> str:
    return ", ".join(map(repr, models))


async def model_server(settings: Settings) -> list[HealthCheck]:
    """Asks the default model's own server how much it holds, or looks for servers if no model is set. No model is
    asked or loaded."""
    if settings.models.chosen is None:
        found = (await found_models(model_servers(), calls=False)).models
        next_ = f"`{next_step('init')}` lets you choose one."
        return [HealthCheck("server", "ok", local_models.line(found[0]), next_)] if found else []
    served = await default_server(settings)
    if served is None:
        return []
    if served.model is None:
        words = f"{served.kind} at {served.url} doesn't serve {served.name!r}."
        return [HealthCheck("server", "fail", words, f"`{next_step('init')}` lists its models.")]
    words = f"{served.kind} at {served.url}: {served.name}, {local_models.window(served.model)}"
    larger = local_models.too_small(served.model)
    return [HealthCheck("server", "warn" if larger else "ok", words, larger)]


async def search(settings: Settings) -> HealthCheck:
    """Sends the web search one query."""
    try:
        said = await try_search(settings)
    except ToolFailed as error:
        return HealthCheck("search", "fail", cause(str(error)), "Correct it in the settings.")
    return HealthCheck("search", "ok", f"{settings.search.chosen}: {said}")


def shown(settings: Settings) -> dict[str, JsonValue]:
    """Returns every setting by its dotted name, with secrets as stars."""
    return dict(_leaves(settings.model_dump(mode="json")))


def differing(settings: Settings) -> list[str]:
    """Prints a line for each setting that isn't at its default."""
    usual = shown(type(settings)())
    return [f"{name} = {value}" for name, value in shown(settings).items() if usual.get(name) != value] or ["none"]


def _leaves(values: dict[str, JsonValue], above: str = "") -> Iterator[tuple[str, JsonValue]]:
    for name, value in values.items():
        if isinstance(value, dict) and value:
            yield from _leaves(value, f"{above}{name}.")
        else:
            yield above + name, _without_password(value) if isinstance(value, str) and "://" in value else value


def _without_password(url: str) -> str:
    scheme, _, rest = url.partition("://")
    if scheme in ("http", "https"):  # some services expect their key there
        rest, asks, _ = rest.partition("?")
        rest += asks and "?••••"
    login, at, where = rest.rpartition("@")
    return f"{scheme}://{login.partition(':')[0]}{at}{where}"
