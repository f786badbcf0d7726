"""The common part of every `threadwork init` walk: ask for a secret, check it, and write it."""

import asyncio
import shlex
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from bot.config.command_name import next_step
from bot.config.demo_request import REQUEST
from bot.config.health_check import HealthCheck
from bot.config.platform_setup_steps import SecretQuestion
from bot.config.settings import FILE, Settings, find_file
from bot.platforms import PLATFORMS, Platforms, load
from bot.terminal import change_settings_file
from orchestrator.errors import Refused

Look = Callable[[str], Awaitable[Sequence[HealthCheck]]]
SIGNS = {"ok": ("✓", "green"), "warn": ("!", "yellow"), "fail": ("✗", "red")}


class Options(NamedTuple):
    """Where the settings are, and whether to write them."""

    config: Path | None
    file: Path | None
    write: bool = True

    @property
    def target(self) -> Path:
        """Returns the file to change: the named one, else the one in force, else one here."""
        return self.file or find_file(self.config) or Path(FILE)


class Secret(NamedTuple):
    """One thing to ask for. `set`: the value that is already set, or empty."""

    ask: SecretQuestion
    set: str = ""


class InputEnded(Exception):
    """The input has ended. `tried`: something was typed and didn't pass."""

    def __init__(self, *, tried: bool) -> None:
        super().__init__()
        self.tried = tried


def settings_of(options: Options, rows: Platforms = PLATFORMS) -> Settings:
    """The settings in force, and the content of the file to change."""
    named = options.file if options.file and options.file.is_file() else options.config
    return load(named, rows=rows)


def ask(secret: Secret, answers: Mapping[str, str]) -> str:
    """Returns the value once it passes; asks again until then. A value that is already set is checked first. Raises
    InputEnded."""
    value, tried, it = secret.set, False, secret.ask
    if value:
        click.echo(f"Checking the {it.words} that's already set:")
    while not value or not good(lambda typed: it.look(typed, answers), value):
        tried = tried or bool(value)
        value = _typed(it.words, again=value, tried=tried)
    return value


def good(look: Look, value: str) -> bool:
    """Shows the checks' results, and returns whether the walk can continue."""
    checks = asyncio.run(examined(look(value)))
    show(checks)
    if any(check.level == "fail" for check in checks):
        return False
    if all(check.level == "ok" for check in checks) or not sys.stdin.isatty():
        return True
    return click.confirm("Continue anyway?", default=False)


def show(checks: Sequence[HealthCheck]) -> None:
    """Prints each check as a line, with its next step."""
    for check in checks:
        sign, colour = SIGNS[check.level]
        click.echo(f"  {click.style(sign, fg=colour)} {check.words}")
        if check.next:
            click.echo(f"    Next: {check.next}")


def keep(
    options: Options, section: str, values: Mapping[str, str], secrets: Sequence[Secret], rows: Platforms = PLATFORMS
) -> None:
    """Writes new values to the settings file, or says how to set them. `values`: by field of the section."""
    fresh = options.file is not None and not options.file.exists()
    new = {n: v for (n, v), secret in zip(values.items(), secrets, strict=True) if fresh or v != secret.set}
    variables = " and ".join(secret.ask.variable for secret in secrets)
    if not new:
        click.echo("Nothing to write: everything is already set.")
    elif not options.write:
        click.echo(f"Nothing was written. Set {variables} in the environment.")
    else:
        change_settings_file.change(options.target, {section: new})
        click.echo(f"Wrote {', '.join(new)} to {str(options.target)!r}, which only you can read.")
        _warn_of_others(settings_of(options._replace(file=options.target), rows), section, new, variables)


def run(walk: Callable[[], None], *, command: str, missing: str) -> None:
    """Runs the walk; raises Refused or UsageError if the input ends too early. `missing`: what to set instead."""
    try:
        walk()
    except InputEnded as end:
        if end.tried:
            words = f"Nothing was written. Fix the problem above, then run {next_step(command)} again."
            raise Refused(words) from None
        words = f"{command} asks questions. Run it in a terminal, pipe in the answers (one per line), or set {missing}."
        raise click.UsageError(words) from None


def command(options: Options, words: str) -> str:
    """Returns a command line that finds the file which was written."""
    usual = find_file()
    elsewhere = options.file is not None and (usual is None or usual.resolve() != options.file.resolve())
    named = options.config or (options.file if elsewhere else None)
    return next_step(f"--config {shlex.quote(str(named))} {words}" if named else words)


async def examined(look: Awaitable[Sequence[HealthCheck]]) -> Sequence[HealthCheck]:
    """Shows the results of the checks."""
    return await look


def _typed(told: str, *, again: str, tried: bool) -> str:
    """Returns the next answer, hidden. An empty one after a failure means: check the same value again."""
    label = f"{told[:1].upper()}{told[1:]} (not shown{'; press Enter to check again' if again else ''})"
    if sys.stdin.isatty():
        line = str(click.prompt(label, hide_input=True, default="" if again else None, show_default=False))
    elif not (line := sys.stdin.readline()):
        raise InputEnded(tried=tried)
    return bare(line) or again


def bare(typed: str) -> str:
    """Removes what often comes along with a pasted secret: spaces, quotes, `NAME=`."""
    name, equals, value = typed.strip().partition("=")
    return (value if equals and name.isupper() else typed).strip().strip("'\"`").strip()


def first_request(settings: Settings) -> str:
    """Returns a request that shows a whole task: without a model, one that the rehearsal can answer."""
    if settings.models.chosen is None:
        return f"{REQUEST}\n   (No model is set, so a rehearsal answers exactly this, using fictional companies.)"
    return "compare these offers in a spreadsheet      (attach some files)"


def _warn_of_others(settings: Settings, section: str, new: Mapping[str, str], variables: str) -> None:
    """The environment takes precedence over the file."""
    shown = settings.model_dump()[section]
    if any(shown[n] is None or shown[n].get_secret_value() != v for n, v in new.items()):
        click.secho(f"The environment sets another value, which takes precedence; unset {variables}.", fg="red")
