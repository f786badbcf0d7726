"""What happens at a page that a person has taken over, as part of the fold. Pure."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal, assert_never

from orchestrator.domain import events as e
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.people import Person
from orchestrator.domain.task import TaskState, ThreadLine

_RETURNED: Mapping[str, str] = {
    "handed-back": "{} handed the page back.",
    "idle": "{} was inactive on the page for a while, so the agent has control again. Take over when you're ready.",
    "away": "{} left the page, so the agent has control again. If you still need to do something there, take "
    "over again.",
    "lost": "The page that {} had control of was closed, so the agent is continuing. If you still need to do "
    "something there, take over again.",
}


def at_page(
    state: TaskState, record: e.Record, event: e.TakeoverStarted | e.TakeoverEnded | e.DomainAllowed
) -> TaskState:
    """Who has control, which domain was allowed, and the sentence about it."""
    name = event.subtask
    match event:
        case e.TakeoverStarted(by=by):
            state, words = with_takeover(state, name, by, record.seq), f"{by.name} took over the page."
        case e.TakeoverEnded(by=by, how=how):
            state, words = with_takeover(state, name, None), _RETURNED[how].format(by.name)
        case e.DomainAllowed(domain=domain, by=by):
            state = replace(state, domains=state.domains | {domain})
            words = f"{by.name} allowed {domain} for this task."
        case _:
            assert_never(event)
    quiet = not isinstance(event, e.TakeoverEnded) or event.how == "handed-back"
    level: Literal["info", "warning"] = "info" if quiet else "warning"
    line = ThreadLine(record.seq, record.at, None, words, level, subtask=name)
    return replace(state, lines=(*state.lines, line))


def with_takeover(state: TaskState, subtask: SubtaskId, by: Person | None, seq: int | None = None) -> TaskState:
    """The state in which that person has control of the page, or the agent has it again."""
    old = state.of(subtask)
    new = replace(old, takeover_by=by, takeover_seq=old.takeover_seq if seq is None else seq)
    return replace(state, subtasks={**state.subtasks, subtask: new})
