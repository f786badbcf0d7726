"""Provides the configured models, or the rehearsal if none is set."""

import asyncio
import random
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from agents.models.endpoint import Endpoint, EndpointModel, Prices
from agents.models.litellm_model import LiteLLM
from agents.models.model_windows import ModelWindows
from agents.models.model_wrappers import layered
from agents.models.picture_data_urls import PictureCache
from agents.models.rehearsal.model import Rehearsal
from agents.models.retries import World
from agents.models.truncation_guard import WholePrompts
from bot.config.model_settings import ModelSettings
from bot.config.settings import Settings
from orchestrator.ports import Model, Shelf

REHEARSAL = "rehearsal"


@dataclass(frozen=True)
class ModelsInUse:
    """The models in use."""

    model: Model
    default: str
    planner: str
    names: tuple[str, ...]
    rehearsal: bool
    windows: ModelWindows | None = None
    warm: Callable[[], Awaitable[None]] | None = None
    close: Callable[[], Awaitable[None]] | None = None


def brain_of(settings: Settings, sites: str, shelf: Shelf | None = None) -> ModelsInUse:
    """`sites`: where the rehearsal's companies are. `shelf`: where the pictures for models are."""
    chosen = settings.models.chosen
    if chosen is None:
        return ModelsInUse(
            Rehearsal(sites, pause=settings.models.rehearsal_pause), REHEARSAL, REHEARSAL, (REHEARSAL,), rehearsal=True
        )
    endpoint = endpoint_of(settings)
    vendor = LiteLLM(endpoint, pictures=PictureCache(shelf.get) if shelf else None)
    windows = ModelWindows(endpoint)
    whole = WholePrompts(vendor, windows.refuse_what_would_be_cut)
    model = layered(whole, endpoint, world=World(random=random.random, sleep=asyncio.sleep))
    names = (chosen, *settings.models.rows, *settings.models.roles.values(), *settings.models.fallbacks)
    planner = settings.models.planner or chosen
    return ModelsInUse(
        model,
        chosen,
        planner,
        tuple(dict.fromkeys(names)),
        rehearsal=False,
        windows=windows,
        warm=vendor.warm,
        close=vendor.close,
    )


def endpoint_of(settings: Settings) -> Endpoint:
    """Returns how the models in the settings are reached."""
    models = settings.models
    rows = tuple(
        EndpointModel(
            name=name,
            model=row.model,
            api_base=row.api_base,
            api_key=row.api_key.get_secret_value() if row.api_key else None,
            prices=_prices(row),
            window=row.window,
            sees=row.sees,
            effort=row.effort,
        )
        for name, row in models.rows.items()
    )
    return Endpoint(
        api_base=models.api_base,
        api_key=models.api_key.get_secret_value() if models.api_key else None,
        keys={provider: key.get_secret_value() for provider, key in models.keys.items()},
        rows=rows,
        fallbacks=models.fallbacks,
        timeout=models.seconds,
    )


def _prices(row: ModelSettings) -> Prices | None:
    if row.prompt_price is None or row.completion_price is None:
        return None
    cached = row.prompt_price if row.cached_price is None else row.cached_price
    return Prices(row.prompt_price / 1e6, row.completion_price / 1e6, cached / 1e6)
