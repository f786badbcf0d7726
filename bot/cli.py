"""The command line: what can be typed. Each command's work is in `bot/terminal/`.

Commands are loaded by name on first use, which keeps `threadwork --help` fast: pydantic, rich and the rest take most of
a second.
"""

import errno
import sys
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

import click
from click.core import ParameterSource

from bot.config.demo_request import REQUEST
from orchestrator.errors import BadSettings, ThreadworkError

FOLDER = click.Path(file_okay=False, path_type=Path)
EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)

WORK = {
    "up": "bot.terminal.up:up",
    "ask": "bot.terminal.ask:ask",
    "tasks": "bot.terminal.tasks:tasks",
    "show": "bot.terminal.tasks:show",
    "log": "bot.terminal.task_log:log",
    "approve": "bot.terminal.approve:approve",
    "doctor": "bot.terminal.doctor:doctor",
    "try-model": "bot.terminal.try_model:try_model",
    "tool": "bot.terminal.run_tool:tool",
    "logins": "bot.terminal.logins:listed",
    "logins add": "bot.terminal.logins:add",
    "logins remove": "bot.terminal.logins:remove",
    "skills": "bot.terminal.skills:listed",
    "skills show": "bot.terminal.skills:show",
    "skills check": "bot.terminal.skills:check",
    "skills trust": "bot.terminal.skills:trust",
    "connectors list": "bot.terminal.connectors:listed",
    "connectors add": "bot.terminal.connectors:add",
    "connectors test": "bot.terminal.connectors:test",
    "connectors sign-in": "bot.terminal.connectors:sign_in",
    "connectors sign-out": "bot.terminal.connectors:sign_out",
    "connectors remove": "bot.terminal.connectors:remove",
    "mcp": "bot.terminal.mcp:mcp",
    "mcp token add": "bot.terminal.mcp:add_token",
    "mcp token list": "bot.terminal.mcp:list_tokens",
    "mcp token remove": "bot.terminal.mcp:remove_token",
    "migrate": "bot.terminal.tasks:migrate",
    "invite": "bot.terminal.tasks:invite",
    "sessions": "bot.terminal.sessions:listed",
    "sessions end": "bot.terminal.sessions:end_one",
    "sessions remove": "bot.terminal.sessions:remove_person",
}
"""What each command runs, with the settings in force."""

_DISK = (errno.ENOSPC, errno.EDQUOT)

TEAM = click.option("--team", default="local", show_default=True, help="The team, e.g. slack:T0123 or discord:4567.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config", type=FILE, help="Settings file. Default: ./threadwork.toml, or the one in your config folder."
)
@click.option("--home", type=FOLDER, help="Data folder instead of the one in the settings.")
@click.version_option(package_name="threadwork")
@click.pass_context
def cli(context: click.Context, config: Path | None, home: Path | None) -> None:
    """An AI coworker for teams: it plans, works in parallel, asks before it acts, and delivers files with sources."""
    context.obj = {"config": config, "home": home}


@cli.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on; 0 picks a free one.")
@click.pass_context
def up(context: click.Context, host: str | None, port: int | None) -> None:
    """Start the hub, the agent host, and the web workspace, and print a one-time link."""
    from bot.terminal import startup

    startup.up(partial(_run, context, "up"), web={"host": host, "port": port})


@cli.command()
@click.argument("request", required=False)
@click.argument("files", nargs=-1, type=FILE)
@click.option(
    "--yes",
    is_flag=True,
    help="Start the plan and approve files automatically. Actions that reach outside this machine still need approval.",
)
@click.option("--out", type=FOLDER, default=".", show_default=True, help="Folder for delivered files.")
@click.option("--task", help="Follow an existing task instead of sending a new request.")
@click.pass_context
def ask(
    context: click.Context, request: str | None, files: tuple[Path, ...], yes: bool, out: Path, task: str | None
) -> None:
    """Send REQUEST with FILES, and follow the task here until it's done.

    Exit codes: 0 if the task is done, 1 if it failed or was stopped, 2 for a usage or settings error,
    3 if it's waiting for a person, 130 if interrupted.
    """
    if (request is None) == (task is None):
        example = f'{context.command_path} "Compare these offers"'
        raise click.UsageError(f"Say what you want done, e.g. {example}, or use --task ID.")
    _run(context, "ask", request or "", files, yes=yes, out=out, task=task)


@cli.command()
@click.option("--web", is_flag=True, help="Start the web workspace and show what to type there.")
@click.option("--yes", is_flag=True, help="Start the plan and approve files automatically.")
@click.option("--out", type=FOLDER, default=".", show_default=True, help="Folder for delivered files.")
@click.pass_context
def demo(context: click.Context, web: bool, yes: bool, out: Path) -> None:
    """Run the sample request on five fictional companies; no model key needed."""
    from bot.terminal import startup

    if web:
        click.echo(f"In the workspace, ask:\n  {REQUEST}\n")
        startup.up(partial(_run, context, "up"), rehearsal=True)
    else:
        _run(context, "ask", REQUEST, (), yes=yes, out=out, rehearsal=True)


