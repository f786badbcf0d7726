"""`threadwork doctor --live`: what the chat platforms themselves say about what is set."""

import asyncio
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import TYPE_CHECKING

from pydantic import SecretStr

from bot.config.check import Check
from bot.config.settings import Discord, Settings
from bot.doctor.accounts import accounts

if TYPE_CHECKING:
    from bot.slack.installs import Installs


async def platforms(settings: Settings) -> list[Check]:
    """One row for each thing asked; a platform whose tokens are wrong at sight is not asked."""
    sound = {check.name for check in accounts(settings) if check.level == "ok"}
    asked: list[Awaitable[list[Check]]] = []
    if "slack" in sound:
        asked.append(_slack(settings))
    if "discord" in sound:
        asked.append(_discord(settings.discord))
    return [check for checks in await asyncio.gather(*asked) for check in checks]


async def _slack(settings: Settings) -> list[Check]:
    """Each workspace, and the connection, as far as they are set. Over HTTP only Slack itself can try the way to us."""
    it, examine = settings.slack, await asyncio.to_thread(_slack_examination)
    url, found = it.api_url or "", list[Check]()
    tokens = await _installed(settings) if it.several else [_said(it.bot_token)]
    for token in tokens:
        found += await examine.examine_bot(token, url)
    if it.app_token is not None:
        known = tokens[0] if tokens and found[0].level == "ok" else ""
        found += await examine.examine_app(_said(it.app_token), url, bot_token=known)
    if not tokens:
        found.append(Check("slack", "warn", "No workspace has installed the app yet.", "Open /slack/install here."))
    return found


async def _installed(settings: Settings) -> list[str]:
    installs = (await asyncio.to_thread(_slack_installs))(settings.home / "slack")
    await installs.load()
    return [install.token for install in installs.known.values()]


async def _discord(it: Discord) -> list[Check]:
    look = await asyncio.to_thread(_discord_look)
    return await look(_said(it.token), it.api_url or "")


def _slack_examination() -> ModuleType:
    # Here, and in a thread: importing a client takes a while.
    from bot.slack import examine

    return examine


def _slack_installs() -> "type[Installs]":
    # As above.
    from bot.slack.installs import Installs

    return Installs


def _discord_look() -> Callable[..., Awaitable[list[Check]]]:
    # As above.
    from bot.discord.examine import examine

    return examine


def _said(value: SecretStr | None) -> str:
    return value.get_secret_value() if value else ""
