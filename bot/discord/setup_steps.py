"""The setup of Discord: from no application to a bot that has every permission it needs in a server."""

from collections.abc import Sequence

from bot.config.health_check import HealthCheck
from bot.config.platform_setup_steps import Answers, Last, SecretQuestion, Walk
from bot.discord.settings import DiscordSettings
from bot.discord.setup_checks import examine_servers, examine_token

HEAD = """\
Set up Discord in five minutes. threadwork opens the connection, so your machine doesn't need a public address.
"""
MAKE = """\
1. Create the bot. Open https://discord.com/developers/applications, press New Application, and name it threadwork.
2. On the Bot page, turn on Message Content Intent and save (without it, Discord sends empty messages).
3. On the Bot page, press Reset Token and copy the token. It's shown only once.
"""
INVITE = """
4. Add the bot to a server, with only the permissions it needs."""
USE = """
5. Start threadwork: {up}
6. In a channel on that server, ask (choose the bot from the list that @ opens):
   @threadwork {request}
   It opens a thread with a plan; press Start.
To check all of this again, run {look}.
"""


def walk(it: DiscordSettings) -> Walk:
    """Asks the configured server."""
    url = it.api_url or ""

    async def token(value: str, before: Answers) -> Sequence[HealthCheck]:
        return await examine_token(value, url)

    async def servers(answers: Answers) -> Sequence[HealthCheck]:
        return await examine_servers(answers["token"], url)

    ask = SecretQuestion("token", "bot token", "DISCORD_TOKEN", token)
    return Walk(HEAD, (ask,), USE, make=MAKE, last=Last(INVITE, servers))
