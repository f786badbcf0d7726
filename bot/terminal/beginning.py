"""`threadwork init`: a few questions, each answer checked, one file that only its owner can read."""

import json
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import click

from bot.called import next_step
from orchestrator.errors import BadSettings, Refused


@dataclass(frozen=True, slots=True)
class Answers:
    """What was typed as options; None means ask, or take the default."""

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


def init(file: Path, answers: Answers) -> None:
    """Writes the settings file. Raises Refused when it exists and nobody agrees to overwrite it."""
    if (
        not answers.non_interactive
        and not sys.stdin.isatty()
        and (not answers.api_key_stdin or None in (answers.model, answers.api_base, answers.port))
    ):
        raise click.UsageError(NOBODY)
    agreed = answers.force or not file.exists()
    if not agreed and not answers.non_interactive:
        agreed = click.confirm(f"{str(file)!r} exists. Overwrite it?", default=False)
    if not agreed:
        raise Refused(f"{str(file)!r} stays as it is; overwrite it with --force, or name another with --file.")
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
    write(file, text(model=model or "", api_base=_url(api_base or ""), key=key, port=port))
    look = "doctor --live" if model else "doctor"
    click.echo(f"Wrote {str(file)!r}. Next: {next_step(look)}, then {next_step('up')}")


def text(*, model: str, api_base: str, key: str, port: int | None) -> str:
    """The file's content; TOML strings are written as JSON ones, which TOML reads alike."""
    if port is not None and not 0 <= port <= 65535:
        raise BadSettings(f"The port {port} is not between 0 and 65535.")
    said = {"default": model, "api_base": api_base, "api_key": key}
    lines = ["# Every setting is in the table of README.md.", "", "[models]"]
    lines += [f"{name} = {json.dumps(value)}" for name, value in said.items() if value]
    lines += ["", "[web]"] + ([f"port = {port}"] if port is not None else [])
    return "\n".join(lines) + "\n"


def write(file: Path, content: str) -> None:
    """Puts the whole file in its place at once, readable by its owner only: it may hold a key."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent, prefix=f".{file.name}-")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as part:
                part.write(content)
                part.flush()
                os.fsync(part.fileno())
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise Refused(f"{str(file)!r} cannot be written ({error.strerror}); name another with --file.") from error


def _url(typed: str) -> str:
    typed = typed.strip()
    if typed and not typed.startswith(("http://", "https://")):
        raise click.UsageError(f"{typed!r} is no base URL; it begins with http:// or https://.")
    return typed
