"""Wraps a vendor's model in its layers, in one visible order."""

from agents.models.endpoint import Endpoint
from agents.models.fallback import FallbackModel
from agents.models.overflow_guess import OverflowGuess
from agents.models.reply_repair import RepairingModel
from agents.models.retries import RetryingModel, RetryLimits, World
from orchestrator.ports import Model


def layered(core: Model, endpoint: Endpoint, *, world: World, patience: RetryLimits | None = None) -> Model:
    """Wraps with retries (per call), then repairs (per turn), then fallbacks (per model).

    A request that is refused for an unknown reason comes back once as too long, before a fallback is asked.
    """
    steady = RetryingModel(core, world=world, patience=patience)
    fitting = RepairingModel(steady)
    return FallbackModel(OverflowGuess(fitting), fallbacks=endpoint.others)
