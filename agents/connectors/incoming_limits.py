"""Limits what a server may send: the size of a message before it is parsed, and how fast messages may arrive."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import NamedTuple

MOST_MESSAGE = 1 << 20
"""Bytes of one message. Parsing this much takes 45 ms; 20 MB would stop the hub for 11 seconds."""
BURST_BYTES, BYTES_PER_SECOND = 4 << 20, 1 << 20
BURST_MESSAGES, MESSAGES_PER_SECOND = 500, 100
_MOST_LAST_WORDS = 300


class OutputLine(NamedTuple):
    """One line of output; None: it was too long and is dropped."""

    line: bytes | None


class LineLimit:
    """Cuts a stream of bytes into lines, and drops those that are too long while they arrive."""

    def __init__(self, most: int = MOST_MESSAGE) -> None:
        self._most, self._held, self._dropping = most, bytearray(), False

    def feed(self, more: bytes) -> list[OutputLine]:
        """Returns the lines that are complete now."""
        found = list[OutputLine]()
        *ends, rest = more.split(b"\n")
        for end in ends:
            self._take(end)
            found.append(OutputLine(None if self._dropping else bytes(self._held)))
            self._held.clear()
            self._dropping = False
        self._take(rest)
        return found

    def _take(self, part: bytes) -> None:
        if not self._dropping:
            self._held += part
        if len(self._held) > self._most:
            self._held.clear()
            self._dropping = True


class Allowance:
    """Slows a server down that sends faster than the hub should read: its pipe fills up, and only it waits."""

    def __init__(
        self, now: Callable[[], float] | None = None, pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    ) -> None:
        self._now = now or asyncio.get_running_loop().time
        self._pause = pause
        self._bytes, self._messages, self._at = float(BURST_BYTES), float(BURST_MESSAGES), self._now()

    async def spend(self, size: int, messages: int) -> None:
        """Waits until this much may be read."""
        now = self._now()
        gone, self._at = now - self._at, now
        self._bytes = min(BURST_BYTES, self._bytes + gone * BYTES_PER_SECOND) - size
        self._messages = min(BURST_MESSAGES, self._messages + gone * MESSAGES_PER_SECOND) - messages
        short = max(-self._bytes / BYTES_PER_SECOND, -self._messages / MESSAGES_PER_SECOND)
        if short > 0:
            await self._pause(short)


class LastWords:
    """Keeps the last line that wasn't a message: usually why a server gave up."""

    def __init__(self) -> None:
        self.text = ""

    def hear(self, line: bytes) -> None:
        if words := line[-_MOST_LAST_WORDS * 4 :].decode("utf-8", "replace").strip():
            self.text = words[-_MOST_LAST_WORDS:]
