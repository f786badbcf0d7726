"""Every chat platform, one row each: all that the hub, `doctor`, `init` and the settings know about it."""

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from pkgutil import resolve_name
from typing import Any

from bot.config import settings
from bot.config.settings import Settings
from bot.discord.rate_limits import LIMITS as DISCORD_LIMITS
from bot.discord.settings import DiscordSettings
from bot.platform_registration import Platform
from bot.slack.manifest import manifest
from bot.slack.rate_limits import LARGEST as SLACK_LARGEST
from bot.slack.rate_limits import LIMITS as SLACK_LIMITS
from bot.slack.settings import SlackSettings

Platforms = Sequence[Platform[Any]]


# Services are loaded by name: the platforms' libraries take a while, and most hubs serve one or none.
PLATFORMS: Platforms = (
    Platform(
        name="slack", title="Slack", settings=SlackSettings, team=r"[TE][A-Z0-9]+|@[^/]+/[^/]+", limits=SLACK_LIMITS,
        service=partial(resolve_name, "bot.slack.registration:SERVICE"), thinking=30, largest=SLACK_LARGEST,
        manifest=manifest,
    ),
    Platform(
        name="discord", title="Discord", settings=DiscordSettings, team=r"[0-9]+|@me/[0-9]+", limits=DISCORD_LIMITS,
        service=partial(resolve_name, "bot.discord.registration:SERVICE"), thinking=8,
    ),
)  # fmt: skip


def load(
    config: Path | None = None, *, environment: Mapping[str, str] | None = None, rows: Platforms = PLATFORMS,
    **arguments: object,
) -> Settings:  # fmt: skip
    """Returns the settings in force, with a section for each platform. See `bot.config.settings.load`."""
    sections = {row.name: row.settings for row in rows}
    return settings.load(config, environment=environment, platforms=sections, **arguments)