@cli.command()
@click.pass_context
def tasks(context: click.Context) -> None:
    """List the tasks, newest first."""
    _run(context, "tasks")


@cli.command()
@click.argument("task")
@click.pass_context
def show(context: click.Context, task: str) -> None:
    """Show TASK: its card, thread, files, and what needs you."""
    _run(context, "show", task)


@cli.command("log")
@click.argument("task")
@click.pass_context
def log_of(context: click.Context, task: str) -> None:
    """Trace each button press in TASK through to its effect, using the hub's and the host's log files."""
    _run(context, "log", task)


@cli.command()
@click.argument("approval")
@click.option("--reject", metavar="REASON", help="Reject it for this reason.")
@click.option("--edit", metavar="JSON", help="Approve with these arguments instead.")
@click.option("--for-task", is_flag=True, help="Approve the same thing for the rest of the task.")
@click.pass_context
def approve(context: click.Context, approval: str, reject: str | None, edit: str | None, for_task: bool) -> None:
    """Approve, reject, or edit a call or a file. APPROVAL is the ID that `ask` and `show` print."""
    if sum((reject is not None, edit is not None, for_task)) > 1:
        raise click.UsageError("Use only one of --reject, --edit, and --for-task.")
    _run(context, "approve", approval, reject=reject, edit=edit, for_task=for_task)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
@click.option(
    "--live", is_flag=True, help="Also give the model three small tasks (costs a little) and check the chat platforms."
)
@click.pass_context
def doctor(context: click.Context, as_json: bool, live: bool) -> None:
    """Check everything threadwork needs, and list what's missing and what it would add."""
    _run(context, "doctor", as_json=as_json, live=live)


