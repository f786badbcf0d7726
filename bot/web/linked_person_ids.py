"""Knows which ids on other platforms belong to one person of the workspace, as its owner said with `invite --also`."""

from bot.web.workspace_state import ROOM, WorkspaceRoom, fold
from orchestrator.desk import Desk
from orchestrator.domain.ids import PersonId


class LinkedPeople:
    """One workspace's."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._room = WorkspaceRoom()

    async def ids(self, person: str) -> frozenset[str]:
        """Returns all ids of the person with this one, itself included."""
        base = self._room
        self._room = room = fold(base, await self._desk.room(ROOM, after=base.seq))
        return linked(room, person)


def linked(room: WorkspaceRoom, person: str) -> frozenset[str]:
    """Returns all ids of that person. An id that two people claim links nobody. Pure."""
    mine = [own for own in room.people if person == own or person in room.also.get(own, ())]
    if len(mine) != 1:
        return frozenset({person})
    also = (it for it in room.also.get(mine[0], ()) if len(_claims(room, it)) == 1)
    return frozenset({person, mine[0], *also})


def _claims(room: WorkspaceRoom, person: PersonId) -> list[PersonId]:
    return [own for own in room.people if person == own or person in room.also.get(own, ())]
