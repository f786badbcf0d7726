"""Whether Slack is set up: each token and scope, for `doctor` and `init`."""

from dataclasses import dataclass
from typing import Any, cast

from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.errors import slack_errors
from bot.slack.web import connection
from orchestrator.errors import PlatformFailed

SCOPES = (
    "app_mentions:read",
    "channels:history",
    "channels:read",
    "chat:write",
    "commands",
    "files:read",
    "files:write",
    "groups:history",
    "groups:read",
    "im:history",
    "im:read",
    "mpim:history",
    "mpim:read",
    "reactions:write",
    "users:read",
)
"""What the manifest in deploy/slack asks for."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, in words; `ok` False: it must be put right."""

    ok: bool
    words: str


async def examine(*, bot_token: str, app_token: str, api_url: str = "") -> list[Finding]:
    """Asks Slack about both tokens. Changes nothing; never raises for what Slack answers."""
    if not bot_token.startswith("xoxb-"):
        return [Finding(False, "The bot token must begin with 'xoxb-': see Install App in the app's settings.")]
    if not app_token.startswith("xapp-"):
        return [Finding(False, "The app token must begin with 'xapp-': see Basic Information, App-Level Tokens.")]
    client = connection(bot_token, api_url)
    return [*await _bot(client), await _app(client, app_token)]


async def _bot(client: AsyncWebClient) -> list[Finding]:
    try:
        with slack_errors("checking the bot token"):
            said = await cast(Any, client).auth_test()
    except PlatformFailed as error:
        return [Finding(False, str(error))]
    answer = cast("dict[str, Any]", said.data)
    found = [Finding(True, f"Signed in to {answer.get('team')!r} as {answer.get('user')!r}.")]
    headers = {str(k).lower(): str(v) for k, v in said.headers.items()}
    given = {scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",")}
    missing = [scope for scope in SCOPES if scope not in given]
    if missing:
        words = f"The app lacks the scopes {', '.join(missing)}: install it again with the manifest in deploy/slack."
        return [*found, Finding(False, words)]
    return [*found, Finding(True, "All scopes are there.")]


async def _app(client: AsyncWebClient, token: str) -> Finding:
    """A link is opened and left unused; Slack lets it lapse."""
    try:
        with slack_errors("checking the app token"):
            await cast(Any, client).apps_connections_open(app_token=token)
    except PlatformFailed as error:
        return Finding(False, f"{error} Socket Mode must be on, and the app token needs 'connections:write'.")
    return Finding(True, "Socket Mode answers.")
