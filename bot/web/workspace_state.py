"""The web room: people, channels and messages, folded from the facts in its stream. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from orchestrator.domain import events as e
from orchestrator.domain.ids import PersonId
from orchestrator.domain.people import FileRef, Person

PLATFORM = "web"
ROOM = PLATFORM
"""The room's name at the desk; its stream is `room/web`."""
FIRST_CHANNEL = "general"


@dataclass(frozen=True, slots=True)
class RoomMessage:
    """What someone wrote in a channel. `task`: the task it opened."""

    seq: int
    at: datetime
    channel: str
    by: Person
    text: str
    files: tuple[FileRef, ...]
    task: str | None


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session that hasn't ended. `name`: the hash of its cookie's token."""

    name: str
    person: PersonId
    since: datetime
    until: datetime
    browser: str

    @property
    def short(self) -> str:
        """What people call it."""
        return self.name[:12]


@dataclass(frozen=True, slots=True)
class ClientToken:
    """A token that hasn't been removed. `hash`: of the token; `name`: what its person calls the client."""

    hash: str
    person: PersonId
    name: str
    since: datetime
    until: datetime


@dataclass(frozen=True, slots=True)
class WorkspaceRoom:
    """The room as of ledger sequence `seq`. `invited`: by the hash of the link's token.

    `also`: people's ids on other platforms. `stays`: sessions that haven't ended, by the hash of their token; `tokens`:
    those of MCP clients, likewise.
    """

    seq: int = 0
    people: Mapping[PersonId, Person] = field(default_factory=dict[PersonId, Person])
    invited: Mapping[str, e.PersonInvited] = field(default_factory=dict[str, e.PersonInvited])
    used: Mapping[str, str] = field(default_factory=dict[str, str])
    also: Mapping[PersonId, frozenset[PersonId]] = field(default_factory=dict[PersonId, frozenset[PersonId]])
    stays: Mapping[str, OpenSession] = field(default_factory=dict[str, OpenSession])
    tokens: Mapping[str, ClientToken] = field(default_factory=dict[str, ClientToken])
    channels: tuple[str, ...] = (FIRST_CHANNEL,)
    messages: tuple[RoomMessage, ...] = ()

    @property
    def owner(self) -> PersonId | None:
        """Returns who may invite others: the first person in the room."""
        return next(iter(self.people), None)

    def arrived(self) -> frozenset[PersonId]:
        """People who have used a link."""
        return frozenset(self.invited[link].person.id for link in self.used if link in self.invited)


def fold(room: WorkspaceRoom, records: Iterable[e.Record]) -> WorkspaceRoom:
    """Returns the room after these facts."""
    people, invited, used = dict(room.people), dict(room.invited), dict(room.used)
    also, stays, tokens = dict(room.also), dict(room.stays), dict(room.tokens)
    channels, messages, seq = list(room.channels), list(room.messages), room.seq
    for record in records:
        seq = record.seq
        match record.event:
            case e.PersonInvited() as event:
                people[event.person.id] = event.person
                invited[event.link] = event
                also[event.person.id] = also.get(event.person.id, frozenset()) | frozenset(event.also)
            case e.PersonRemoved(person=person):
                people.pop(person, None)
                also.pop(person, None)
                invited = {link: it for link, it in invited.items() if it.person.id != person}
                stays = {name: it for name, it in stays.items() if it.person != person}
                tokens = {name: it for name, it in tokens.items() if it.person != person}
            case e.SessionOpened(session=name) as it:
                stays[name] = OpenSession(name, it.person, record.at, it.until, it.browser)
            case e.SessionEnded(session=name):
                stays.pop(name, None)
            case e.ClientTokenAdded(token=token) as it:
                tokens[token] = ClientToken(token, it.person, it.name, record.at, it.until)
            case e.ClientTokenRemoved(token=token):
                tokens.pop(token, None)
            case e.LinkUsed(link=link, session=session):
                used[link] = session
            case e.ChannelOpened(channel=channel):
                channels += [] if channel in channels else [channel]
            case e.MessagePosted() as m:
                messages.append(RoomMessage(seq, record.at, m.channel, m.by, m.text, m.files, m.task))
            case _:
                pass
    return replace(
        room, seq=seq, people=people, invited=invited, used=used, also=also, stays=stays, tokens=tokens,
        channels=tuple(channels), messages=tuple(messages),
    )  # fmt: skip
