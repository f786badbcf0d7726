"""Defines the commands `threadwork mcp` and the like; their work is in `mcp.py`."""

import click

from bot.terminal.command_table import run


@click.group(invoke_without_command=True)
@click.pass_context
def mcp(context: click.Context) -> None:
    """Let another assistant or an editor hand threadwork work: an MCP server on standard input and output."""
    if context.invoked_subcommand is None:
        run(context, "mcp")


@mcp.group(invoke_without_command=True)
@click.pass_context
def token(context: click.Context) -> None:
    """List, add, or remove the tokens of MCP clients that connect to the web workspace at /mcp."""
    if context.invoked_subcommand is None:
        run(context, "mcp token list")


@token.command("list")
@click.pass_context
def list_tokens(context: click.Context) -> None:
    """List the tokens, newest first."""
    run(context, "mcp token list")


@token.command("add")
@click.argument("name")
@click.option("--person", help="Who it acts for: a person in the web workspace. Default: you.")
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="How long it's valid.")
@click.pass_context
def add_token(context: click.Context, name: str, person: str | None, days: int) -> None:
    """Create the token NAME, and print it once."""
    run(context, "mcp token add", name, who=person, days=days)


@token.command("remove")
@click.argument("name")
@click.pass_context
def remove_token(context: click.Context, name: str) -> None:
    """Remove the token NAME; its client is refused from now on."""
    run(context, "mcp token remove", name)
