"""Talking with a command while it runs: what it said since the last look, and what it is told."""

import asyncio
from contextlib import suppress

from agents.sandbox.output import Output


class Talk:
    """The other end of a running command."""

    def __init__(self) -> None:
        self._output = Output(lambda _: None)
        self._said = asyncio.Event()
        self._input: asyncio.StreamWriter | None = None

    def begin(self, stdin: asyncio.StreamWriter | None) -> None:
        """The sandbox has started it."""
        self._input = stdin

    def hear(self, piece: bytes) -> None:
        """The sandbox got output from it."""
        self._output.add(piece)
        self._said.set()

    def take(self) -> str:
        """What it said since the last look; the middle is cut if that is long."""
        self._said.clear()
        return self._output.take()

    async def listen(self) -> None:
        """Until there is something to take."""
        await self._said.wait()

    async def tell(self, text: str, *, last: bool = False) -> bool:
        """Writes to its standard input, and closes that after the `last` words; False when it listens no more."""
        if self._input is None or self._input.is_closing():
            return False
        with suppress(ConnectionError):
            self._input.write(text.encode())
            await self._input.drain()
            if last:
                self._input.close()
            return True
        return False
