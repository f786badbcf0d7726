"""Holds what a page wanted to send until a person approves it; each goes out at most once."""

import base64
import hashlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from agents.tools.browser.sends import describe_outgoing_message
from agents.tools.browser.sends.heartbeats import beat_of
from agents.tools.browser.sends.outgoing_message import SOCKET, Outgoing
from orchestrator.domain.ids import digest
from orchestrator.domain.plural import counted
from orchestrator.domain.tool_calls import HeldSend

MOST = 60
"""Messages held for one page; what comes after them is refused."""
_MOST_SAVED = 2_000_000
"""Bytes of one message that are kept over a restart."""

Live = Callable[[], Awaitable[str]]
"""Lets the waiting message itself go and returns what came of it; raises NotWaiting if the page gave it up."""


class NotWaiting(Exception):
    """The page no longer waits for it."""


@dataclass
class Holding:
    """`messages`: several only on one WebSocket; `live`: None once only the copy is left; `sent`: set as soon as it may
    have left; `act`: of the agent, after which it was last held; `repeats`: how often the page repeated it by
    itself."""

    id: str
    messages: list[Outgoing]
    headers: Mapping[str, str]
    endpoint: str = ""
    live: Live | None = None
    told: bool = False
    sent: bool = False
    files: Mapping[str, str] = field(default_factory=dict[str, str])
    act: int = 0
    repeats: int = 0

    @property
    def message(self) -> Outgoing:
        return self.messages[0]

    @property
    def value(self) -> HeldSend:
        """Returns what people are shown."""
        said = "; ".join(describe_outgoing_message.words(one, self.files) for one in self.messages)
        more = f" (the page repeated it {counted(self.repeats, 'time')} automatically)" if self.repeats else ""
        return HeldSend(
            id=self.id, words=said[: describe_outgoing_message.MOST - len(more)] + more, endpoint=self.endpoint
        )

    def is_beat(self, message: Outgoing, act: int, *, changes: bool) -> bool:
        """Returns whether the page repeats itself there, and not because of what the agent did."""
        if self.sent or (message.kind == SOCKET and not self.told):
            return False
        if act != self.act and (changes or not self.repeats):
            return False
        beat = beat_of(message)
        return any(beat_of(one) == beat for one in self.messages)


@dataclass
class HeldSends:
    """What one page wants to send. `files`: the names of those that were chosen on it, by their hash."""

    files: dict[str, str] = field(default_factory=dict[str, str])
    rows: dict[str, Holding] = field(default_factory=dict[str, Holding])

    def hold(
        self,
        message: Outgoing,
        headers: Mapping[str, str],
        endpoint: str,
        live: Live | None = None,
        *,
        act: int = 0,
        changes: bool = False,
    ) -> Holding | None:
        """Keeps it; returns None if it repeats what is held already, or if too much is held.

        What a page repeats by itself is named once; `act` numbers what the agent did last, `changes` says that it
        pressed what changes something.
        """
        waiting = [row for row in self.rows.values() if not row.sent]
        if beating := next((row for row in waiting if row.is_beat(message, act, changes=changes)), None):
            beating.repeats += 1
            return None
        if message.kind == SOCKET:
            for row in waiting:
                if not row.told and row.message.kind == SOCKET and row.message.url == message.url:
                    row.messages.append(message)
                    row.endpoint = row.endpoint and endpoint
                    row.live = _after(row.live, live)
                    return row
        elif same := next((row for row in waiting if row.messages == [message]), None):
            same.told, same.act = False, act
            return None
        if len(waiting) >= MOST:
            return None
        parts = urlsplit(message.address)
        body = hashlib.sha256(message.body).hexdigest()
        name = digest(*message[:3], body, str(len(self.rows)))[:8]
        place = f"{parts.scheme}://{parts.netloc}{parts.path}#{name}"
        row = Holding(place, [message], headers, endpoint, live, files=self.files, act=act)
        self.rows[row.id] = row
        return row

    @property
    def untold(self) -> bool:
        return any(not (row.told or row.sent) for row in self.rows.values())

    def news(self) -> tuple[HeldSend, ...]:
        """Returns what the agent hasn't been told of."""
        found = [row for row in self.rows.values() if not (row.told or row.sent)]
        for row in found:
            row.told = True
        return tuple(row.value for row in found)

    def saved(self) -> list[dict[str, Any]]:
        """Returns all of it for the page's file."""
        return [
            {
                "id": row.id, "headers": dict(row.headers), "endpoint": row.endpoint, "told": row.told,
                "sent": row.sent,
                "messages": [_saved(one) for one in row.messages],
            }
            for row in self.rows.values()
        ]  # fmt: skip

    def load(self, saved: Iterable[Mapping[str, Any]]) -> None:
        """Restores what was held before a restart; only the copies are left."""
        for one in saved:
            messages = [Outgoing(m, u, k, base64.b64decode(b), t, w) for m, u, k, b, t, w in one["messages"]]
            row = Holding(one["id"], messages, one["headers"], one["endpoint"], None, one["told"], one["sent"])
            self.rows[row.id] = row


def _saved(message: Outgoing) -> list[Any]:
    """A large body isn't kept over a restart."""
    kept = len(message.body) <= _MOST_SAVED
    body = base64.b64encode(message.body).decode() if kept else ""
    return [*message[:3], body, message.media, message.whole and kept]


def _after(first: Live | None, then: Live | None) -> Live | None:
    """Several messages of one connection go out in their order."""
    if first is None or then is None:
        return first or then

    async def both() -> str:
        await first()
        return await then()

    return both
