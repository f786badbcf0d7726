"""`threadwork init slack` and the like: the setup of one platform."""

import asyncio
import sys
from functools import partial
from typing import Any

import click

from bot.config.command_name import next_step
from bot.config.platform_setup_steps import Last, SecretQuestion, Walk
from bot.config.read_secret_setting import secret
from bot.config.settings import Settings
from bot.platform_registration import Platform
from bot.platforms import PLATFORMS, Platforms
from bot.terminal import setup_walk
from bot.terminal.setup_walk import Options, Secret
from orchestrator.errors import Refused


def setup(row: Platform[Any], options: Options, rows: Platforms = PLATFORMS) -> None:
    """Asks, checks, writes. Raises Refused, BadSettings, UsageError."""
    settings = setup_walk.settings_of(options, rows)
    walk = row.service().walk(settings.platforms[row.name])
    variables = " and ".join(ask.variable for ask in walk.asks)
    fields = " and ".join(f"{row.name}.{ask.field}" for ask in walk.asks)
    missing = f"{variables} (or {fields} in threadwork.toml)"
    setup_walk.run(partial(_walk, row, walk, options, rows), command=f"init {row.name}", missing=missing)


def print_manifest(row: Platform[Any]) -> None:
    """Prints it, to be piped to the clipboard. Raises Refused if the platform has none."""
    if row.manifest is None:
        raise Refused(f"{row.title} has no manifest.")
    click.echo(row.manifest().read_text("utf-8"), nl=False)


def _walk(row: Platform[Any], walk: Walk, options: Options, rows: Platforms) -> None:
    settings = setup_walk.settings_of(options, rows)
    here = settings.platforms[row.name]
    secrets = [Secret(ask, secret(getattr(here, ask.field))) for ask in walk.asks]
    click.echo(walk.head)
    if not secrets[0].set:
        _made(walk)
    answers: dict[str, str] = {}
    for number, one in enumerate(secrets):
        _before(one.ask, first=number == 0, known=bool(one.set))
        answers[one.ask.field] = setup_walk.ask(one, answers)
    click.echo()
    setup_walk.keep(options, row.name, answers, secrets, rows)
    if walk.last is not None:
        _last(row, walk.last, answers)
    _use(walk, options, settings)


def _made(walk: Walk) -> None:
    click.echo(walk.make)
    if walk.paste is None:
        return
    if sys.stdin.isatty() and click.confirm("Print it here?", default=False):
        click.echo(walk.paste.read_text("utf-8"), nl=False)
    click.echo()


def _before(ask: SecretQuestion, *, first: bool, known: bool) -> None:
    if not known and ask.before:
        click.echo(ask.before if first else f"\n{ask.before}")
    elif not first:
        click.echo()


def _last(row: Platform[Any], last: Last, answers: dict[str, str]) -> None:
    """Checks until it is done; the secrets are saved by then."""
    click.echo(last.words)
    while True:
        checks = asyncio.run(setup_walk.examined(last.look(answers)))
        setup_walk.show(checks)
        if any(check.level == "ok" for check in checks):
            return
        click.echo("Press Enter when you've done that, or Ctrl-C to stop. The token is saved. ", nl=sys.stdin.isatty())
        if not sys.stdin.readline():
            again = f"run {next_step(f'init {row.name}')} again."
            raise Refused(f"The token is saved. Do the step above, then {again}")


def _use(walk: Walk, options: Options, settings: Settings) -> None:
    up, look = (setup_walk.command(options, words) for words in ("up", "doctor --live"))
    click.echo(walk.use.format(up=up, look=look, request=setup_walk.first_request(settings)))
