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


@skills.command("install")
@click.argument("source")
@click.option("--skill", "name", default="", metavar="NAME", help="The one to install, if there are several.")
@click.option("--person", metavar="ID", help="Only for this person, e.g. `slack:T1/U2`.")
@click.option("--channel", metavar="ID", help="Only for this channel, e.g. `slack:T1/C2`.")
@click.option("--team", metavar="ID", help="Only for this team, e.g. `slack:T1`.")
@click.option("--yes", is_flag=True, help="Install it without asking.")
@click.pass_context
def install_skill(
    context: click.Context, source: str, name: str, person: str | None, channel: str | None, team: str | None, yes: bool
) -> None:  # fmt: skip
    """Show a skill, and install it for everyone once you agree.

    SOURCE is a folder, a zip file, the https address of one, a folder of a git repository such as
    `https://github.com/OWNER/NAME/tree/main/skills/pdf`, or a website that lists its skills.
    """
    given = [(whose, id_) for whose, id_ in (("person", person), ("channel", channel), ("team", team)) if id_]
    if len(given) > 1:
        raise click.UsageError("Give only one of --person, --channel, and --team.")
    run(context, "skills install", source, name, given[0] if given else ("team", ""), yes=yes)


@skills.command("restore")
@click.argument("name")
@click.pass_context
def restore_skill(context: click.Context, name: str) -> None:
    """Bring the archived skill NAME back; `threadwork skills` lists them."""
    run(context, "skills restore", name)
