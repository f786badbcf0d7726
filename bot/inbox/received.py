"""What was heard at one platform: how it is named and kept, and the fold of the room's facts. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

from bot.chat import Changed, Inbound, Mentioned, Pressed, Submitted, Wrote
from orchestrator.domain import events as e
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Place

MOST_CHANNELS = 400
"""Channels whose newest message is remembered: those heard from last."""

KINDS: Mapping[str, type[Inbound]] = {
    "mentioned": Mentioned, "wrote": Wrote, "changed": Changed, "pressed": Pressed, "submitted": Submitted,
}  # fmt: skip


def kind_of(inbound: Inbound) -> str:
    """Its name in the ledger."""
    return next(name for name, kind in KINDS.items() if type(inbound) is kind)


def key_of(inbound: Inbound) -> str:
    """The same for every delivery: a message counts once, under whatever event ids it came."""
    match inbound:
        case Mentioned(message=message) | Wrote(message=message) if message:
            return f"{kind_of(inbound)}/{inbound.place.channel}/{message}"
        case _:
            return f"{kind_of(inbound)}/{inbound.id}"


def command_id(inbound: Inbound) -> str:
    """What makes the command count once, also where two kinds of events stand for one message."""
    match inbound:
        case Mentioned(message=message) | Wrote(message=message) if message:
            return message
        case _:
            return inbound.id


def place_of(heard: e.Heard) -> Place:
    """Where that was."""
    return Place.model_validate(heard.inbound["place"])


@dataclass
class ReceivedSoFar:
    """The facts of an inbox's room up to `upto`, folded. `undone`: heard, but perhaps not acted on, by key.

    `newest`: the newest message of each channel. `opened`: tasks that were opened, by the key that asked for them.
    """

    upto: int = 0
    newest: dict[str, str] = field(default_factory=dict[str, str])
    undone: dict[str, e.Heard] = field(default_factory=dict[str, e.Heard])
    opened: dict[str, tuple[TaskId, Place]] = field(default_factory=dict[str, tuple[TaskId, Place]])

    def absorb(self, records: Iterable[e.Record], serves: Callable[[Place], bool] = lambda _: True) -> None:
        """More facts of the room, in order; what other accounts heard there is left out."""
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
        """As one fact."""
        return e.InboxSummed(upto=self.upto, newest=self.newest, undone=tuple(self.undone))


def age(message: str) -> tuple[int, str]:
    """Orders the messages of a platform by time: their ids grow."""
    return len(message), message
