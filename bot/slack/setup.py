"""The setup of Slack: from no app to one that Slack has checked."""

from collections.abc import Sequence

from bot.config.check import HealthCheck
from bot.config.setup import Answers, SecretQuestion, Walk
from bot.slack.manifest import manifest
from bot.slack.settings import SlackSettings
from bot.slack.setup_checks import examine_app, examine_bot

HEAD = """\
Slack, in five minutes. threadwork opens the connection, so nothing listens on the internet.
"""
MAKE = """\
1. Create the app. Open https://api.slack.com/apps, press Create New App, From a manifest, choose your workspace,
   and paste (under YAML) the contents of
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
{look} checks all of this again at any time.
"""


def walk(it: SlackSettings) -> Walk:
    """Asks the configured server."""
    url, file = it.api_url or "", manifest()

    async def bot(value: str, before: Answers) -> Sequence[HealthCheck]:
        return await examine_bot(value, url)

    async def app(value: str, before: Answers) -> Sequence[HealthCheck]:
        return await examine_app(value, url, bot_token=before["bot_token"])

    asks = (
        SecretQuestion("bot_token", "bot token", "SLACK_BOT_TOKEN", bot, INSTALL),
        SecretQuestion("app_token", "app token", "SLACK_APP_TOKEN", app, CONNECT),
    )
    return Walk(HEAD, asks, USE, make=MAKE.format(file=file), paste=file)
