"""What keeps facts from being written right now, for people to see."""

import asyncio
from collections.abc import AsyncIterator


class Trouble:
    """`words`: one sentence with the next step; empty while all is well."""

    def __init__(self) -> None:
        self.words = ""
        self._changed = asyncio.Event()

    def say(self, words: str) -> None:
        """The newest news; empty when it is over."""
        if words != self.words:
            self.words = words
            self._changed.set()
            self._changed = asyncio.Event()

    async def watch(self) -> AsyncIterator[str]:
        """The words whenever they change."""
        while True:
            await self._changed.wait()
            yield self.words
