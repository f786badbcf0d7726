"""The chat accounts that are set, looked at without asking anybody."""

from bot.config.check import Check
from bot.config.command_name import next_step
from bot.config.settings import Settings
from bot.discord import tokens as discord_tokens
from bot.slack import tokens as slack_tokens


def accounts(settings: Settings) -> list[Check]:
    """One row for each platform that has a token."""
    rows = [*slack(settings), *discord(settings)]
    if rows:
        return rows
    more = f"`{next_step('init slack')}` or `{next_step('init discord')}` adds your chat."
    return [Check("platforms", "ok", f"only the web workspace; {more}")]


def slack(settings: Settings) -> list[Check]:
    it = settings.slack
    if missing := settings.missing_token:
        return [Check("slack", "fail", f"Slack is not served: {missing!r} is not set.", f"`{next_step('init slack')}`")]
    if not settings.serves_slack:
        return []
    wrong = None
    if it.bot_token is not None:
        wrong = slack_tokens.bot_token(it.bot_token.get_secret_value())
    if wrong is None and it.app_token is not None:
        wrong = slack_tokens.app_token(it.app_token.get_secret_value())
    if wrong is not None:
        return [wrong]
    who = "workspaces install the app at /slack/install" if it.several else "a bot token is set"
    how = "Slack comes to /slack/events" if it.over_http else "an app token is set"
    return [Check("slack", "ok", f"{who}; {how}; {_unasked('Slack')}")]


def discord(settings: Settings) -> list[Check]:
    token = settings.discord.token
    if token is None:
        return []
    wrong = discord_tokens.token(token.get_secret_value())
    return [wrong or Check("discord", "ok", f"a token is set; {_unasked('Discord')}")]


def _unasked(who: str) -> str:
    return f"{who} was not asked (`{next_step('doctor --live')}` does)"
