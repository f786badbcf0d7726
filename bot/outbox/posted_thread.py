"""What one thread shows, folded from the facts that the outbox records. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.chat_platform import Posted
from orchestrator.domain import events as e

MOST_LOST = 2
"""A message that people have deleted so often isn't posted again."""


@dataclass
class PostedThread:
    """One thread. `unsure`: started posts with an unknown outcome. `shown`, `alarms`, `lasting`: by item, if known.
    `lost`: how often an item's message was deleted. `closed`: nothing can be shown there anymore."""

    posted: dict[str, Posted] = field(default_factory=dict[str, Posted])
    unsure: set[str] = field(default_factory=set[str])
    shown: dict[str, str] = field(default_factory=dict[str, str])
    alarms: dict[str, str] = field(default_factory=dict[str, str])
    lasting: dict[str, str] = field(default_factory=dict[str, str])
    lost: dict[str, int] = field(default_factory=dict[str, int])
    closed: bool = False

    def item_of(self, message: str) -> str:
        """Returns the item that this message shows; empty for none."""
        return next((item for item, at in self.posted.items() if at.message == message), "")

    def lose(self, item: str, message: str) -> None:
        """The message is gone. An item is posted again once; an empty `message` gives it up at once."""
        self.posted.pop(item, None)
        self.shown.pop(item, None)
        self.unsure.discard(item)
        self.lost[item] = self.lost.get(item, 0) + 1 if message else MOST_LOST

    def given_up(self, item: str) -> bool:
        """Returns whether the item isn't posted anymore."""
        return self.lost.get(item, 0) >= MOST_LOST

    def has(self, message: str) -> bool:
        """Returns whether that message is one of ours; while a post's outcome is unknown, any may be."""
        return bool(self.unsure) or any(p.message == message for p in self.posted.values())


def fold(events: Iterable[e.Event]) -> PostedThread:
    """Returns the thread after these facts. Edits of live items aren't recorded, so their content counts as unknown."""
    standing = PostedThread()
    for event in events:
        match event:
            case e.ItemPosting(item=item):
                standing.unsure.add(item)
            case e.ItemPosted(item=item, place=place, message=message):
                standing.posted[item] = Posted(place=place, message=message)
                standing.unsure.discard(item)
            case e.ItemShown(item=item, fingerprint=fingerprint):
                standing.shown[item] = fingerprint
            case e.ItemLost(item=item, message=message):
                standing.lose(item, message)
            case e.PlaceLost():
                standing.closed = True
            case _:
                pass
    return standing
