"""Checks what Slack's two tokens look like, before Slack is asked. Pure."""

import re

from bot.config.health_check import HealthCheck

WHERE_BOT = "At api.slack.com/apps, in your app, under Install App, copy the Bot User OAuth Token (xoxb-…)."
WHERE_APP = (
    "At api.slack.com/apps, in your app, under Basic Information > App-Level Tokens, generate one with "
    "the connections:write scope (xapp-…)."
)
_BOT = re.compile(r"xoxb-[A-Za-z0-9-]+")
_APP = re.compile(r"xapp-[A-Za-z0-9-]+")


def bot_token(token: str) -> HealthCheck | None:
    """Says what is wrong with a bot token's format; None: nothing."""
    if _BOT.fullmatch(token):
        return None
    words = "This is the app token" if token.startswith("xapp-") else "This isn't a bot token"
    return HealthCheck("slack", "fail", f"{words}; the bot token starts with 'xoxb-'.", WHERE_BOT)


def app_token(token: str) -> HealthCheck | None:
    """Says what is wrong with an app token's format; None: nothing."""
    if _APP.fullmatch(token):
        return None
    words = "This is the bot token" if token.startswith("xoxb-") else "This isn't an app token"
    return HealthCheck("slack", "fail", f"{words}; the app token starts with 'xapp-'.", WHERE_APP)


def app_of(token: str) -> str:
    """Returns the id of the app that an app token belongs to, from the token itself; empty if it has none."""
    found = re.match(r"xapp-\d+-(A[A-Z0-9]+)-", token)
    return found[1] if found else ""
