"""Server-sent events: sends a page's regions again when they change, with heartbeats, until the person leaves."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import NamedTuple

from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from orchestrator.domain.ids import PersonId
from orchestrator.errors import Refused

BEAT = 15.0
MOST_STREAMS = 32
"""Pages that one person may have open at a time."""
TOO_MANY = f"You have {MOST_STREAMS} pages open, which is the limit. Close some and reload."
AT_MOST_EVERY = 0.1
"""Seconds between two updates, so that a burst of facts causes one redraw."""


@dataclass(frozen=True, slots=True)
class LiveRegions:
    """A page's regions now. `seq` names the moment; `words` is read aloud when it changes."""

    seq: int
    parts: dict[str, str]
    words: str = ""


class OftenChanging(NamedTuple):
    """Regions that change many times a second, so that drawing the whole page each time would cost too much.

    `changes` signals that they may have changed; `look` returns them as they are now.
    """

    changes: AsyncIterator[object]
    look: Callable[[], Awaitable[dict[str, str]]]


class Streams:
    """All open streams, so that the server can end them before it stops."""

    def __init__(self) -> None:
        self._open: dict[EventStream, PersonId] = {}
        self._none = asyncio.Event()
        self.closing = False

    @property
    def opened(self) -> int:
        """Counts the pages that listen."""
        return len(self._open)

    async def all_gone(self) -> None:
        """Returns when no page is listening."""
        while self._open:
            await self._none.wait()

    def full(self, who: PersonId) -> bool:
        """Returns whether the person has reached the limit of open pages."""
        return sum(one == who for one in self._open.values()) >= MOST_STREAMS

    def add(self, stream: "EventStream", who: PersonId) -> None:
        self._open[stream] = who
        self._none.clear()

    def remove(self, stream: "EventStream") -> None:
        self._open.pop(stream, None)
        if not self._open:
            self._none.set()

    def close(self) -> None:
        """Ends every stream; browsers reconnect when the server is back."""
        self.closing = True
        for stream in tuple(self._open):
            stream.end()


class EventStream:
    """An ASGI response. `sources` only signal that something changed; `look` returns what the page shows now. It ends
    if `look` raises Refused.

    `since`: the moment the page already shows; regions that changed after it are then sent. `often`: regions that are
    also sent by themselves.
    """

    def __init__(
        self,
        streams: Streams,
        sources: Sequence[AsyncIterator[object]],
        look: Callable[[], Awaitable[LiveRegions]],
        *,
        who: PersonId,
        since: int = -1,
        often: OftenChanging | None = None,
    ) -> None:
        self._streams = streams
        self._sources = sources
        self._look = look
        self._who = who
        self._since = since
        self._often = often
        self._wake = asyncio.Event()
        self._whole = True
        """Whether the whole page may have changed since the last look."""
        self._over = False

    def end(self) -> None:
        self._over = True
        self._wake.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._streams.closing:
            await send({"type": "http.response.start", "status": 503, "headers": [(b"retry-after", b"2")]})
            await send({"type": "http.response.body", "body": b""})
            return
        if self._streams.full(self._who):
            await PlainTextResponse(TOO_MANY, status_code=429)(scope, receive, send)
            return
        headers = [(b"content-type", b"text/event-stream; charset=utf-8"), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        self._streams.add(self, self._who)
        try:
            async with asyncio.TaskGroup() as group:
                others = [group.create_task(self._pump(source)) for source in self._sources]
                if self._often is not None:
                    others.append(group.create_task(self._pump(self._often.changes, whole=False)))
                others.append(group.create_task(self._until_gone(receive)))
                try:
                    await self._send_all(send)
                finally:
                    for other in others:
                        other.cancel()
        finally:
            self._streams.remove(self)
        await send({"type": "http.response.body", "body": b""})

    async def _pump(self, source: AsyncIterator[object], *, whole: bool = True) -> None:
        async for _ in source:
            self._whole = self._whole or whole
            self._wake.set()

    async def _until_gone(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.end()

    async def _send_all(self, send: Send) -> None:
        shown: dict[str, str] = {}
        words = ""
        await send(_chunk("retry: 2000\n\n"))
        first = True
        now = LiveRegions(0, {})
        while not self._over:
            self._wake.clear()
            try:
                now = await self._look_again(now)
            except Refused:  # the session has ended, or the task has become hidden
                return
            known = first and now.seq == self._since
            changed = {} if known else {k: v for k, v in now.parts.items() if shown.get(k) != v}
            if changed:
                said = now.words if words not in ("", now.words) else ""
                body = json.dumps({"seq": now.seq, "parts": changed, "say": said})
                await send(_chunk(f"id: {now.seq}\nevent: look\ndata: {body}\n\n"))
            shown, words = now.parts, now.words
            if first:
                self._whole = True  # again, so that a change from before the sources were listening isn't missed
                self._wake.set()
            first = False
            await asyncio.sleep(AT_MOST_EVERY)
            with suppress(TimeoutError):
                async with asyncio.timeout(BEAT):
                    await self._wake.wait()
            if not self._wake.is_set():
                self._whole = True
                await send(_chunk(": still here\n\n"))

    async def _look_again(self, before: LiveRegions) -> LiveRegions:
        if self._whole or self._often is None:
            self._whole = False
            return await self._look()
        return replace(before, parts=before.parts | await self._often.look())


def _chunk(text: str) -> dict[str, object]:
    return {"type": "http.response.body", "body": text.encode(), "more_body": True}
