"""`threadwork init discord`: from no application at all to a bot that may do all it needs in a server."""

import asyncio
import sys
from functools import partial

import click

from bot.config.command_name import next_step
from bot.config.settings import Settings
from bot.discord.examine import examine_servers, examine_token
from bot.terminal import setup_walk
from bot.terminal.setup_walk import Options, Secret
from orchestrator.errors import Refused

MAKE = """\
Discord, in five minutes. Nothing will listen on the internet: threadwork opens the connection itself.

1. Make the bot. Open https://discord.com/developers/applications, press New Application, name it threadwork.
2. On Bot: switch Message Content Intent on and save (without it, Discord hands over empty messages).
3. On Bot: press Reset Token and copy the token. It is shown once.
"""
USE = """
5. Start threadwork: {up}
6. In a channel of that server, ask (choose the bot from the list that @ opens):
   @threadwork {request}
   A thread opens with a plan; press Start.
{look} asks Discord all of this again, whenever you like.
"""
MISSING = "DISCORD_TOKEN (or discord.token in threadwork.toml)"


def setup(options: Options) -> None:
    """Asks, looks, writes. Raises Refused, BadSettings, UsageError."""
    settings = setup_walk.settings_of(options)
    setup_walk.run(lambda: _walk(options, settings), command="init discord", missing=MISSING)


def _walk(options: Options, settings: Settings) -> None:
    url = settings.discord.api_url or ""
    known = settings.discord.token.get_secret_value() if settings.discord.token else ""
    secret = Secret("bot token", "DISCORD_TOKEN", partial(examine_token, api_url=url), known)
    if not known:
        click.echo(MAKE)
    token = setup_walk.ask(secret)
    click.echo()
    setup_walk.keep(options, "discord", {"token": token}, (secret,))
    click.echo("\n4. Let it into a server, with the least permissions.")
    _invited(token, url)
    up, look = (setup_walk.command(options, words) for words in ("up", "doctor --live"))
    click.echo(USE.format(up=up, look=look, request=setup_walk.first_request(settings)))


def _invited(token: str, url: str) -> None:
    """Looks until the bot is in a server with all it needs; the token is kept by then."""
    while True:
        checks = asyncio.run(examine_servers(token, url))
        setup_walk.show(checks)
        if any(check.level == "ok" for check in checks):
            return
        click.echo("Press Enter when that is done; Ctrl-C ends here, and the token is kept. ", nl=sys.stdin.isatty())
        if not sys.stdin.readline():
            again = f"The token is kept. Do what is said above, then type {next_step('init discord')} again."
            raise Refused(again)
