"""Applies a model's turn to the state of the whole task. Pure."""

from dataclasses import replace

from orchestrator.domain.task import TaskState

REHEARSAL = "rehearsal"
"""The model name that the rehearsal's answers carry."""


def thought(state: TaskState, cost: float, model: str) -> TaskState:
    """Returns the state after a turn; an empty `model`: no model was used. The caller may not know the hub's model, but
    the turns do."""
    if not model:
        return replace(state, cost=state.cost + cost)
    scripted = model == REHEARSAL and (state.turns == 0 or state.rehearsal)
    return replace(state, cost=state.cost + cost, turns=state.turns + 1, rehearsal=scripted)
