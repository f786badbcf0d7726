"""A fact on its way into the ledger, and its place there."""

from datetime import datetime
from typing import NamedTuple

from pydantic import ValidationError

from orchestrator.domain import clean_outside_text
from orchestrator.domain.events import EVENT, MOST_BYTES, Event, Record, Unreadable
from orchestrator.domain.ids import Key, Stream


class Fact(NamedTuple):
    """What a caller wants recorded. `text` is the event as JSON.

    `expects`: the `seq` of the stream's newest fact that the decision is based on; None if it is based on none.
    """

    stream: Stream
    key: Key
    event: Event
    text: str
    expects: int | None = None


class StoredFact(NamedTuple):
    """A fact as a database holds it. `text` is the event as JSON."""

    position: int
    stream: str
    seq: int
    key: str
    at: datetime
    text: str


class Kept(NamedTuple):
    """What the ledger holds under the fact's key. `ours` is False if an earlier fact won."""

    position: int
    record: Record
    ours: bool


def fact(stream: Stream, key: Key, event: Event, expects: int | None = None) -> Fact:
    """Returns the fact with its JSON, its text cleaned. Raises ValueError if it can't be stored or is too large."""
    event = clean_outside_text.value(event)
    content = EVENT.dump_json(event)
    if len(content) >= MOST_BYTES:
        raise ValueError(
            f"The event {event.type!r} under {key!r} is {len(content)} bytes long; "
            f"the ledger accepts less than {MOST_BYTES}, so put the large part on the shelf."
        )
    return Fact(stream, key, event, content.decode(), expects)


def event_of(text: str) -> Event:
    """Parses the event's JSON; `Unreadable` if that fails, so that one damaged row stops no reader."""
    try:
        return EVENT.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        return Unreadable(problem=(f"{where}: {first['msg']}" if where else first["msg"])[:200])
