"""The setup of Slack: from no app to one that Slack has checked."""

from collections.abc import Sequence

from bot.config.health_check import HealthCheck
from bot.config.platform_setup_steps import Answers, SecretQuestion, Walk
from bot.slack.manifest import manifest
from bot.slack.settings import SlackSettings
from bot.slack.setup_checks import examine_app, examine_bot

HEAD = """\
Set up Slack in five minutes. threadwork opens the connection, so your machine doesn't need a public address.
"""
MAKE = """\
1. Create the app. Open https://api.slack.com/apps, press Create New App, then From a manifest, choose your workspace,
   and paste the contents of this file under YAML:
     {file}
   Then press Next and Create.
"""
INSTALL = """\
2. Install it. On the app's page, press Install App, Install to Workspace, and Allow. Copy the Bot User OAuth Token.
"""
CONNECT = """\
3. Let it connect. Under Basic Information > App-Level Tokens, press Generate Token and Scopes. Enter any name,
   add the scope connections:write, and press Generate. Copy the token.
"""
USE = """
4. Start threadwork: {up}
5. In a Slack channel, send /invite @threadwork, then ask:
   @threadwork {request}
   It opens a thread with a plan; press Start.
To check all of this again, run {look}.
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
