"""Checks the configured chat accounts without asking the platforms."""

from typing import Any

from bot.config.command_name import next_step
from bot.config.health_check import HealthCheck
from bot.config.settings import Settings
from bot.platform_registration import Platform
from bot.platforms import PLATFORMS, Platforms


def accounts(settings: Settings, rows: Platforms = PLATFORMS) -> list[HealthCheck]:
    """One check for each platform that has a token."""
    if found := [check for row in rows if (check := _account(settings, row)) is not None]:
        return found
    more = " or ".join(f"`{next_step(f'init {row.name}')}`" for row in rows)
    return [
        HealthCheck("platforms", "ok", f"only the web workspace is set up; to connect your team's chat, run {more}.")
    ]


def _account(settings: Settings, row: Platform[Any]) -> HealthCheck | None:
    it, name, title = settings.platforms[row.name], row.name, row.title
    if it.missing:
        words = f"{title} is off: {f'{name}.{it.missing}'!r} isn't set."
        return HealthCheck(name, "fail", words, f"`{next_step(f'init {name}')}`")
    if not it.serves:
        return None
    unasked = f"{title} wasn't checked; `{next_step('doctor --live')}` checks it"
    return it.wrong() or HealthCheck(name, "ok", f"{it.summary}; {unasked}")
