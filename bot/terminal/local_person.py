"""The person at the terminal, and the desk as they may use it."""

import getpass

from orchestrator.desk import Desk, PersonalDesk
from orchestrator.domain.audience import Viewer
from orchestrator.domain.ids import PersonId, slug
from orchestrator.domain.people import Person

PLATFORM = "terminal"


def person() -> Person:
    """Returns the person at the terminal: this machine's user."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        name = "you"
    return Person(id=PersonId(f"{PLATFORM}:{slug(name)}"), name=name)


def own_desk_of(desk: Desk) -> PersonalDesk:
    """Returns the desk as the person at the terminal may use it. Anyone who can open this home owns the machine."""
    return PersonalDesk(desk, Viewer(person(), owner=True))
