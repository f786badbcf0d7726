"""Joins a message without words and what its author says right after it: some apps send a forward and its comment as
two messages, and people send a file before they say what to do with it."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from bot.chat_platform import Changed, Inbound, Mentioned, Wrote
from bot.inbox.inbound_keys import age
from bot.outbox.monotonic_clock import Ticks

WAIT = 3.0
"""Seconds until a message without words counts as all that its author says."""
Spoken = Mentioned | Wrote
Whose = tuple[str, str, str]


@dataclass
class WordlessMessage:
    """One that waits. `turn` protects who decides about it: the message that joins it, or the end of the wait.

    `work`: what will be done about it, which ends first if another message joins it."""

    it: Spoken
    joined: asyncio.Event = field(default_factory=asyncio.Event)
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    work: asyncio.Task[Any] | None = None


class WordlessMessages:
    """Those of one inbox that wait. Each is stored before, so a crash loses nothing."""

    def __init__(self, ticks: Ticks) -> None:
        self._ticks = ticks
        self._waiting: dict[Whose, WordlessMessage] = {}

    def wait(self, it: Inbound) -> WordlessMessage | None:
        """Returns None for what doesn't wait, or waits already."""
        if not isinstance(it, Spoken) or not waits(it):
            return None
        if (known := self._waiting.get(_whose(it))) is not None and known.it.message == it.message:
            return None
        found = self._waiting[_whose(it)] = WordlessMessage(it)
        return found

    @asynccontextmanager
    async def before(self, it: Inbound) -> AsyncGenerator[WordlessMessage | None]:
        """The message that this one follows. Set `joined` once both are stored as one. A deletion ends the wait of what
        was deleted, which then counts as never said."""
        if isinstance(it, Changed) and it.text is None:
            self._withdraw(it)
        found = self._waiting.get(_whose(it)) if isinstance(it, Spoken) else None
        if found is None or not isinstance(it, Spoken) or age(it.message) <= age(found.it.message):
            yield None
            return
        async with found.turn:
            yield found if self._waiting.get(_whose(it)) is found and not found.joined.is_set() else None

    async def alone(self, one: WordlessMessage) -> bool:
        """Waits, and returns whether nothing joined it."""
        ends = [asyncio.ensure_future(one.joined.wait()), asyncio.ensure_future(self._ticks.sleep(WAIT))]
        try:
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for end in ends:
                end.cancel()
        async with one.turn:
            self.forget(one)
            return not one.joined.is_set()

    def _withdraw(self, it: Changed) -> None:
        for one in list(self._waiting.values()):
            if (one.it.place.channel, one.it.message) == (it.place.channel, it.message):
                self.forget(one)
                one.joined.set()

    def forget(self, one: WordlessMessage, instead: WordlessMessage | None = None) -> None:
        """It no longer waits; the one before it may still do."""
        if self._waiting.get(_whose(one.it)) is not one:
            return
        if instead is None:
            del self._waiting[_whose(one.it)]
        else:
            self._waiting[_whose(one.it)] = instead


def waits(it: Spoken) -> bool:
    """Returns whether it is a forward, or a file in a direct conversation, that nobody said anything about yet."""
    if it.text.strip():
        return False
    forwards = any(quote.how == "forward" for quote in it.quotes)
    if isinstance(it, Wrote):
        return forwards
    return it.place.private and (forwards or (bool(it.files) and not it.in_thread))


def together(first: Spoken, then: Spoken) -> Spoken:
    """Returns the second message with what the first one carries."""
    if contains(then, first):
        return then
    return then.model_copy(
        update={
            "quotes": (*first.quotes, *then.quotes), "files": (*first.files, *then.files),
            "replies_to": then.replies_to or first.replies_to,
        }
    )  # fmt: skip


def joined_before(it: Inbound, others: Sequence[Inbound]) -> bool:
    """Returns whether it was stored as a part of one of the others."""
    if not isinstance(it, Spoken) or not waits(it):
        return False
    return any(isinstance(one, Spoken) and one.message != it.message and contains(one, it) for one in others)


def contains(whole: Spoken, part: Spoken) -> bool:
    """Returns whether it carries everything that the other one does."""
    return (
        _whose(whole) == _whose(part)
        and age(whole.message) > age(part.message)
        and whole.quotes[: len(part.quotes)] == part.quotes
        and whole.files[: len(part.files)] == part.files
    )


def _whose(it: Spoken) -> Whose:
    """The conversation and its author: in a direct conversation each request has a thread of its own."""
    within = isinstance(it, Wrote) or it.in_thread
    return it.place.channel, it.place.thread if within else "", it.by.id
