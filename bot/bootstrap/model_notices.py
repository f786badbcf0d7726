"""Says what people should know about the models in the settings before a task finds out."""

from collections.abc import Sequence

from agents.models import litellm_import
from agents.models.endpoint import route
from agents.models.spending import is_listed
from bot.bootstrap.models import endpoint_of
from bot.config.settings import Settings


async def unpriced(settings: Settings) -> Sequence[str]:
    """Returns the models in use whose price isn't known. Loads litellm, which takes seconds."""
    lib = await litellm_import.load()
    endpoint, providers = endpoint_of(settings), frozenset(str(p.value) for p in lib.LlmProviders)
    ways = [route(endpoint, name, providers) for name in settings.models.used]
    return [way.name for way in ways if way.prices is None and not is_listed(lib, way.vendor_name)]
