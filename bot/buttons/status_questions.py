"""Recognizes messages that only ask how things are, and says how they are. Pure."""

from bot.buttons.short_replies import QUESTION_MARKS, kinds, polite, tokens
from bot.cards.tool_call_wording import cut
from orchestrator.domain.plural import counted
from orchestrator.domain.task import TaskState

_TITLE, _NAMED = 60, 3


def nudges(text: str) -> bool:
    """Returns whether the text asks for nothing but a sign of life: `hello??`, `...`, `ping`."""
    bare = text.translate({ord(mark): " " for mark in QUESTION_MARKS})
    return set(tokens(bare)) <= {"threadwork"} or polite(kinds(bare))


def standing(state: TaskState) -> str:
    """Returns how far the task is, in a sentence."""
    if state.plan is None or state.phase == "planning":
        return "The plan is being drafted."
    steps = state.plan.subtasks
    done = sum(state.of(s.id).status in ("done", "skipped") for s in steps)
    running = [f"“{cut(s.title, _TITLE)}”" for s in steps if state.of(s.id).status == "running"]
    now = f"; working on {', '.join(running[:_NAMED])}" if running else ""
    return f"{done} of {counted(len(steps), 'step')} done{now}."
