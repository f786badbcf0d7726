"""Lists the twenty tasks, and the three that are enough for a quick look. Pure."""

from agents.model_trial.tasks import (
    arguments,
    honesty,
    injected_orders,
    lists,
    long_context,
    several_turns,
    tool_choice,
)

TWENTY = (
    *tool_choice.TASKS,
    *arguments.TASKS,
    *lists.TASKS,
    *several_turns.TASKS,
    *long_context.TASKS,
    *injected_orders.TASKS,
    *honesty.TASKS,
)
THREE = (arguments.TASKS[0], injected_orders.TASKS[0], honesty.TASKS[0])
