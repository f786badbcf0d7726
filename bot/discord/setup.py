"""How Discord is set up: from no application at all to a bot that may do all it needs in a server."""

from collections.abc import Sequence

from bot.config.check import HealthCheck
from bot.config.setup import Answers, Last, SecretQuestion, Walk
from bot.discord.examine import examine_servers, examine_token
from bot.discord.settings import Discord

HEAD = """\
Discord, in five minutes. Nothing listens on the internet: threadwork opens the connection.
"""
MAKE = """\
1. Make the bot. Open https://discord.com/developers/applications, press New Application, name it threadwork.
2. On Bot: switch Message Content Intent on and save (without it, Discord sends empty messages).
3. On Bot: press Reset Token and copy the token. It is shown once.
"""
INVITE = """
4. Add it to a server, with the fewest permissions."""
USE = """
5. Start threadwork: {up}
6. In a channel of that server, ask (choose the bot from the list that @ opens):
   @threadwork {request}
   A thread opens with a plan; press Start.
{look} checks all of this again at any time.
"""


def walk(it: Discord) -> Walk:
    """With the questions asked of the server that is set."""
    url = it.api_url or ""

    async def token(value: str, before: Answers) -> Sequence[HealthCheck]:
        return await examine_token(value, url)

    async def servers(answers: Answers) -> Sequence[HealthCheck]:
        return await examine_servers(answers["token"], url)

    ask = SecretQuestion("token", "bot token", "DISCORD_TOKEN", token)
    return Walk(HEAD, (ask,), USE, make=MAKE, last=Last(INVITE, servers))
