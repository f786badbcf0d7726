"""`connectors`: the servers whose tools agents can use. Secrets are never shown."""

import asyncio
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from pydantic import JsonValue
from rich.console import Console
from rich.table import Table

from bot.bootstrap import add_connector, connectors
from bot.bootstrap.loopback_sign_in import signed_in
from bot.config.command_name import next_step
from bot.config.settings import Settings
from bot.terminal.local_person import person as local_person
from orchestrator.domain.ids import PersonId
from orchestrator.domain.people import Person
from orchestrator.errors import Refused


@dataclass(frozen=True)
class NewConnector:
    """The options of `connectors add`."""

    source: Path | None = None
    url: str = ""
    command: tuple[str, ...] = ()
    egress: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    account: str | None = None
    owner: str = ""
    share: bool = False
    client_id: str = ""
    scope: str = ""
    secrets_stdin: bool = False
    yes: bool = False
    reads: bool = False


async def listed(settings: Settings) -> int:
    """Lists the connectors, and what is wrong with the settings file."""
    found = await asyncio.to_thread(connectors.listed, settings)
    table = Table(box=None, pad_edge=False)
    for name in ("connector", "runs", "for", "tools"):
        table.add_column(name, overflow="fold")
    for row in found.rows:
        tools = f"{row.tools}, {row.reads} without asking" if row.approved else "not approved yet"
        table.add_row(row.name, row.runs, row.scope, f"needs {', '.join(row.missing)}" if row.missing else tools)
    if found.rows:
        Console(highlight=False).print(table, markup=False)
    else:
        rows = await asyncio.to_thread(connectors.choices)
        _say(f"No connectors yet. To add one, run: {next_step('connectors add NAME')}")
        for name, row in rows.items():
            _say(f"  {name}: {row.about}. It needs {row.needs}")
    for words in found.mistakes:
        _say(words, "red")
    return 0


async def add(settings: Settings, name: str, given_options: Mapping[str, Any]) -> int:
    """Adds or changes a connector, asks for its secrets, connects, and asks whether its tools are fine.

    `given_options`: the fields of NewConnector.
    """
    options = NewConnector(**given_options)
    row = await asyncio.to_thread(add_connector.row_of, name, options.source, options.command, options.url)
    wanted = await asyncio.to_thread(_widened, name, row, options)
    kept = await asyncio.to_thread(add_connector.keep, settings, name, wanted, _scope(options))
    connector = kept.connector
    if kept.installed:
        _say(kept.installed)
    if missing := await asyncio.to_thread(connectors.missing, settings, connector):
        given = await asyncio.to_thread(_secrets, missing, stdin=options.secrets_stdin)
        await asyncio.to_thread(connectors.give, settings, name, given)
    if connector.account.sign_in is not None:
        await sign_in(settings, name)
    return await _looked_at(settings, name, yes=options.yes, reads=options.reads)


async def test(settings: Settings, name: str, *, yes: bool, reads: bool) -> int:
    """Connects, shows what changed, and asks whether that is fine."""
    return await _looked_at(settings, name, yes=yes, reads=reads)


async def sign_in(settings: Settings, name: str) -> int:
    """Signs in to the connector's service, in a browser on this machine."""
    person = _account_of((await asyncio.to_thread(connectors.found, settings, name)).account.owner)
    await signed_in(
        settings, name, person, lambda link: _say(f"To sign in to {name}, open this link on this machine: {link}")
    )
    _say(f"You're signed in to {name}.")
    return 0


async def sign_out(settings: Settings, name: str) -> int:
    """Forgets the sign-in to the connector's service."""
    connector = await asyncio.to_thread(connectors.found, settings, name)
    accounts = await asyncio.to_thread(connectors.accounts_of, settings)
    await accounts.forget(connector, _account_of(connector.account.owner).id)
    _say(f"threadwork forgot the sign-in to {name}. To end it there too, remove threadwork in the service's settings.")
    return 0


async def remove(settings: Settings, name: str) -> int:
    """Removes a connector, its secrets, and its approval."""
    await asyncio.to_thread(connectors.remove, settings, name)
    _say(f"The connector {name!r} was removed.")
    return 0


