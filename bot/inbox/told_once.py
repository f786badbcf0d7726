"""Remembers what a person was already told, so that it isn't repeated on each of their messages."""

from orchestrator.desk import Desk
from orchestrator.domain import events as e
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Person


async def first_time(desk: Desk, platform: str, task: TaskId, about: str, person: Person, by: str) -> bool:
    """Returns whether this person hears about it for the first time in that task. `by`: the message that caused it; the
    same message again counts as the first time."""
    told = e.Acted(heard=by)
    return await desk.note(f"{platform}/pointed/{task}", f"{about}/{person.id}", told) == told
