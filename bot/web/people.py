"""How people come in: one-time login links, whose tokens the ledger never sees."""

import re
import secrets
from dataclasses import dataclass

from bot.web.access import LINK_LASTS, SESSION_LASTS, Session, link_hash
from bot.web.room import PLATFORM, ROOM, Room
from orchestrator.desk import Desk
from orchestrator.domain.events import LinkUsed, PersonInvited
from orchestrator.domain.ids import PersonId, slug
from orchestrator.domain.people import Person
from orchestrator.errors import NotAllowed, Refused
from orchestrator.ports import Clock

MOST_NAME = 60


def person_named(name: str) -> Person:
    """The web person of that name. Raises Refused when the name has no letter or is too long."""
    name = " ".join(name.split())
    if not name or len(name) > MOST_NAME or not re.search(r"\w", name):
        raise Refused(f"A name has 1 to {MOST_NAME} characters; {name!r} does not fit.")
    ascii_name = slug(name)
    return Person(id=PersonId(f"{PLATFORM}:{ascii_name if ascii_name != 'x' else name.casefold()}"), name=name)


async def invite(desk: Desk, person: Person, clock: Clock) -> str:
    """A one-time path `/enter/<token>` for this person; what it leads to is recorded, the token is not."""
    token = secrets.token_urlsafe(32)
    link = link_hash(token)
    await desk.note(ROOM, f"invited/{link}", PersonInvited(person=person, link=link, until=clock.now() + LINK_LASTS))
    return f"/enter/{token}"


@dataclass(frozen=True, slots=True)
class Door:
    """A login link that can still be used."""

    link: str
    person: Person


def door(room: Room, token: str, clock: Clock, session: str = "") -> Door:
    """The link behind a token. Raises NotAllowed: unknown, expired, or used by somebody else than `session`."""
    link = link_hash(token)
    invited = room.invited.get(link)
    if invited is None:
        raise NotAllowed("This login link is not known here; ask for a new one.")
    if clock.now() >= invited.until:
        raise NotAllowed("This login link has expired; ask for a new one.")
    if link in room.used and room.used[link] != session:
        raise NotAllowed("This login link was already used; ask for a new one.")
    return Door(link, invited.person)


async def enter(desk: Desk, found: Door, session: str, clock: Clock) -> Session:
    """Uses the link, once: of two who try at the same moment one gets in. Raises NotAllowed."""
    used = await desk.note(ROOM, found.link, LinkUsed(link=found.link, session=session))
    if not isinstance(used, LinkUsed) or used.session != session:
        raise NotAllowed("This login link was already used; ask for a new one.")
    return Session(found.person.id, session, clock.now() + SESSION_LASTS)
