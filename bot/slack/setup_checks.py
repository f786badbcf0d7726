"""Checks Slack's setup for `doctor` and `init`: each token, each scope and Socket Mode."""

from typing import Any, cast

from slack_sdk.web.async_client import AsyncWebClient

from bot.cards.card import Card, StepRow
from bot.chat_platform import CardItem
from bot.config.health_check import HealthCheck
from bot.slack import token_format
from bot.slack.errors import error_name, slack_errors
from bot.slack.render import message
from bot.slack.web_api import SlackWebApi, connection
from orchestrator.domain.ids import TaskId
from orchestrator.errors import PlatformFailed

SCOPES = (
    "app_mentions:read",
    "assistant:write",
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
    "usergroups:read",
    "users:read",
)
"""What the manifest in deploy/slack asks for."""
SOCKET_MODE = "At api.slack.com/apps, in your app, turn on Socket Mode."
AGAIN = (
    "At api.slack.com/apps, in your app, add them under OAuth & Permissions, then reinstall the app under Install App; "
    "the token doesn't change."
)
_UNKNOWN = (
    "invalid_auth",
    "not_authed",
    "token_revoked",
    "token_expired",
    "account_inactive",
    "not_allowed_token_type",
)


async def examine_bot(token: str, api_url: str = "") -> list[HealthCheck]:
    """Asks Slack whose bot token it is and what it may do. Changes nothing; never raises for an answer from Slack."""
    if wrong := token_format.bot_token(token):
        return [wrong]
    client = connection(token, api_url)
    try:
        said = await _asked(client, "auth.test")
    except PlatformFailed as error:
        return [_refused(error, "bot token", token_format.WHERE_BOT)]
    who = HealthCheck(
        "slack", "ok", f"The bot token works: signed in to {said.data['team']!r} as {said.data['user']!r}."
    )
    headers = {str(k).lower(): str(v) for k, v in said.headers.items()}
    given = {scope.strip() for scope in headers.get("x-oauth-scopes", "").split(",")}
    if missing := [scope for scope in SCOPES if scope not in given]:
        return [who, HealthCheck("slack", "fail", f"The app lacks the scopes {', '.join(missing)}.", AGAIN)]
    return [
        who,
        HealthCheck("slack", "ok", f"The app has all {len(SCOPES)} scopes."),
        *await _card(SlackWebApi(client)),
    ]


async def examine_app(token: str, api_url: str = "", *, bot_token: str = "") -> list[HealthCheck]:
    """Asks Slack for a Socket Mode link, which is left unused and expires. With a good bot token: do both belong to one
    app?"""
    if wrong := token_format.app_token(token):
        return [wrong]
    try:
        said = await _asked(connection(token, api_url), "apps.connections.open")
    except PlatformFailed as error:
        return [_app_refused(error)]
    if bot_token and (other := await _other_app(token, SlackWebApi(connection(bot_token, api_url)))):
        return [other]
    good = HealthCheck("slack", "ok", "The app token works.")
    if "Socket Mode is not turned on" in str(said.data.get("response_metadata")):
        # Slack still gives a link and says hello; some apps then receive nothing, so it isn't a mere remark.
        words = "Socket Mode is off, so no messages arrive."
        return [good, HealthCheck("slack", "warn", words, SOCKET_MODE)]
    return [good, HealthCheck("slack", "ok", "Socket Mode is on.")]


async def _asked(client: AsyncWebClient, method: str) -> Any:
    """Returns the whole answer, with its headers."""
    with slack_errors(f"calling {method}"):
        return await cast(Any, client).api_call(method)


def _app_refused(error: PlatformFailed) -> HealthCheck:
    match error_name(error.__cause__):
        case "missing_scope":
            words = "The app token lacks the 'connections:write' scope."
            return HealthCheck("slack", "fail", words, token_format.WHERE_APP)
        case "socket_mode_disabled":
            return HealthCheck("slack", "fail", "Socket Mode is off.", SOCKET_MODE)
        case _:
            return _refused(error, "app token", token_format.WHERE_APP)


def _refused(error: PlatformFailed, what: str, where: str) -> HealthCheck:
    name = error_name(error.__cause__)
    if name in _UNKNOWN:
        return HealthCheck("slack", "fail", f"Slack rejects this {what} ({name}).", where)
    if name:
        return HealthCheck("slack", "fail", str(error), "Look up the error at docs.slack.dev, then try again.")
    return HealthCheck(
        "slack",
        "fail",
        f"Slack didn't respond when asked about the {what}.",
        "Check your network connection, then try again.",
    )


async def _other_app(app_token: str, web: SlackWebApi) -> HealthCheck | None:
    """Finds two tokens of two apps: each is good, and nothing is ever received. Silent if Slack doesn't tell."""
    try:
        me = await web.read("auth.test", "checking the bot token")
        told = await web.read("bots.info", "checking the bot token", bot=me.get("bot_id"))
    except PlatformFailed:
        return None
    bot = cast("dict[str, Any]", told.get("bot") or {})
    ours, theirs = str(bot.get("app_id") or ""), token_format.app_of(app_token)
    if not ours or not theirs or ours == theirs:
        return None
    words = f"The tokens belong to different apps: the bot token to {ours}, the app token to {theirs}."
    return HealthCheck("slack", "fail", words, "Copy both from the same app at api.slack.com/apps.")


async def _card(web: SlackWebApi) -> list[HealthCheck]:
    """Lets Slack check one of our cards, if it offers to."""
    rows = (StepRow(id="look", title="Look at prices", agent="browser", state="running", doing="Reading"),)
    card = Card(task=TaskId("doctor"), seq=1, title="A card", state="running", headline="1 running", rows=rows)
    try:
        blocks = message(CardItem(card=card)).blocks
        await web.read("blocks.validate", "checking a card", blocks=list(blocks))
    except PlatformFailed as error:
        if error_name(error.__cause__) in ("invalid_blocks", "invalid_blocks_format"):
            return [HealthCheck("slack", "warn", f"Slack can't show our cards: {error}", "Update threadwork.")]
        return []
    return [HealthCheck("slack", "ok", "Slack can show our cards.")]
