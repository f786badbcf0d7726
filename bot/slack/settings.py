"""Slack's section of the settings. Pure."""

from collections.abc import Mapping
from typing import Annotated, ClassVar

from pydantic import BeforeValidator, Field, SecretStr

from bot.config import read_settings_sources
from bot.config.health_check import HealthCheck
from bot.config.platform_settings import PlatformSettings
from bot.slack import token_format

Words = Annotated[tuple[str, ...], BeforeValidator(read_settings_sources.words)]


class SlackSettings(PlatformSettings):
    variables: ClassVar[Mapping[str, str]] = {
        "SLACK_BOT_TOKEN": "bot_token",
        "SLACK_APP_TOKEN": "app_token",
        "SLACK_SIGNING_SECRET": "signing_secret",
        "SLACK_CLIENT_ID": "client_id",
        "SLACK_CLIENT_SECRET": "client_secret",
    }

    bot_token: SecretStr | None = Field(default=None, description="Slack bot token (`xoxb-…`).")
    app_token: SecretStr | None = Field(default=None, description="Slack app-level token (`xapp-…`).")
    signing_secret: SecretStr | None = Field(
        default=None, description="Signing secret for Slack's requests to `/slack/events`, if there's no app token."
    )
    client_id: str = Field(
        default="", description="Client ID, for installing the app in several workspaces at `/slack/install`."
    )
    client_secret: SecretStr | None = Field(default=None, description="Client secret that goes with `slack.client_id`.")
    teams: Words = Field(
        default=(), description="IDs (`T…`) of the workspaces allowed to install the app; default: any."
    )
    api_url: str | None = Field(default=None, description="A Slack-compatible server instead of Slack's own.")

    @property
    def over_http(self) -> bool:
        """Whether Slack connects to us, instead of us to Slack."""
        return bool(self.signing_secret and not self.app_token)

    @property
    def several(self) -> bool:
        """Whether workspaces install the app themselves; the single bot token is then not used."""
        return bool(self.client_id and self.client_secret)

    @property
    def serves(self) -> bool:
        return bool((self.bot_token or self.several) and (self.app_token or self.over_http))

    @property
    def missing(self) -> str:
        if bool(self.client_id) != bool(self.client_secret):
            return "client_secret" if self.client_id else "client_id"
        if (self.bot_token or self.several) and not (self.app_token or self.over_http):
            return "app_token"
        return "bot_token" if self.app_token and not (self.bot_token or self.several) else ""

    @property
    def summary(self) -> str:
        who = "workspaces install the app at /slack/install" if self.several else "a bot token is set"
        how = "Slack sends events to /slack/events" if self.over_http else "an app token is set"
        return f"{who}; {how}"

    def wrong(self) -> HealthCheck | None:
        wrong = token_format.bot_token(self.bot_token.get_secret_value()) if self.bot_token else None
        return wrong or (token_format.app_token(self.app_token.get_secret_value()) if self.app_token else None)
