"""Tokens with which MCP clients act for a person of the workspace. The ledger stores only their hashes."""

import secrets
from datetime import timedelta

from bot.web.auth import hashed
from bot.web.sign_in import room_of
from bot.web.workspace_state import ROOM, ClientToken, WorkspaceRoom, fold
from orchestrator.desk import Desk, PersonalDesk
from orchestrator.domain.audience import Viewer
from orchestrator.domain.events import ClientTokenAdded, ClientTokenRemoved
from orchestrator.domain.ids import PersonId
from orchestrator.domain.people import Person
from orchestrator.errors import NotAllowed, NotFound, Refused

PREFIX = "twmcp_"
LASTS = timedelta(days=90)
MOST_NAME = 60


async def add(desk: Desk, name: str, person: PersonId, lasts: timedelta = LASTS) -> str:
    """Returns a new token for that person's client. Raises NotFound for a stranger, Refused for a name in use."""
    room = await room_of(desk)
    if person not in room.people:
        raise NotFound(f"Nobody named {person!r} is in this workspace. To let them in, use `threadwork invite NAME`.")
    if not name.strip() or len(name) > MOST_NAME:
        raise Refused(f"A token's name must have 1 to {MOST_NAME} characters, e.g. the name of the client.")
    if any(it.name == name for it in room.tokens.values()):
        raise Refused(f"There's already a token {name!r}; remove it first, or choose another name.")
    token = PREFIX + secrets.token_urlsafe(32)
    made = ClientTokenAdded(token=hashed(token), person=person, name=name, until=desk.clock.now() + lasts)
    await desk.note(ROOM, f"token/{made.token}", made)
    return token


async def known(desk: Desk) -> list[ClientToken]:
    """Returns the tokens that haven't been removed, newest first."""
    return sorted((await room_of(desk)).tokens.values(), key=lambda it: it.since, reverse=True)


async def remove(desk: Desk, name: str, by: Person) -> None:
    """Removes the token of that name: its client is refused from now on. Raises NotFound."""
    found = next((it for it in await known(desk) if it.name == name), None)
    if found is None:
        raise NotFound(f"There's no token {name!r}; `threadwork mcp token list` lists them.")
    await desk.note(ROOM, f"token-removed/{found.hash}", ClientTokenRemoved(token=found.hash, by=by))


class ClientDesks:
    """Finds the person behind a token."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._room = WorkspaceRoom()

    async def behind(self, token: str) -> PersonalDesk:
        """Returns the desk as the token's person may use it. Raises NotAllowed."""
        base = self._room
        self._room = room = fold(base, await self._desk.room(ROOM, after=base.seq))
        found = room.tokens.get(hashed(token))
        person = room.people.get(found.person) if found else None
        if found is None or person is None or self._desk.clock.now() >= found.until:
            raise NotAllowed("This token isn't valid here. Create one with `threadwork mcp token add NAME`.")
        also = room.also.get(person.id, frozenset())
        return PersonalDesk(self._desk, Viewer(person, also=also, owner=room.owner == person.id))
