"""What one thread shows, folded from the facts that the outbox records. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from bot.chat import Posted
from orchestrator.domain import events as e


@dataclass
class PostedThread:
    """One thread. `unsure`: started posts with an unknown outcome. `shown`, `alarms`: by item, if known."""

    posted: dict[str, Posted] = field(default_factory=dict[str, Posted])
    unsure: set[str] = field(default_factory=set[str])
    shown: dict[str, str] = field(default_factory=dict[str, str])
    alarms: dict[str, str] = field(default_factory=dict[str, str])

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
            case _:
                pass
    return standing
