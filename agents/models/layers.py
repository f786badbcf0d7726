"""Wraps a vendor's model in its layers, in one visible order."""

from agents.models.endpoint import Endpoint
from agents.models.fallback import FallingBack
from agents.models.reply_repair import Repairing
from agents.models.retries import Patience, Retrying, World
from orchestrator.ports import Model


def layered(core: Model, endpoint: Endpoint, *, world: World, patience: Patience | None = None) -> Model:
    """Wraps with retries (per call), then repairs (per turn), then fallbacks (per model)."""
    steady = Retrying(core, world=world, patience=patience)
    fitting = Repairing(steady)
    return FallingBack(fitting, fallbacks=endpoint.others)
