"""Describes how models are reached: one endpoint for all, and a row for each model that differs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from orchestrator.domain.model_messages import Effort

_OWN_SERVERS: Mapping[str, str] = MappingProxyType(
    {
        "ollama": "http://127.0.0.1:11434",
        "ollama_chat": "http://127.0.0.1:11434",
        "lm_studio": "http://127.0.0.1:1234",
        "hosted_vllm": "http://127.0.0.1:8000",
        "llamafile": "http://127.0.0.1:8080",
    }
)
"""litellm's prefixes for servers of one's own, and where each usually listens."""


class Prices(NamedTuple):
    """US dollars per token. `cached`: of a prompt's tokens that the vendor read from its cache."""

    prompt: float
    completion: float
    cached: float


@dataclass(frozen=True)
class EndpointModel:
    """Settings of one model; None means the endpoint's.

    `model` is the vendor's name where `name` is one of our own.
    `prices` are for models missing from price tables.
    `window`: tokens of prompt and reply together, if neither the library's table nor the server says.
    `sees`: whether it accepts pictures, if the library's table doesn't know or is wrong.
    `effort`: how much it thinks, unless the prompt says so.
    `fallbacks` are the names to try, in order, when this model fails; empty: those of the endpoint. `timeout` bounds
    one call, in seconds.
    """

    name: str
    model: str | None = None
    api_base: str | None = None
    api_key: str | None = field(default=None, repr=False)
    prices: Prices | None = None
    window: int | None = None
    sees: bool | None = None
    effort: Effort | None = None
    fallbacks: tuple[str, ...] = ()
    timeout: float | None = None


@dataclass(frozen=True)
class Endpoint:
    """How models are reached. Without `api_base` the provider's address follows from the model's name.

    `api_key` belongs to `api_base`, if there is one. Otherwise `keys`, which are per provider (`openai`, `anthropic`,
    …), win over it, so that a fallback at another provider is never sent the first one's key. A row's own values win
    over both. `fallbacks` are for every model.
    """

    api_base: str | None = None
    api_key: str | None = field(default=None, repr=False)
    keys: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}), repr=False)
    rows: tuple[EndpointModel, ...] = ()
    fallbacks: tuple[str, ...] = ()
    timeout: float = 300.0

    def row(self, name: str) -> EndpointModel:
        """Returns the row of that model, or an empty one."""
        return next((row for row in self.rows if row.name == name), EndpointModel(name))

    def others(self, name: str) -> tuple[str, ...]:
        """Returns the models to try after `name`, in order."""
        return tuple(other for other in self.row(name).fallbacks or self.fallbacks if other != name)


@dataclass(frozen=True)
class Route:
    """The target of one model's calls, with every default filled in."""

    name: str
    vendor_name: str
    provider: str
    api_base: str | None
    api_key: str | None = field(repr=False)
    timeout: float
    prices: Prices | None
    sees: bool | None
    effort: Effort | None

    @property
    def claude(self) -> bool:
        """Returns whether it is one of Anthropic's models, whoever serves it."""
        return not self.compatible and "claude" in self.vendor_name

    @property
    def address(self) -> str:
        """Returns where its server is, for people; empty if the library knows. It never holds a password."""
        scheme, mark, rest = (self.api_base or "").partition("://")
        return f"{scheme}{mark}{rest.rpartition('@')[2]}".partition("?")[0]

    @property
    def compatible(self) -> bool:
        """Returns whether it is another party's server that speaks OpenAI's protocol."""
        return self.provider == "openai" and self.api_base is not None


def route(endpoint: Endpoint, name: str, providers: frozenset[str]) -> Route:
    """Returns how to reach the model `name`. `providers`: the prefixes that litellm knows.

    At an `api_base` a name without a known provider's prefix uses OpenAI's protocol, and a missing key becomes a
    dummy, so that no key from the environment reaches a foreign address. Ollama and the like are reached through their
    OpenAI-compatible side: for Ollama's own, litellm asks the server on our event loop and leaves tool choices out.
    """
    row = endpoint.row(name)
    base = row.api_base or endpoint.api_base
    model = row.model or name
    own, _, bare = model.partition("/")
    if own in _OWN_SERVERS and bare:
        return Route(
            name=name,
            vendor_name=f"openai/{bare}",
            provider="openai",
            api_base=_compatible_side(base or _OWN_SERVERS[own]),
            api_key=row.api_key or endpoint.keys.get(own) or endpoint.api_key or "none-needed",
            timeout=row.timeout or endpoint.timeout,
            prices=row.prices,
            sees=row.sees,
            effort=row.effort,
        )
    prefix = model.partition("/")[0]
    known = prefix in providers and "/" in model
    provider = prefix if known else ("openai" if base else "")
    own_key = endpoint.api_key if base and not row.api_base else None
    key = row.api_key or own_key or endpoint.keys.get(provider) or endpoint.api_key
    return Route(
        name=name,
        vendor_name=model if known or not base else f"openai/{model}",
        provider=provider,
        api_base=base,
        api_key=key or ("none-needed" if base else None),
        timeout=row.timeout or endpoint.timeout,
        prices=row.prices,
        sees=row.sees,
        effort=row.effort,
    )


def _compatible_side(base: str) -> str:
    base = base.rstrip("/").removesuffix("/api")
    return base if base.endswith("/v1") else f"{base}/v1"
