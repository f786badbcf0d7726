"""Discord's section of the settings. Pure."""

from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field, SecretStr

from bot.config.health_check import HealthCheck
from bot.config.platform_settings import PlatformSettings
from bot.discord import token_format


class DiscordSettings(PlatformSettings):
    needs: ClassVar[tuple[str, ...]] = ("token",)
    variables: ClassVar[Mapping[str, str]] = {"DISCORD_TOKEN": "token"}

    token: SecretStr | None = Field(default=None, description="Discord bot token.")
    api_url: str | None = Field(default=None, description="A Discord-compatible REST server instead of Discord's own.")
    gateway_url: str | None = Field(default=None, description="A Discord-compatible gateway instead of Discord's own.")

    def wrong(self) -> HealthCheck | None:
        return token_format.token(self.token.get_secret_value()) if self.token else None