async def _looked_at(settings: Settings, name: str, *, yes: bool, reads: bool) -> int:
    connector = await asyncio.to_thread(connectors.found, settings, name)
    trial = await connectors.tried(settings, connector, _account_of(connector.account.owner).id)
    if trial.fits and not reads:
        _say(f"{name} works and offers the {len(trial.offered.tools)} tools that were approved.")
        return 0
    for key, value in trial.details.items():
        _say(f"  {key}: {value}")
    if not trial.fits:
        _say(f"This text comes from the server. Changes: {trial.changes}")
        if not (yes or _agreed(f"Let agents use these tools of {name}?")):
            _say(f"Nothing was approved. To be asked again, run: {next_step(f'connectors test {name}')}")
            return 1
    without = trial.kept
    if trial.reads and (reads or (not yes and _agreed(f"Run {', '.join(trial.reads)} without asking each time?"))):
        without = frozenset(trial.reads)
    await asyncio.to_thread(connectors.approve, settings, name, trial.approval(without, _now()))
    asks = "Every call needs a person's approval."
    if without:
        asks = f"Without asking: {', '.join(sorted(without))}. Every other call needs a person's approval."
    _say(f"{name} is ready with {len(trial.offered.tools)} tools. {asks}")
    return 0


def _account_of(owner: str) -> Person:
    """Returns whose account the person at the terminal uses: the owner's, or their own."""
    return Person(id=PersonId(owner), name=owner) if owner else local_person()


def _account(row: Mapping[str, JsonValue], options: NewConnector) -> dict[str, JsonValue]:
    """Returns the settings of the connector's account. A hosted server without a key has a sign-in."""
    whose = options.account or row.get("account")
    if not whose:
        return {}
    owner = options.owner or (local_person().id if whose == "team" else "")
    made: dict[str, JsonValue] = {"account": whose, **({"owner": owner} if owner else {})}
    if options.share:
        made["share"] = True
    if row.get("url") and not row.get("headers"):
        known = row.get("oauth")
        app = {"client_id": options.client_id, "client_secret": "${CLIENT_SECRET}"} if options.client_id else {}
        scope = {"scope": options.scope} if options.scope else {}
        made["oauth"] = {**(known if isinstance(known, dict) else {}), **app, **scope}
    return made


def _widened(name: str, row: Mapping[str, JsonValue], options: NewConnector) -> dict[str, JsonValue]:
    made = {**row, **_account(row, options)}
    if add_connector.needs_app(name, row) and not options.client_id:
        raise Refused(f"{name!r} needs {connectors.choices()[name].needs}")
    if options.egress:
        made["egress"] = list(options.egress)
    if options.folders:
        pairs = [one.partition("=") for one in options.folders]
        if wrong := next((f"{a}{b}{c}" for a, b, c in pairs if not (a and c)), None):
            raise Refused(f"{wrong!r} isn't a folder; use a format like files=/home/ada/reports.")
        made["folders"] = {name: str(Path(path).expanduser().resolve()) for name, _, path in pairs}
    return made


def _scope(options: NewConnector) -> dict[str, JsonValue]:
    rows = {"teams": options.teams, "channels": options.channels, "people": options.people, "agents": options.agents}
    return {key: list(value) for key, value in rows.items() if value}


def _secrets(names: Sequence[str], *, stdin: bool) -> dict[str, str]:
    if stdin:
        pairs = [line.rstrip("\n").partition("=") for line in sys.stdin]
        given = {name.strip(): value for name, _, value in pairs if name.strip()}
        if lacking := [name for name in names if not given.get(name)]:
            raise Refused(f"Standard input has no line for {', '.join(lacking)}. Write one NAME=value per line.")
        return {name: given[name] for name in names}
    if not sys.stdin.isatty():
        raise Refused(f"The value of {', '.join(names)} is missing. Pass it with --secrets-stdin.")
    return {name: str(click.prompt(f"{name} (stays hidden)", hide_input=True)) for name in names}


def _agreed(words: str) -> bool:
    return sys.stdin.isatty() and click.confirm(words)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def _say(words: str, style: str | None = None) -> None:
    Console(highlight=False).print(words, style=style, soft_wrap=True, markup=False)
