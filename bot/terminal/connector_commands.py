"""Defines the commands `threadwork connectors` and the like; their work is in `connectors.py`."""

from pathlib import Path
from typing import Any

import click

from bot.terminal.command_table import run

FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(invoke_without_command=True)
@click.pass_context
def connectors(context: click.Context) -> None:
    """List, add, test, or remove the MCP servers whose tools agents can use."""
    if context.invoked_subcommand is None:
        run(context, "connectors list")


@connectors.command("list")
@click.pass_context
def list_connectors(context: click.Context) -> None:
    """List the connectors; without any, list the catalog."""
    run(context, "connectors list")


YES = click.option("--yes", is_flag=True, help="Approve the list of tools without asking.")
READS = click.option("--reads", is_flag=True, help="Let tools declared read-only run without asking.")


@connectors.command("add")
@click.argument("name")
@click.argument("command", nargs=-1)
@click.option("--from", "source", type=FILE, help="A JSON file with mcpServers, as used by other MCP clients.")
@click.option("--url", default="", help="Address of a hosted server (streamable HTTP).")
@click.option("--egress", multiple=True, help="A host that a local server may reach. Can be repeated.")
@click.option("--folder", "folders", multiple=True, help="A folder to share read-only: NAME=PATH.")
@click.option("--team", "teams", multiple=True, help="Only for this team, e.g. slack:T0123.")
@click.option("--channel", "channels", multiple=True, help="Only for this channel, e.g. slack:T0123/C0456.")
@click.option("--person", "people", multiple=True, help="Only for this person's requests, e.g. slack:T0123/U0789.")
@click.option("--agent", "agents", multiple=True, help="Only for this agent, e.g. analyst.")
@click.option("--account", type=click.Choice(["team", "personal"]), help="Whose account it uses.")
@click.option("--owner", default="", help="The person whose account it is, e.g. slack:T0123/U0789.")
@click.option("--share", is_flag=True, help="Show a personal account's answers in the thread without asking its owner.")
@click.option("--client-id", default="", help="ID of an app registered with the service, if it needs one.")
@click.option("--scope", default="", help="Permissions to request instead of those that the service suggests.")
@click.option("--secrets-stdin", is_flag=True, help="Read NAME=value lines from standard input.")
@YES
@READS
@click.pass_context
def add_connector(context: click.Context, name: str, **options: Any) -> None:
    """Add the connector NAME from the catalog, --from a file, a --url, or a COMMAND after --."""
    run(context, "connectors add", name, options)


@connectors.command("test")
@click.argument("name")
@YES
@READS
@click.pass_context
def test_connector(context: click.Context, name: str, yes: bool, reads: bool) -> None:
    """Connect to NAME, and approve its tools if they changed."""
    run(context, "connectors test", name, yes=yes, reads=reads)


@connectors.command("sign-in")
@click.argument("name")
@click.pass_context
def sign_in_connector(context: click.Context, name: str) -> None:
    """Sign in to the service of the connector NAME, in a browser on this machine."""
    run(context, "connectors sign-in", name)


@connectors.command("sign-out")
@click.argument("name")
@click.pass_context
def sign_out_connector(context: click.Context, name: str) -> None:
    """Forget the sign-in to the service of the connector NAME."""
    run(context, "connectors sign-out", name)


@connectors.command("remove")
@click.argument("name")
@click.pass_context
def remove_connector(context: click.Context, name: str) -> None:
    """Remove the connector NAME with its secrets."""
    run(context, "connectors remove", name)
