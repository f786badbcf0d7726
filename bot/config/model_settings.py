"""Settings of models: which are used, how they are reached, and what is known about them."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field, SecretStr

from bot.config import read_settings_sources
from orchestrator.domain.base_value import Value
from orchestrator.domain.model_messages import Effort

Words = Annotated[tuple[str, ...], BeforeValidator(read_settings_sources.words)]

USUAL_MODELS: Mapping[str, str] = {
    "anthropic": "anthropic/claude-sonnet-4-5",
    "openai": "openai/gpt-5",
    "gemini": "gemini/gemini-2.5-pro",
}
"""The model to use if only a provider's key is set, in order of preference."""


class ModelSettings(Value):
    """Your own model, under a name you choose."""

    model: str = Field(description="litellm's name for the model, e.g. `openai/my-model`.")
    api_base: str | None = Field(default=None, description="Base URL of the server that runs this model.")
    api_key: SecretStr | None = Field(default=None, description="Key for this model.")
    prompt_price: float | None = Field(default=None, ge=0, description="US dollars per million prompt tokens.")
    completion_price: float | None = Field(default=None, ge=0, description="US dollars per million reply tokens.")
    cached_price: float | None = Field(
        default=None, ge=0, description="US dollars per million cached prompt tokens; default: `prompt_price`."
    )
    effort: Effort | None = Field(
        default=None,
        description="Thinking effort (`none`, `low`, `medium`, `high`), unless `models.efforts` sets one.",
    )
    window: int | None = Field(
        default=None,
        ge=1000,
        description="Maximum tokens for prompt and reply together; default: what its server reports.",
    )
    sees: bool | None = Field(
        default=None, description="Whether it can look at pictures; default: what litellm's table says."
    )


class ModelsSettings(Value):
    default: str | None = Field(
        default=None, description="The model that agents use (litellm's name); default: the rehearsal."
    )
    planner: str | None = Field(
        default=None, description="The model that drafts plans; default: the same as `models.default`."
    )
    fallbacks: Words = Field(default=(), description="Models to try, in order, if the first one can't answer.")
    api_base: str | None = Field(default=None, description="Base URL of a local or other OpenAI-compatible server.")
    api_key: SecretStr | None = Field(
        default=None, description="Key for `api_base`, or for the default model's provider."
    )
    keys: dict[str, SecretStr] = Field(default={}, description="Keys by provider, e.g. `openai`.")
    roles: Annotated[dict[str, str], BeforeValidator(read_settings_sources.table)] = Field(
        default={}, description='Models by agent name, e.g. `browser = "openai/gpt-5-mini"`.'
    )
    efforts: Annotated[dict[str, Effort], BeforeValidator(read_settings_sources.table)] = Field(
        default={},
        description="Thinking effort (`none`, `low`, `medium`, `high`) by agent name, or for `planner`; default: each"
        " model's own.",
    )
    rows: Annotated[dict[str, ModelSettings], BeforeValidator(read_settings_sources.table)] = Field(
        default={}, description="Your own models, by name: server, prices, and whether they see pictures."
    )
    seconds: float = Field(default=300, gt=0, description="Seconds of silence from a model before its turn times out.")
    rehearsal_pause: float = Field(
        default=0.5,
        ge=0,
        le=60,
        description="Seconds to wait before each rehearsal answer so that people can follow along.",
    )

    @property
    def chosen(self) -> str | None:
        """Returns the default model: the setting, or the usual one of the provider whose key is set; None: the
        rehearsal."""
        return self.default or next((m for provider, m in USUAL_MODELS.items() if provider in self.keys), None)

    @property
    def thinking(self) -> tuple[str, ...]:
        """Returns the models for which a thinking effort is set, without repetitions."""
        if self.chosen is None:
            return ()
        of_roles = [self.planner if role == "planner" else self.roles.get(role) for role in self.efforts]
        of_rows = [name for name, row in self.rows.items() if row.effort]
        return tuple(dict.fromkeys([*(name or self.chosen for name in of_roles), *of_rows]))

    @property
    def used(self) -> tuple[str, ...]:
        """Returns the models that the settings name, without repetitions; none for the rehearsal."""
        if self.chosen is None:
            return ()
        planner = (self.planner,) if self.planner else ()
        return tuple(dict.fromkeys((self.chosen, *self.rows, *self.roles.values(), *self.fallbacks, *planner)))
