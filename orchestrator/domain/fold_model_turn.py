"""What a model's turn changes in the state of the whole task. Pure."""

from dataclasses import replace

from orchestrator.domain.task import TaskState

REHEARSAL = "rehearsal"
"""The name that the rehearsal's answers carry instead of a model's."""


def thought(state: TaskState, cost: float, model: str) -> TaskState:
    """After a turn; an empty `model`: nobody thought. Who asks may not know the hub's model: the turns tell."""
    if not model:
        return replace(state, cost=state.cost + cost)
    scripted = model == REHEARSAL and (state.turns == 0 or state.rehearsal)
    return replace(state, cost=state.cost + cost, turns=state.turns + 1, rehearsal=scripted)
