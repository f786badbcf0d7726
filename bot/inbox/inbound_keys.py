"""Names and stores what was received from a platform, and folds the room's facts. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bot.chat_platform import Changed, Inbound, Mentioned, Pressed, Submitted, Wrote
from orchestrator.domain import events as e
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Place

MOST_CHANNELS = 400
"""Channels whose newest message is remembered: the most recent ones."""

KINDS: Mapping[str, type[Inbound]] = {
    "mentioned": Mentioned, "wrote": Wrote, "changed": Changed, "pressed": Pressed, "submitted": Submitted,
}  # fmt: skip


def kind_of(inbound: Inbound) -> str:
    """Its name in the ledger."""
    return next(name for name, kind in KINDS.items() if type(inbound) is kind)


def key_of(inbound: Inbound) -> str:
    """The same for every delivery: a message counts once, whatever event ids it came with."""
    match inbound:
        case Mentioned(message=message) | Wrote(message=message) if message:
            return f"{kind_of(inbound)}/{inbound.place.channel}/{message}"
        case _:
            return f"{kind_of(inbound)}/{inbound.id}"


def command_id(inbound: Inbound) -> str:
    """Makes the command count once, even if two kinds of events represent one message."""
    match inbound:
        case Mentioned(message=message) | Wrote(message=message) if message:
            return message
        case _:
            return inbound.id


def place_of(heard: e.Heard) -> Place:
    """Where it happened."""
    return Place.model_validate(heard.inbound["place"])


@dataclass
class ReceivedSoFar:
    """The facts of an inbox's room up to `upto`, folded. `undone`: received, but perhaps not done, by key.

    `newest`: each channel's newest message. `opened`: tasks that were opened, by the key that asked for them.
    """

    upto: int = 0
    newest: dict[str, str] = field(default_factory=dict[str, str])
    undone: dict[str, e.Heard] = field(default_factory=dict[str, e.Heard])
    opened: dict[str, tuple[TaskId, Place]] = field(default_factory=dict[str, tuple[TaskId, Place]])

    def absorb(self, records: Iterable[e.Record], serves: Callable[[Place], bool] = lambda _: True) -> None:
        """Adds more facts of the room, in order; what other accounts received there is left out."""
        for record in records:
            self.upto = record.seq
            match record.event:
                case e.Heard() as heard if serves(place_of(heard)):
                    self.undone[record.key] = heard
                    self.hear(place_of(heard).channel, str(heard.inbound.get("message", "")))
                case e.Acted(heard=key, opened=opened) if key in self.undone:
                    found = self.undone.pop(key)
                    if opened:
                        self.opened[key] = TaskId(opened), place_of(found)
                case _:
                    pass

    def hear(self, channel: str, message: str) -> None:
        """A message of that channel was taken."""
        self.newest[channel] = max(self.newest.pop(channel, ""), message, key=age)
        while len(self.newest) > MOST_CHANNELS:
            del self.newest[next(iter(self.newest))]

    def summed(self) -> e.InboxSummed:
        """Returns it as one fact."""
        return e.InboxSummed(upto=self.upto, newest=self.newest, undone=tuple(self.undone))


def age(message: str) -> tuple[int, str]:
    """Orders a platform's messages by time: their ids grow."""
    return len(message), message
