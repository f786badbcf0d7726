"""`threadwork init`: a few questions, each answer checked, and one file that only its owner can read."""

import asyncio
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import click

from bot.bootstrap.find_local_model_servers import FoundModel, FoundModels, found_models
from bot.config.command_name import next_step
from bot.config.settings import model_servers
from bot.terminal import change_settings_file, local_models
from orchestrator.errors import BadSettings, Refused


@dataclass(frozen=True, slots=True)
class InitOptions:
    """The given options; None means ask, or take the default."""

    model: str | None
    api_base: str | None
    api_key_stdin: bool
    local: bool
    port: int | None
    force: bool
    non_interactive: bool


NOBODY = (
    "init asks questions; run it in a terminal, or use --non-interactive with --local, --model, --api-base, --port, "
    "and --api-key-stdin."
)


@dataclass(frozen=True, slots=True)
class _ModelChoice:
    model: str
    api_base: str
    key: str


def init(file: Path, answers: InitOptions, servers: Sequence[str] | None = None) -> None:
    """Writes the settings file. Raises Refused if it exists and nobody agrees to change it. `servers`: where to look
    for local models; None means the usual addresses."""
    if (
        not answers.non_interactive
        and not sys.stdin.isatty()
        and (not answers.api_key_stdin or None in (answers.model, answers.api_base, answers.port))
    ):
        raise click.UsageError(NOBODY)
    agreed = answers.force or not file.exists()
    if not agreed and not answers.non_interactive:
        agreed = click.confirm(f"{str(file)!r} already exists. Change its model and port?", default=False)
    if not agreed:
        raise Refused(f"{str(file)!r} wasn't changed. Use --force to change it, or name another file with --file.")
    key = sys.stdin.readline().strip() if answers.api_key_stdin else ""
    choice, port = _choice(answers, key, servers), answers.port
    if not answers.non_interactive and port is None:
        port = click.prompt("Port for the web workspace", default=8765, type=click.IntRange(0, 65535))
    if port is not None and not 0 <= port <= 65535:
        raise BadSettings(f"The port {port} isn't between 0 and 65535.")
    said = {"default": choice.model, "api_base": _url(choice.api_base), "api_key": choice.key}
    models = {name: value or None for name, value in said.items()}
    change_settings_file.change(file, {"models": models} | ({"web": {"port": port}} if port is not None else {}))
    look = "doctor --live" if choice.model else "doctor"
    click.echo(f"Wrote {str(file)!r}. Next: {next_step(look)}, then {next_step('up')}")


def _choice(answers: InitOptions, key: str, servers: Sequence[str] | None) -> _ModelChoice:
    """Takes the model from the options, from a server on this machine, or from the person."""
    model, api_base = answers.model, answers.api_base
    found = FoundModels(())
    if answers.local or (model is None and not answers.non_interactive):
        found = _look(_url(api_base or ""), key, servers)
    if answers.local:
        return _served(_local(found, model), key)
    if answers.non_interactive:
        return _ModelChoice(model or "", api_base or "", key)
    if model is None:
        numbers = "a number above, or a name such as" if found.models else "e.g."
        typed = click.prompt(
            f"Model: {numbers} openai/gpt-5 (leave empty for the rehearsal)", default="", show_default=False
        )
        if taken := local_models.chosen(found, typed.strip()):
            return _served(taken, key or (_asked_key() if taken.tools == "key" else ""))
        model = typed.strip()
    if model and api_base is None:
        api_base = click.prompt(
            "Base URL (leave empty for the provider's own)", default="", value_proc=_url, show_default=False
        )
    if model and not key:
        key = _asked_key()
    return _ModelChoice(model or "", api_base or "", key)


def _look(api_base: str, key: str, servers: Sequence[str] | None) -> FoundModels:
    """Asks the server at `api_base`, or all usual addresses, and prints what was found."""
    urls = [api_base] if api_base else model_servers() if servers is None else servers
    click.echo(f"Looking for model servers {f'at {api_base}' if api_base else 'on this machine'}…")
    found = asyncio.run(found_models(urls, key if api_base else None))
    for line in local_models.listed(found):
        click.echo(line)
    return found


def _local(found: FoundModels, name: str | None) -> FoundModel:
    """Returns the model that --local means. Raises Refused if there's none."""
    taken = local_models.chosen(found, name) if name else local_models.best(found)
    if taken is None:
        what = f"serves {name!r}" if name else "has a model that can call tools"
        raise Refused(f"No model server here {what}. Start one, or choose a model with --model and --api-base.")
    return taken


def _asked_key() -> str:
    return click.prompt("Key (not shown; leave empty for none)", default="", hide_input=True, show_default=False)


def _served(model: FoundModel, key: str) -> _ModelChoice:
    for line in local_models.advice(model):
        click.echo(line)
    return _ModelChoice(f"openai/{model.name}", model.api_base, key or local_models.PLACEHOLDER)


def _url(typed: str) -> str:
    typed = typed.strip()
    if typed and not typed.startswith(("http://", "https://")):
        raise click.UsageError(f"{typed!r} isn't a base URL; it must start with http:// or https://.")
    return typed
