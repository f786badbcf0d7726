"""`threadwork init slack`: from no app at all to one that Slack has been asked about."""

import sys
from functools import partial

import click

from bot.config.settings import Settings
from bot.slack.examine import examine_app, examine_bot
from bot.slack.manifest import manifest
from bot.terminal import setup_walk
from bot.terminal.setup_walk import Options, Secret

HEAD = """\
Slack, in five minutes. Nothing will listen on the internet: threadwork opens the connection itself.
"""
MAKE = """\
1. Make the app. Open https://api.slack.com/apps, press Create New App, From a manifest, choose your workspace,
   and paste (under YAML) what stands in
     {file}
   Then Next, Create.
"""
INSTALL = """\
2. Install it: on the app's page, Install App, Install to Workspace, Allow. Copy the Bot User OAuth Token.
"""
CONNECT = """\
3. Let it connect: Basic Information, App-Level Tokens, Generate Token and Scopes; any name, Add Scope,
   connections:write, Generate. Copy the token.
"""
USE = """
4. Start threadwork: {up}
5. In a channel of Slack, type /invite @threadwork, then ask:
   @threadwork {request}
   A thread opens with a plan; press Start.
{look} asks Slack all of this again, whenever you like.
"""
MISSING = "SLACK_BOT_TOKEN and SLACK_APP_TOKEN (or slack.bot_token and slack.app_token in threadwork.toml)"


def setup(options: Options) -> None:
    """Asks, looks, writes. Raises Refused, BadSettings, UsageError."""
    settings = setup_walk.settings_of(options)
    setup_walk.run(lambda: _walk(options, settings), command="init slack", missing=MISSING)


def print_manifest() -> None:
    """For a pipe to the clipboard."""
    click.echo(manifest().read_text("utf-8"), nl=False)


def _walk(options: Options, settings: Settings) -> None:
    here, url = settings.slack, settings.slack.api_url or ""
    bot = Secret(
        "bot token", "SLACK_BOT_TOKEN", partial(examine_bot, api_url=url),
        here.bot_token.get_secret_value() if here.bot_token else "",
    )  # fmt: skip
    click.echo(HEAD)
    if not bot.set:
        click.echo(MAKE.format(file=manifest()))
        if sys.stdin.isatty() and click.confirm("Print it here?", default=False):
            print_manifest()
        click.echo(f"\n{INSTALL}")
    bot_token = setup_walk.ask(bot)
    app = Secret(
        "app token", "SLACK_APP_TOKEN", partial(examine_app, api_url=url, bot_token=bot_token),
        here.app_token.get_secret_value() if here.app_token else "",
    )  # fmt: skip
    click.echo("" if app.set else f"\n{CONNECT}")
    app_token = setup_walk.ask(app)
    click.echo()
    setup_walk.keep(options, "slack", {"bot_token": bot_token, "app_token": app_token}, (bot, app))
    up, look = (setup_walk.command(options, words) for words in ("up", "doctor --live"))
    click.echo(USE.format(up=up, look=look, request=setup_walk.first_request(settings)))
