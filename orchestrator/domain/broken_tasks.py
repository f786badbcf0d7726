"""A task whose facts can't be folded any further. Pure."""

from dataclasses import replace

from orchestrator.domain import events as e
from orchestrator.domain.task import TaskState, ThreadLine

WORDS = (
    "This task was set aside because its record {} ({}) can't be read ({}). Other tasks aren't affected. "
    "Ask for it again in a new task, or show this to the person who runs threadwork."
)


def set_aside(state: TaskState, record: e.Record, error: Exception) -> TaskState:
    """The task counts as stopped, and its thread says why."""
    problem = record.event.problem if isinstance(record.event, e.Unreadable) else f"{type(error).__name__}: {error}"
    words = WORDS.format(record.seq, record.event.type, problem)
    line = ThreadLine(record.seq, record.at, None, words, "error")
    return replace(
        state, seq=record.seq, phase="stopped", closed=record.at, words=words, set_aside=words,
        lines=(*state.lines, line),
    )  # fmt: skip
