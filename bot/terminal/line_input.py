"""Reads lines from the terminal without a thread: a thread in `input()` couldn't be ended by Ctrl-C or by news."""

import asyncio
import contextlib
import os
from collections.abc import Generator


class Keyboard:
    """Reads lines from a file descriptor that a terminal or a test feeds."""

    def __init__(self, descriptor: int = 0) -> None:
        self._descriptor = descriptor
        self._held = b""
        self._ended = False

    async def line(self) -> str | None:
        """Returns the next line without its end; None if there are no more."""
        while b"\n" not in self._held and not self._ended:
            await self._readable()
            got = os.read(self._descriptor, 65536)
            self._held += got
            self._ended = not got
        line, end, self._held = self._held.partition(b"\n")
        return line.decode(errors="replace").strip() if line or end else None

    async def _readable(self) -> None:
        ready = asyncio.Event()
        with self._watching(ready):
            await ready.wait()

    @contextlib.contextmanager
    def _watching(self, ready: asyncio.Event) -> Generator[None]:
        loop = asyncio.get_running_loop()
        loop.add_reader(self._descriptor, ready.set)
        try:
            yield
        finally:
            loop.remove_reader(self._descriptor)
