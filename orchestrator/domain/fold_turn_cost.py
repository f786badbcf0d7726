"""Applies what a model was asked for to the state of the whole task. Pure."""

from dataclasses import replace

from orchestrator.domain import events as e
from orchestrator.domain.task import SubtaskState, TaskState, Unpriced

REHEARSAL = "rehearsal"
"""The model name that the rehearsal's answers carry."""


def spent(state: TaskState, record: e.Record) -> TaskState:
    """Returns the state after what a fact has spent: everything counts, also for a step that has left the plan."""
    event = record.event
    if not isinstance(event, e.Spends):
        return state
    state = replace(state, cost=state.cost + event.cost, used=state.used + event.usage)
    if event.usage.unpriced and event.model not in (one.model for one in state.unpriced):
        state = replace(state, unpriced=(*state.unpriced, Unpriced(event.model, record.seq, record.at)))
    return state if isinstance(event, e.ConversationCompacted) else _turned(state, event.model)


def of_step(step: SubtaskState, event: e.Spends) -> SubtaskState:
    """Returns the step after what a fact of its own has spent."""
    return replace(step, cost=step.cost + event.cost, used=step.used + event.usage)


def _turned(state: TaskState, model: str) -> TaskState:
    """Returns the state after a turn; an empty `model`: no model was used. The caller may not know the hub's model, but
    the turns do."""
    if not model:
        return state
    scripted = model == REHEARSAL and (state.turns == 0 or state.rehearsal)
    return replace(state, turns=state.turns + 1, rehearsal=scripted)
