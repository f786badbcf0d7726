"""Discord as one of the hub's platforms: its account, its checks and its setup."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from bot.chat_platform import ChatPlatform
from bot.config.health_check import HealthCheck
from bot.config.read_secret_setting import secret
from bot.discord.events import DIRECT
from bot.discord.platform import DiscordPlatform
from bot.discord.settings import DiscordSettings
from bot.discord.setup_checks import examine
from bot.discord.setup_steps import walk
from bot.platform_registration import Service, Wiring


def _open(it: DiscordSettings, wiring: Wiring) -> ChatPlatform:
    return DiscordPlatform(
        token=secret(it.token), read=wiring.read, since=wiring.since, api_url=it.api_url or "",
        gateway_url=it.gateway_url or "", directs=partial(wiring.channels, DIRECT), connected=wiring.connected,
    )  # fmt: skip


async def _examine(it: DiscordSettings, home: Path) -> Sequence[HealthCheck]:
    return await examine(secret(it.token), it.api_url or "")


SERVICE: Service[DiscordSettings] = Service(open=_open, examine=_examine, walk=walk)
