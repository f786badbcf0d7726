"""Defines the commands `threadwork agents` and the like; their work is in `agents.py`."""

from pathlib import Path

import click

from bot.terminal.command_table import run

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(invoke_without_command=True)
@click.pass_context
def agents(context: click.Context) -> None:
    """List the agents that plans can use, and say what's wrong with the files of others."""
    if context.invoked_subcommand is None:
        run(context, "agents")


@agents.command("list")
@click.pass_context
def list_agents(context: click.Context) -> None:
    """List the agents that plans can use, and say what's wrong with the files of others."""
    run(context, "agents")


@agents.command("show")
@click.argument("name")
@click.pass_context
def show_agent(context: click.Context, name: str) -> None:
    """Show the file of the agent NAME."""
    run(context, "agents show", name)


@agents.command("check")
@click.argument("file", type=FILE)
@click.pass_context
def check_agent(context: click.Context, file: Path) -> None:
    """Check the agent in FILE, without using it.

    Exit codes: 0 if it can be used, 1 if it can't, 2 for a usage or settings error.
    """
    run(context, "agents check", file)


@agents.command("try")
@click.argument("name")
@click.argument("request")
@click.pass_context
def try_agent(context: click.Context, name: str, request: str) -> None:
    """Take one turn with the agent NAME on REQUEST, and show what it would say and do. Nothing of it is done."""
    run(context, "agents try", name, request)


@agents.command("rollback")
@click.argument("name")
@click.option("--to", type=int, metavar="VERSION", help="The version to go back to. Default: the one before.")
@click.pass_context
def roll_back_agent(context: click.Context, name: str, to: int | None) -> None:
    """Let an earlier version of the agent NAME count again, also after it was removed."""
    run(context, "agents rollback", name, to)
