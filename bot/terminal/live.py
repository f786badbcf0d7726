"""`threadwork doctor --live`: what the chat platforms themselves say about what is set."""

import asyncio
from collections.abc import Awaitable, Callable

from pydantic import SecretStr

from bot.accounts import accounts
from bot.check import Check
from bot.settings import Discord, Settings, Slack


async def platforms(settings: Settings) -> list[Check]:
    """One row for each thing asked; a platform whose tokens are wrong at sight is not asked."""
    sound = {check.name for check in accounts(settings) if check.level == "ok"}
    asked: list[Awaitable[list[Check]]] = []
    if "slack" in sound:
        asked.append(_slack(settings.slack))
    if "discord" in sound:
        asked.append(_discord(settings.discord))
    return [check for checks in await asyncio.gather(*asked) for check in checks]


async def _slack(it: Slack) -> list[Check]:
    look = await asyncio.to_thread(_slack_look)
    return await look(bot_token=_said(it.bot_token), app_token=_said(it.app_token), api_url=it.api_url or "")


async def _discord(it: Discord) -> list[Check]:
    look = await asyncio.to_thread(_discord_look)
    return await look(_said(it.token), it.api_url or "")


def _slack_look() -> Callable[..., Awaitable[list[Check]]]:
    # Here, and in a thread: importing a client takes a while.
    from bot.slack.examine import examine

    return examine


def _discord_look() -> Callable[..., Awaitable[list[Check]]]:
    # As above.
    from bot.discord.examine import examine

    return examine


def _said(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""
