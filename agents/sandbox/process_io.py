"""Exchanges input and output with a running command."""

import asyncio
from contextlib import suppress

from agents.sandbox.output import Output


class ProcessIO:
    """Our end of a running command."""

    def __init__(self) -> None:
        self._output = Output(lambda _: None)
        self._said = asyncio.Event()
        self._input: asyncio.StreamWriter | None = None

    def begin(self, stdin: asyncio.StreamWriter | None) -> None:
        """Records that the sandbox has started it."""
        self._input = stdin

    def hear(self, piece: bytes) -> None:
        """Records output."""
        self._output.add(piece)
        self._said.set()

    def take(self) -> str:
        """Returns its new output; cuts the middle if that is long."""
        self._said.clear()
        return self._output.take()

    async def listen(self) -> None:
        """Waits until there is output."""
        await self._said.wait()

    async def tell(self, text: str, *, last: bool = False) -> bool:
        """Writes to its standard input, and closes that if `last`; returns False if it no longer reads."""
        if self._input is None or self._input.is_closing():
            return False
        with suppress(ConnectionError):
            self._input.write(text.encode())
            await self._input.drain()
            if last:
                self._input.close()
            return True
        return False
