"""What happens at a page that a person drives, as part of the fold. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, assert_never

from orchestrator.domain import events as e
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.people import Person
from orchestrator.domain.task import Line, TaskState

_RETURNED: Mapping[str, str] = {
    "handed-back": "{} handed the page back.",
    "idle": "{} did nothing on the page for a while, so the agent has it back. Take it over again when you're ready.",
    "away": "{} left the page, so the agent has it back. Take it over again if it still needs you.",
    "lost": "The page that {} had control of was closed, so the agent continues. Take it over again if it needs you.",
}


def at_page(state: TaskState, record: e.Record, event: e.PageTaken | e.PageReturned | e.DomainAllowed) -> TaskState:
    """Who drives, which domain was allowed, and the sentence about it."""
    name = event.subtask
    match event:
        case e.PageTaken(by=by):
            state, words = driven(state, name, by, record.seq), f"{by.name} took over the page."
        case e.PageReturned(by=by, how=how):
            state, words = driven(state, name, None), _RETURNED[how].format(by.name)
        case e.DomainAllowed(domain=domain, by=by):
            state = replace(state, domains=state.domains | {domain})
            words = f"{by.name} allowed {domain} for this task."
        case _:
            assert_never(event)
    quiet = not isinstance(event, e.PageReturned) or event.how == "handed-back"
    level: Literal["info", "warning"] = "info" if quiet else "warning"
    line = Line(record.seq, record.at, None, words, level, subtask=name)
    return replace(state, lines=(*state.lines, line))


def driven(state: TaskState, subtask: SubtaskId, by: Person | None, seq: int | None = None) -> TaskState:
    """The state in which that person drives the page, or in which the agent does again."""
    old = state.of(subtask)
    new = replace(old, driver=by, driven=old.driven if seq is None else seq)
    return replace(state, subtasks={**state.subtasks, subtask: new})
