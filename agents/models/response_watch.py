"""Watches the bytes of a vendor's response, of which the library hides signs of life and answers that it can't read."""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from contextvars import ContextVar
from typing import Any, Protocol

_MOST = 4_000_000
"""Bytes kept of an answer that isn't a stream."""
QUEUE = 6
"""Times the usual time limit that a server may only show that it's alive."""
_STREAM = (b"data:", b"event:", b":", b"id:", b"retry:")


class TimeLimit(Protocol):
    """Ends a block with a TimeoutError, at a time that can be moved."""

    def reschedule(self, when: float) -> None: ...

    def expired(self) -> bool: ...


class SilenceClock(Protocol):
    """What silence is measured with; a test moves it by hand."""

    def time(self) -> float: ...

    def limit(self) -> AbstractAsyncContextManager[TimeLimit]:
        """Returns a limit for a block; no time is set for it yet."""
        ...


class EventLoopClock:
    """The time of the running event loop."""

    def time(self) -> float:
        return asyncio.get_running_loop().time()

    def limit(self) -> AbstractAsyncContextManager[TimeLimit]:
        return asyncio.timeout(None)


LOOP_CLOCK = EventLoopClock()


class ResponseWatch:
    """One response: its status, and its body unless it's a stream."""

    def __init__(self, clock: SilenceClock = LOOP_CLOCK) -> None:
        self.clock = clock
        self.on_bytes: Callable[[], None] = lambda: None
        self.status: int | None = None
        self.queued = False
        """Whether only signs of life have come for as long as anybody waits for them."""
        self._body = bytearray()

    def begin(self, status: int) -> None:
        self.status = status
        self._body.clear()

    def take(self, piece: bytes) -> None:
        if len(self._body) < _MOST and not self._body.lstrip().startswith(_STREAM):
            self._body += piece
        self.on_bytes()

    @property
    def whole(self) -> object:
        """Returns the body of a successful response that isn't a stream: JSON, or the text of a page; None if it's
        neither."""
        text = bytes(self._body).strip()
        if self.status != 200 or not text or text.startswith(_STREAM):
            return None
        try:
            return json.loads(text)
        except ValueError:
            return text.decode(errors="replace") if text.startswith(b"<") else None


_WATCH: ContextVar[ResponseWatch | None] = ContextVar("watch", default=None)
"""The watch over the request that this task makes."""


def watch_from_here(clock: SilenceClock) -> None:
    """Starts to watch this task's next request."""
    _WATCH.set(ResponseWatch(clock))


def watching() -> ResponseWatch:
    """Returns the watch over this task's request."""
    return _WATCH.get() or ResponseWatch()


@asynccontextmanager
async def patience(seconds: float) -> AsyncGenerator["Patience"]:
    """Ends the block with a TimeoutError after `seconds` of silence in the response to this task's request."""
    watch = watching()
    async with watch.clock.limit() as silence:
        yield Patience(silence, seconds, watch)


class Patience:
    """How long to wait for a reply: `seconds` of silence, or a much longer time of mere signs of life."""

    def __init__(self, silence: TimeLimit, seconds: float, watch: ResponseWatch) -> None:
        self._silence, self._seconds, self._watch = silence, seconds, watch
        self._clock = watch.clock.time
        self.progress()
        self._watch.on_bytes = self._sign

    def progress(self) -> None:
        """Notes that a part of the reply has come."""
        self._last, self._watch.queued = self._clock(), False
        self._silence.reschedule(self._last + self._seconds)

    def _sign(self) -> None:
        if not self._silence.expired():
            end = self._last + QUEUE * self._seconds
            self._watch.queued = self._clock() + self._seconds >= end
            self._silence.reschedule(min(self._clock() + self._seconds, end))


def let_watch(stream: Any) -> None:
    """Lets the library's class of response streams tell the watch of what comes; again does nothing."""
    if "watched" in vars(stream):
        return
    read = stream.__aiter__

    async def watched(self: Any) -> AsyncIterator[bytes]:
        watch = _WATCH.get()
        if watch is not None:
            watch.begin(self._aiohttp_response.status)
        async with aclosing(read(self)) as pieces:
            async for piece in pieces:
                if watch is not None:
                    watch.take(piece)
                yield piece

    stream.__aiter__, stream.watched = watched, True