@cli.command("try-model")
@click.argument("name", required=False)
@click.option("--api-base", help="Base URL of a server that isn't in the settings, e.g. http://127.0.0.1:11434/v1.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
@click.pass_context
def try_model(context: click.Context, name: str | None, api_base: str | None, as_json: bool) -> None:
    """Give the model NAME twenty small graded tasks, and say what you can trust it with (about 50,000 tokens).

    Exit codes: 0 if you can trust it with whole tasks, 3 if only with simpler work, 1 if with nothing at all or if the
    model can't be reached, 2 for a usage or settings error.
    """
    _run(context, "try-model", name, api_base=api_base, as_json=as_json)


@cli.command("tool")
@click.argument("name", required=False)
@click.option("--args", default="{}", metavar="JSON", help="The tool's arguments; - reads them from standard input.")
@click.option("--in", "folder", type=EXISTING, help="Folder to copy.")
@click.option("--out", type=FOLDER, help="Save new and changed files here.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
@click.pass_context
def one_tool(
    context: click.Context, name: str | None, args: str, folder: Path | None, out: Path | None, as_json: bool
) -> None:
    """Run the tool NAME on a copy of a folder, and print what an agent would read and which files it produced.

    Without NAME, list the tools. Exit codes: 0 if it worked, 1 if the tool failed, 2 for a usage or settings error.
    """
    _run(context, "tool", name, args=args, folder=folder, out=out, as_json=as_json)


class _Platforms(click.Group):
    """A command for each platform; their table is loaded when one is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from bot.terminal import platform_commands

        return platform_commands.names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from bot.terminal import platform_commands

        return platform_commands.command(cmd_name)


@cli.group(invoke_without_command=True, cls=_Platforms)
@click.option("--file", type=NEW_FILE, default="threadwork.toml", show_default=True)
@click.option("--model", help="litellm's name for the model, e.g. openai/gpt-5. Leave it empty for the rehearsal.")
@click.option("--api-base", help="Base URL of a local or other OpenAI-compatible server.")
@click.option("--api-key-stdin", is_flag=True, help="Read the key from the first line of standard input.")
@click.option(
    "--local",
    is_flag=True,
    help="Use a model served on this machine: the one in --model, or the first that supports tools.",
)
@click.option("--port", type=int, help="Port for the web workspace.")
@click.option("--force", is_flag=True, help="Change an existing file; keep its other settings.")
@click.option("--non-interactive", is_flag=True, help="Don't ask anything; use the options and the defaults.")
@click.pass_context
def init(context: click.Context, file: Path, **answers: Any) -> None:
    """Ask for the main settings and write the settings file; with a platform, set up that platform."""
    if context.invoked_subcommand is None:
        from bot.terminal import init as init_command

        init_command.init(file, init_command.InitOptions(**answers))
    elif given := [n for n in context.params if context.get_parameter_source(n) is ParameterSource.COMMANDLINE]:
        raise click.UsageError(f"--{given[0].replace('_', '-')} has to follow the platform's name.")


@cli.group(invoke_without_command=True)
@click.pass_context
def logins(context: click.Context) -> None:
    """List, add, or remove the logins that agents can use. Their contents are never shown."""
    if context.invoked_subcommand is None:
        _run(context, "logins")


@logins.command()
@click.argument("name")
@click.option(
    "--domain",
    "domains",
    multiple=True,
    required=True,
    help="A host its pages may reach. Repeat the option for more hosts.",
)
@click.option(
    "--from", "state", type=FILE, help="Storage state saved by Playwright. Without it, only the hosts are saved."
)
@TEAM
@click.pass_context
def add(context: click.Context, name: str, domains: tuple[str, ...], state: Path | None, team: str) -> None:
    """Save a login as NAME, encrypted, for the given hosts."""
    _run(context, "logins add", name, domains, state, team)


@logins.command()
@click.argument("name")
@TEAM
@click.pass_context
def remove(context: click.Context, name: str, team: str) -> None:
    """Remove the login NAME."""
    _run(context, "logins remove", name, team)


@cli.group(invoke_without_command=True)
@click.pass_context
def skills(context: click.Context) -> None:
    """List the skills that agents can follow, and say why others can't be used."""
    if context.invoked_subcommand is None:
        _run(context, "skills")


@skills.command("list")
@click.pass_context
def list_skills(context: click.Context) -> None:
    """List the skills that agents can follow, and say why others can't be used."""
    _run(context, "skills")


@skills.command("show")
@click.argument("name")
@click.pass_context
def show_skill(context: click.Context, name: str) -> None:
    """Show the skill NAME and its instructions."""
    _run(context, "skills show", name)


@skills.command("check")
@click.argument("folder", type=EXISTING)
@click.pass_context
def check_skills(context: click.Context, folder: Path) -> None:
    """Check the skill in FOLDER, or every skill in a folder of skills.

    Exit codes: 0 if all can be used, 1 if one can't, 2 for a usage or settings error.
    """
    _run(context, "skills check", folder)


@skills.command("trust")
@click.argument("folder", type=EXISTING)
@click.option("--yes", is_flag=True, help="Trust them without asking.")
@click.pass_context
def trust_skills(context: click.Context, folder: Path, yes: bool) -> None:
    """Show the skills that FOLDER shares, and let agents follow them until they change."""
    _run(context, "skills trust", folder, yes=yes)


@cli.group(invoke_without_command=True)
@click.pass_context
def connectors(context: click.Context) -> None:
    """List, add, test, or remove the MCP servers whose tools agents can use."""
    if context.invoked_subcommand is None:
        _run(context, "connectors list")


@connectors.command("list")
@click.pass_context
def list_connectors(context: click.Context) -> None:
    """List the connectors; without any, list the catalogue."""
    _run(context, "connectors list")


YES = click.option("--yes", is_flag=True, help="Approve the list of tools without asking.")
READS = click.option("--reads", is_flag=True, help="Let the tools that say they only read run without asking.")


@connectors.command("add")
@click.argument("name")
@click.argument("command", nargs=-1)
@click.option("--from", "source", type=FILE, help="A file with mcpServers, as other programs have it.")
@click.option("--url", default="", help="Address of a hosted server (streamable HTTP).")
@click.option("--egress", multiple=True, help="A host that a local server may reach. Repeat it for more.")
@click.option("--folder", "folders", multiple=True, help="A folder to show it read-only: NAME=PATH.")
@click.option("--team", "teams", multiple=True, help="Only for this team, e.g. slack:T0123.")
@click.option("--channel", "channels", multiple=True, help="Only for this channel, e.g. slack:T0123/C0456.")
@click.option("--person", "people", multiple=True, help="Only for this person's requests, e.g. slack:T0123/U0789.")
@click.option("--agent", "agents", multiple=True, help="Only for this agent, e.g. analyst.")
@click.option("--account", type=click.Choice(["team", "personal"]), default="", help="Whose account it acts with.")
@click.option("--owner", default="", help="Whose account that is, e.g. slack:T0123/U0789.")
@click.option("--share", is_flag=True, help="Show a personal account's answers in the thread without asking its owner.")
@click.option("--client-id", default="", help="ID of an app registered with the service, if it needs one.")
@click.option("--scope", default="", help="What to ask the service for, instead of what it suggests.")
@click.option("--secrets-stdin", is_flag=True, help="Read NAME=value lines from standard input.")
@YES
@READS
@click.pass_context
def add_connector(context: click.Context, name: str, **options: Any) -> None:
    """Add the connector NAME from the catalogue, --from a file, a --url, or a COMMAND after --."""
    _run(context, "connectors add", name, options)


@connectors.command("test")
@click.argument("name")
@YES
@READS
@click.pass_context
def test_connector(context: click.Context, name: str, yes: bool, reads: bool) -> None:
    """Connect to NAME, and approve its tools if they changed."""
    _run(context, "connectors test", name, yes=yes, reads=reads)


@connectors.command("sign-in")
@click.argument("name")
@click.pass_context
def sign_in_connector(context: click.Context, name: str) -> None:
    """Sign in at the service of the connector NAME, in a browser on this machine."""
    _run(context, "connectors sign-in", name)


@connectors.command("sign-out")
@click.argument("name")
@click.pass_context
def sign_out_connector(context: click.Context, name: str) -> None:
    """Forget the sign-in at the service of the connector NAME."""
    _run(context, "connectors sign-out", name)


@connectors.command("remove")
@click.argument("name")
@click.pass_context
def remove_connector(context: click.Context, name: str) -> None:
    """Remove the connector NAME with its secrets."""
    _run(context, "connectors remove", name)


@cli.group(invoke_without_command=True)
@click.pass_context
def mcp(context: click.Context) -> None:
    """Let another assistant or an editor hand threadwork work: an MCP server on standard input and output."""
    if context.invoked_subcommand is None:
        _run(context, "mcp")


@mcp.group(invoke_without_command=True)
@click.pass_context
def token(context: click.Context) -> None:
    """List, add, or remove the tokens of MCP clients that connect to the web workspace at /mcp."""
    if context.invoked_subcommand is None:
        _run(context, "mcp token list")


@token.command("list")
@click.pass_context
def list_tokens(context: click.Context) -> None:
    """List the tokens, newest first."""
    _run(context, "mcp token list")


@token.command("add")
@click.argument("name")
@click.option("--person", help="Who it acts for: a person in the web workspace. Default: you.")
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="How long it's valid.")
@click.pass_context
def add_token(context: click.Context, name: str, person: str | None, days: int) -> None:
    """Create the token NAME, and print it once."""
    _run(context, "mcp token add", name, who=person, days=days)


@token.command("remove")
@click.argument("name")
@click.pass_context
def remove_token(context: click.Context, name: str) -> None:
    """Remove the token NAME; its client is refused from now on."""
    _run(context, "mcp token remove", name)


@cli.command()
@click.pass_context
def migrate(context: click.Context) -> None:
    """Update the database to this version's schema."""
    _run(context, "migrate")


@cli.command()
@click.argument("name")
@click.option("--also", multiple=True, help="Their chat ID, e.g. slack:T1/U2, to show them their private tasks too.")
@click.pass_context
def invite(context: click.Context, name: str, also: tuple[str, ...]) -> None:
    """Print a one-time sign-in link to the web workspace for NAME."""
    _run(context, "invite", name, also)


@cli.group(invoke_without_command=True)
@click.pass_context
def sessions(context: click.Context) -> None:
    """List the web workspace's browser sessions, end one, or remove a person."""
    if context.invoked_subcommand is None:
        _run(context, "sessions")


@sessions.command("end")
@click.argument("session")
@click.pass_context
def end_session(context: click.Context, session: str) -> None:
    """End SESSION, an ID from the `sessions` list."""
    _run(context, "sessions end", session)


@sessions.command("remove")
@click.argument("name")
@click.pass_context
def remove_person(context: click.Context, name: str) -> None:
    """Remove NAME from the workspace, and revoke their sessions and sign-in links."""
    _run(context, "sessions remove", name)


def _run(context: click.Context, command: str, *arguments: object, **more: Any) -> None:
    """Runs the coroutine of a row of WORK with the settings in force and exits with the code it returns."""
    from bot.terminal import run_command

    settings = context.obj | {name: more.pop(name) for name in ("web",) if name in more}
    work = resolve_name(WORK[command])
    raise click.exceptions.Exit(run_command.run(settings, work, *arguments, **more))


def main() -> None:
    """The entry point: every mistake is one sentence; a bug's traceback goes to the log file."""
    from bot.config.command_name import command_name

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal of an older encoding has no ✓ and no …
    try:
        sys.exit(cli(prog_name=command_name(), standalone_mode=False))
    except click.exceptions.Exit as end:
        sys.exit(end.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except BadSettings as error:
        _say(str(error))
        sys.exit(2)
    except ThreadworkError as error:
        _say(str(error))
        sys.exit(1)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
    except Exception as error:
        from bot.terminal import run_command

        if isinstance(error, OSError) and error.errno in _DISK:
            _say(f"{error.filename or 'A file'} couldn't be written: {error.strerror}. Free some space and try again.")
            sys.exit(1)
        _say(f"Something unexpected happened: {error or type(error).__name__}. {run_command.keep_traceback()}")
        sys.exit(1)


def _say(words: str) -> None:
    from bot.config.command_name import told

    click.secho(told(words), fg="red", err=True)
