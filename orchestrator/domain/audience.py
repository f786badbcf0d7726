"""Decides who may see and steer a task: the one rule that every surface asks, through a `PersonalDesk`. Pure."""

from dataclasses import dataclass
from typing import Literal

from orchestrator.domain.base_value import Value
from orchestrator.domain.ids import PersonId
from orchestrator.domain.people import Person, Request

Sight = Literal["everybody", "own", "member", "owner", "hidden"]
"""Why a task is visible. `owner`: only because the settings let the machine's owner see private tasks."""


class Audience(Value):
    """The settings of the rule."""

    owner_sees_private: bool = False


@dataclass(frozen=True, slots=True)
class Viewer:
    """A person at a surface.

    `also`: their ids on other platforms. `at`: platform and channel they are speaking in right now, which proves that
    they can read it. `owner`: this machine is theirs.
    """

    person: Person
    also: frozenset[PersonId] = frozenset()
    at: tuple[str, str] | None = None
    owner: bool = False


def is_one_of(viewer: Viewer, person: Person) -> bool:
    """Returns whether the viewer is this person, here or on another platform."""
    return person.id == viewer.person.id or person.id in viewer.also


def sight(request: Request, viewer: Viewer, audience: Audience) -> Sight:
    """Returns whether the viewer may see and steer the task, and why.

    Private: only the person who asked. Closed: also anyone who can read its channel. Otherwise: everyone.
    """
    place = request.place
    if not (place.private or place.closed):
        return "everybody"
    if request.by.id == viewer.person.id or request.by.id in viewer.also:
        return "own"
    if place.closed and not place.private and viewer.at == (place.platform, place.channel):
        return "member"
    return "owner" if viewer.owner and audience.owner_sees_private else "hidden"
