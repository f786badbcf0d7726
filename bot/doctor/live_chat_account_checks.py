"""Asks the chat platforms about the configured accounts, for `threadwork doctor --live`."""

import asyncio
from collections.abc import Sequence
from typing import Any

from bot.config.health_check import HealthCheck
from bot.config.settings import Settings
from bot.doctor.chat_accounts import accounts
from bot.platform_registration import Platform
from bot.platforms import PLATFORMS, Platforms


async def platforms(settings: Settings, rows: Platforms = PLATFORMS) -> list[HealthCheck]:
    """Returns a check for each thing asked; a platform with obviously wrong tokens isn't asked."""
    sound = {check.name for check in accounts(settings, rows) if check.level == "ok"}
    asked = [_asked(settings, row) for row in rows if row.name in sound]
    return [check for checks in await asyncio.gather(*asked) for check in checks]


async def _asked(settings: Settings, row: Platform[Any]) -> Sequence[HealthCheck]:
    service = await asyncio.to_thread(row.service)
    return await service.examine(settings.platforms[row.name], settings.home)
