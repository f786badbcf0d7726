"""Signs people in and out: one-time sign-in links and sessions, whose tokens never reach the ledger."""

import re
import secrets
from collections.abc import Iterable
from dataclasses import dataclass

from bot.web.auth import LINK_LASTS, SESSION_LASTS, TokenSigner, hashed
from bot.web.workspace_state import PLATFORM, ROOM, OpenSession, WorkspaceRoom, fold
from orchestrator.desk import Desk
from orchestrator.domain.events import LinkUsed, PersonInvited, PersonRemoved, SessionEnded, SessionOpened
from orchestrator.domain.ids import PersonId, slug
from orchestrator.domain.people import Person
from orchestrator.errors import NotAllowed, NotFound, Refused
from orchestrator.ports import Clock

MOST_NAME = 60
MOST_BROWSER = 120
USED = "This sign-in link has already been used; ask for a new one."


def person_named(name: str) -> Person:
    """Returns the web person of that name. Raises Refused if the name has no letter or is too long."""
    name = " ".join(name.split())
    if not name or len(name) > MOST_NAME or not re.search(r"\w", name):
        raise Refused(
            f"{name!r} isn't a valid name; use 1 to {MOST_NAME} characters, including at least one letter or digit."
        )
    ascii_name = slug(name)
    return Person(id=PersonId(f"{PLATFORM}:{ascii_name if ascii_name != 'x' else name.casefold()}"), name=name)


async def invite(desk: Desk, person: Person, clock: Clock, *, also: Iterable[str] = ()) -> str:
    """Returns a one-time path `/enter/<token>` for this person; it is recorded, but its token isn't.

    `also`: the person's ids on other platforms, whose private tasks they also see here.
    """
    token = secrets.token_urlsafe(32)
    link = hashed(token)
    ids = tuple(PersonId(id_) for id_ in also)
    invited = PersonInvited(person=person, link=link, until=clock.now() + LINK_LASTS, also=ids)
    await desk.note(ROOM, f"invited/{link}", invited)
    return f"/enter/{token}"


@dataclass(frozen=True, slots=True)
class LoginLink:
    """A sign-in link that can still be used."""

    link: str
    person: Person


def door(room: WorkspaceRoom, token: str, clock: Clock, use: str = "") -> LoginLink:
    """Returns the link behind a token. Raises NotAllowed if it's unknown, expired, or used by someone other than
    `use`."""
    link = hashed(token)
    invited = room.invited.get(link)
    if invited is None:
        raise NotAllowed("This sign-in link isn't valid here; ask for a new one.")
    if clock.now() >= invited.until:
        raise NotAllowed("This sign-in link has expired; ask for a new one.")
    if link in room.used and room.used[link] != hashed(use):
        raise NotAllowed(USED)
    return LoginLink(link, invited.person)


async def enter(desk: Desk, found: LoginLink, use: str, seal: TokenSigner, clock: Clock, *, browser: str = "") -> str:
    """Uses the link once: of two people at the same moment, one gets in. Returns the cookie's token. Raises
    NotAllowed."""
    mine = LinkUsed(link=found.link, session=hashed(use))
    if await desk.note(ROOM, found.link, mine) != mine:
        raise NotAllowed(USED)
    token = seal.token(found.link, use)
    name, until = hashed(token), clock.now() + SESSION_LASTS
    opened = SessionOpened(session=name, person=found.person.id, until=until, browser=browser[:MOST_BROWSER])
    await desk.note(ROOM, f"session/{name}", opened)
    if name not in (await room_of(desk)).stays:  # it has been ended since
        raise NotAllowed(USED)
    return token


async def end(desk: Desk, stay: OpenSession, by: Person) -> None:
    """Ends the session; its cookie no longer signs anyone in."""
    await desk.note(ROOM, f"ended/{stay.name}", SessionEnded(session=stay.name, by=by))


async def remove(desk: Desk, room: WorkspaceRoom, person: PersonId, by: Person) -> Person:
    """Removes a person, with all their sessions and sign-in links. Raises NotFound, and Refused for the owner."""
    found = room.people.get(person)
    if found is None:
        raise NotFound(f"Nobody named {person!r} is in this workspace.")
    if room.owner == person:
        raise Refused("The owner of this workspace can't be removed.")
    await desk.note(ROOM, f"removed/{secrets.token_hex(8)}", PersonRemoved(person=person, by=by))
    return found


async def room_of(desk: Desk) -> WorkspaceRoom:
    """Returns the room, folded from its first fact."""
    return fold(WorkspaceRoom(), await desk.room(ROOM))


async def invite_link(desk: Desk, name: str, url: str, *, also: Iterable[str] = ()) -> str:
    """Returns a one-time sign-in link for the person of that name. `also`: their ids on other platforms."""
    return url + await invite(desk, person_named(name), desk.clock, also=also)
