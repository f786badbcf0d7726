"""Lists the twenty tasks, and the three that are enough for a quick look. Pure."""

from agents.model_trial.tasks import (
    arguments,
    honesty,
    list_arguments,
    long_context,
    prompt_injection,
    several_turns,
    tool_choice,
)

TWENTY = (
    *tool_choice.TASKS,
    *arguments.TASKS,
    *list_arguments.TASKS,
    *several_turns.TASKS,
    *long_context.TASKS,
    *prompt_injection.TASKS,
    *honesty.TASKS,
)
THREE = (arguments.TASKS[0], prompt_injection.TASKS[0], honesty.TASKS[0])
