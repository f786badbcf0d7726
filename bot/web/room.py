"""The web room: people, channels and messages, as a fold of the facts in its stream. Pure."""

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
class Message:
    """What somebody wrote in a channel. `task`: the task it opened."""

    seq: int
    at: datetime
    channel: str
    by: Person
    text: str
    files: tuple[FileRef, ...]
    task: str | None


@dataclass(frozen=True, slots=True)
class Room:
    """The room as of ledger sequence `seq`. `invited`: by the hash of the link's token."""

    seq: int = 0
    people: Mapping[PersonId, Person] = field(default_factory=dict[PersonId, Person])
    invited: Mapping[str, e.PersonInvited] = field(default_factory=dict[str, e.PersonInvited])
    used: Mapping[str, str] = field(default_factory=dict[str, str])
    channels: tuple[str, ...] = (FIRST_CHANNEL,)
    messages: tuple[Message, ...] = ()

    @property
    def owner(self) -> PersonId | None:
        """Who may invite others: the first person of the room."""
        return next(iter(self.people), None)

    def arrived(self) -> frozenset[PersonId]:
        """People who have used a link."""
        return frozenset(self.invited[link].person.id for link in self.used if link in self.invited)


def fold(room: Room, records: Iterable[e.Record]) -> Room:
    """The room after these facts."""
    people, invited, used = dict(room.people), dict(room.invited), dict(room.used)
    channels, messages, seq = list(room.channels), list(room.messages), room.seq
    for record in records:
        seq = record.seq
        match record.event:
            case e.PersonInvited() as event:
                people[event.person.id] = event.person
                invited[event.link] = event
            case e.LinkUsed(link=link, session=session):
                used[link] = session
            case e.ChannelOpened(channel=channel):
                channels += [] if channel in channels else [channel]
            case e.MessagePosted() as m:
                messages.append(Message(seq, record.at, m.channel, m.by, m.text, m.files, m.task))
            case _:
                pass
    return replace(
        room, seq=seq, people=people, invited=invited, used=used, channels=tuple(channels), messages=tuple(messages)
    )
