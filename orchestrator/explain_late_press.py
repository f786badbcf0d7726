"""Tells a person whose press came too late who did what instead. Pure."""

from orchestrator.domain.people import Person
from orchestrator.domain.task import TaskState


def instead(state: TaskState) -> str:
    """Says what happened to the task, for a person whose press came too late; empty if nothing did."""
    asked = f" as {state.moved_by.name} asked" if state.moved_by is not None else ""
    match state.phase:
        case "stopped":
            return f"This task was stopped{by_whom(state.moved_by)}."
        case "paused":
            return f"This task has already been paused{by_whom(state.moved_by)}."
        case "planning":
            return f"A new plan is being drafted{asked}."
        case "running" | "review" | "stuck":
            return f"This plan has already been started{by_whom(state.moved_by)}." if state.started else ""
        case "done" | "answered":
            return "This task has already ended."


def by_whom(person: Person | None) -> str:
    """Returns " by Ada", or nothing for nobody."""
    return f" by {person.name}" if person is not None else ""
