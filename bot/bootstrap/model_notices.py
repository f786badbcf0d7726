"""Says what people should know about the models in the settings before a task finds out."""

import asyncio
from collections.abc import Sequence
from typing import NamedTuple

from agents.models import litellm_import
from agents.models.endpoint import route
from agents.models.request_building import knows_effort
from agents.models.token_usage_and_cost import is_listed
from bot.bootstrap.models import endpoint_of
from bot.config.settings import Settings


class ModelNotices(NamedTuple):
    """`unpriced`: models whose price isn't known. `effortless`: models for which a thinking effort is set and that have
    none."""

    unpriced: Sequence[str]
    effortless: Sequence[str]


async def model_notices(settings: Settings) -> ModelNotices:
    """Looks at all models in use. Loads litellm, which takes seconds, and reads its files."""
    lib = await litellm_import.load()
    endpoint, providers = endpoint_of(settings), frozenset(str(p.value) for p in lib.LlmProviders)
    ways = {name: route(endpoint, name, providers) for name in (*settings.models.used, *settings.models.thinking)}
    return ModelNotices(
        [n for n in settings.models.used if ways[n].prices is None and not is_listed(lib, ways[n].vendor_name)],
        [n for n in settings.models.thinking if not await asyncio.to_thread(knows_effort, lib, ways[n])],
    )
