"""Seconds to schedule by."""

import asyncio
from typing import Protocol


class Ticks(Protocol):
    """Seconds of a clock that never goes back, and waiting for it."""

    def now(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class LoopTicks:
    """The event loop's own."""

    def now(self) -> float:
        return asyncio.get_running_loop().time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)
