"""Defines the commands `threadwork init slack` and the like, one for each platform."""

from functools import partial
from pathlib import Path
from typing import Any

import click

from bot.platform_registration import Platform
from bot.platforms import PLATFORMS, Platforms
from bot.terminal import platform_setup
from bot.terminal.setup_walk import Options

_FILE = click.Option(
    ["--file"], type=click.Path(dir_okay=False, path_type=Path),
    help="Settings file to write. Default: the one in use, or a new one in this folder.",
)  # fmt: skip
_NO_WRITE = click.Option(["--no-write"], is_flag=True, help="Check without saving, and print which variables to set.")
_MANIFEST = click.Option(["--manifest"], is_flag=True, help="Print the app's manifest and exit.")


def names(rows: Platforms = PLATFORMS) -> list[str]:
    """What can be set up."""
    return [row.name for row in rows]


def command(name: str, rows: Platforms = PLATFORMS) -> click.Command | None:
    """Returns None for an unknown platform."""
    row = next((row for row in rows if row.name == name), None)
    if row is None:
        return None
    options: list[click.Parameter] = [_FILE, _NO_WRITE, *([_MANIFEST] if row.manifest else [])]
    help_ = f"Set up {row.title}: create the bot account, and check and save its secrets."
    return click.Command(name, params=options, help=help_, callback=click.pass_context(partial(_run, row, rows)))


def _run(
    row: Platform[Any], rows: Platforms, context: click.Context, file: Path | None, no_write: bool,
    manifest: bool = False,
) -> None:  # fmt: skip
    if manifest:
        platform_setup.print_manifest(row)
    else:
        platform_setup.setup(row, Options(context.obj["config"], file, write=not no_write), rows)
