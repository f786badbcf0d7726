"""`threadwork init`: a few questions, each answer checked, and one file that only its owner can read."""

import sys
from dataclasses import dataclass
from pathlib import Path

import click

from bot.config.command_name import next_step
from bot.terminal import settings_file
from orchestrator.errors import BadSettings, Refused


@dataclass(frozen=True, slots=True)
class InitOptions:
    """The given options; None means ask, or take the default."""

    model: str | None
    api_base: str | None
    api_key_stdin: bool
    port: int | None
    force: bool
    non_interactive: bool


NOBODY = (
    "init asks questions; run it in a terminal, or use --non-interactive with --model, --api-base, --port and "
    "--api-key-stdin."
)


def init(file: Path, answers: InitOptions) -> None:
    """Writes the settings file. Raises Refused if it exists and nobody agrees to change it."""
    if (
        not answers.non_interactive
        and not sys.stdin.isatty()
        and (not answers.api_key_stdin or None in (answers.model, answers.api_base, answers.port))
    ):
        raise click.UsageError(NOBODY)
    agreed = answers.force or not file.exists()
    if not agreed and not answers.non_interactive:
        agreed = click.confirm(f"{str(file)!r} exists. Change its model and port?", default=False)
    if not agreed:
        raise Refused(f"{str(file)!r} wasn't changed. Use --force to change it, or name another file with --file.")
    model, api_base, port = answers.model, answers.api_base, answers.port
    key = sys.stdin.readline().strip() if answers.api_key_stdin else ""
    if not answers.non_interactive:
        if model is None:
            model = click.prompt("Model, e.g. openai/gpt-5 (empty: the rehearsal)", default="", show_default=False)
        if model and api_base is None:
            api_base = click.prompt(
                "Base URL (empty: the provider's own)", default="", value_proc=_url, show_default=False
            )
        if model and not key:
            key = click.prompt("Key (not shown; empty: none)", default="", hide_input=True, show_default=False)
        if port is None:
            port = click.prompt("Port of the web workspace", default=8765, type=click.IntRange(0, 65535))
    if port is not None and not 0 <= port <= 65535:
        raise BadSettings(f"The port {port} isn't between 0 and 65535.")
    said = {"default": model or "", "api_base": _url(api_base or ""), "api_key": key}
    models = {name: value or None for name, value in said.items()}
    settings_file.change(file, {"models": models} | ({"web": {"port": port}} if port is not None else {}))
    look = "doctor --live" if model else "doctor"
    click.echo(f"Wrote {str(file)!r}. Next: {next_step(look)}, then {next_step('up')}")


def _url(typed: str) -> str:
    typed = typed.strip()
    if typed and not typed.startswith(("http://", "https://")):
        raise click.UsageError(f"{typed!r} isn't a base URL; it must begin with http:// or https://.")
    return typed
