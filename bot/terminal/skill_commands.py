"""Defines the commands `threadwork skills` and the like; their work is in `skills.py`."""

from pathlib import Path

import click

from bot.terminal.command_table import run

EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)


@click.group(invoke_without_command=True)
@click.pass_context
def skills(context: click.Context) -> None:
    """List the skills that agents can follow, and say why others can't be used."""
    if context.invoked_subcommand is None:
        run(context, "skills")


@skills.command("list")
@click.pass_context
def list_skills(context: click.Context) -> None:
    """List the skills that agents can follow, and say why others can't be used."""
    run(context, "skills")


@skills.command("show")
@click.argument("name")
@click.pass_context
def show_skill(context: click.Context, name: str) -> None:
    """Show the skill NAME and its instructions."""
    run(context, "skills show", name)


@skills.command("check")
@click.argument("folder", type=EXISTING)
@click.pass_context
def check_skills(context: click.Context, folder: Path) -> None:
    """Check the skill in FOLDER, or every skill in a folder of skills.

    Exit codes: 0 if all can be used, 1 if one can't, 2 for a usage or settings error.
    """
    run(context, "skills check", folder)


@skills.command("trust")
@click.argument("folder", type=EXISTING)
@click.option("--yes", is_flag=True, help="Trust them without asking.")
@click.pass_context
def trust_skills(context: click.Context, folder: Path, yes: bool) -> None:
    """Show the skills that FOLDER shares, and let agents follow them until they change."""
    run(context, "skills trust", folder, yes=yes)
