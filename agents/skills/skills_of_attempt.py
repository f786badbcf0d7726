"""Finds in a task's facts which skills an attempt of a step has read."""

from orchestrator.domain import events as e
from orchestrator.domain.ids import Key
from orchestrator.ports import Work


def used_in(work: Work) -> list[e.SkillUsed]:
    """Returns the skills that this attempt has read, at the version that it read."""
    return [x for x in of_attempt(work) if isinstance(x, e.SkillUsed)]


def key_of(work: Work, name: str) -> Key:
    """Returns the key under which an attempt records its use of a skill, once."""
    return Key(f"{work.subtask}/try:{work.attempt}/skill:{name}")


def of_attempt(work: Work) -> list[e.TurnTaken | e.SkillsListed | e.SkillUsed]:
    """Returns the attempt's turns and what it was given of skills, in order."""
    return [
        r.event
        for r in work.records
        if isinstance(r.event, e.TurnTaken | e.SkillsListed | e.SkillUsed)
        and r.event.subtask == work.subtask
        and r.event.attempt == work.attempt
    ]
