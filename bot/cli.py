"""The command line: what can be typed. Each command's work is in `bot/terminal/`."""

import errno
import sys
from functools import partial
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from bot.config.demo_request import REQUEST
from bot.terminal.agent_commands import agents
from bot.terminal.command_table import run
from bot.terminal.connector_commands import connectors
from bot.terminal.mcp_commands import mcp
from bot.terminal.skill_commands import skills
from orchestrator.errors import BadSettings, ThreadworkError

FOLDER = click.Path(file_okay=False, path_type=Path)
EXISTING = click.Path(exists=True, file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
NEW_FILE = click.Path(dir_okay=False, path_type=Path)

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


for group in (agents, skills, connectors, mcp):
    cli.add_command(group)


@cli.command()
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=int, help="Port to listen on; 0 picks a free one.")
@click.pass_context
def up(context: click.Context, host: str | None, port: int | None) -> None:
    """Start the hub, the agent host, and the web workspace, and print a one-time link."""
    from bot.terminal import startup

    startup.up(partial(run, context, "up"), web={"host": host, "port": port})


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
    run(context, "ask", request or "", files, yes=yes, out=out, task=task)


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
        startup.up(partial(run, context, "up"), rehearsal=True)
    else:
        run(context, "ask", REQUEST, (), yes=yes, out=out, rehearsal=True)


@cli.command()
@click.pass_context
def tasks(context: click.Context) -> None:
    """List the tasks, newest first."""
    run(context, "tasks")


@cli.command()
@click.argument("task")
@click.pass_context
def show(context: click.Context, task: str) -> None:
    """Show TASK: its card, thread, files, and what needs you."""
    run(context, "show", task)


@cli.command("log")
@click.argument("task")
@click.pass_context
def log_of(context: click.Context, task: str) -> None:
    """Trace each button press in TASK through to its effect, using the hub's and the host's log files."""
    run(context, "log", task)


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
    run(context, "approve", approval, reject=reject, edit=edit, for_task=for_task)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON, for programs.")
@click.option(
    "--live", is_flag=True, help="Also give the model three small tasks (costs a little) and check the chat platforms."
)
@click.pass_context
def doctor(context: click.Context, as_json: bool, live: bool) -> None:
    """Check everything threadwork needs, and list what's missing and what it would add."""
    run(context, "doctor", as_json=as_json, live=live)


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
    run(context, "try-model", name, api_base=api_base, as_json=as_json)


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
    run(context, "tool", name, args=args, folder=folder, out=out, as_json=as_json)


class _Platforms(click.Group):
    """A command for each platform; their table is loaded when one is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        from bot.terminal import platform_init_commands

        return platform_init_commands.names()

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        from bot.terminal import platform_init_commands

        return platform_init_commands.command(cmd_name)


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
        run(context, "logins")


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
    run(context, "logins add", name, domains, state, team)


@logins.command()
@click.argument("name")
@TEAM
@click.pass_context
def remove(context: click.Context, name: str, team: str) -> None:
    """Remove the login NAME."""
    run(context, "logins remove", name, team)


@cli.command()
@click.pass_context
def migrate(context: click.Context) -> None:
    """Update the database to this version's schema."""
    run(context, "migrate")


@cli.command()
@click.argument("name")
@click.option("--also", multiple=True, help="Their chat ID, e.g. slack:T1/U2, to show them their private tasks too.")
@click.pass_context
def invite(context: click.Context, name: str, also: tuple[str, ...]) -> None:
    """Print a one-time sign-in link to the web workspace for NAME."""
    run(context, "invite", name, also)


@cli.group(invoke_without_command=True)
@click.pass_context
def sessions(context: click.Context) -> None:
    """List the web workspace's browser sessions, end one, or remove a person."""
    if context.invoked_subcommand is None:
        run(context, "sessions")


@sessions.command("end")
@click.argument("session")
@click.pass_context
def end_session(context: click.Context, session: str) -> None:
    """End SESSION, an ID from the `sessions` list."""
    run(context, "sessions end", session)


@sessions.command("remove")
@click.argument("name")
@click.pass_context
def remove_person(context: click.Context, name: str) -> None:
    """Remove NAME from the workspace, and revoke their sessions and sign-in links."""
    run(context, "sessions remove", name)


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
