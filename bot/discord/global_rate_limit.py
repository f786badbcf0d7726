"""Keeps Discord's limit for a whole bot, 50 requests a second of any kind, which discord.py doesn't."""

import asyncio

RATE, BURST = 35.0, 8
"""In any second at most RATE + BURST, so that requests which the network bunches together still fit."""


class GlobalRateLimit:
    """After waiting here, the caller may send one request."""

    def __init__(self, rate: float = RATE, burst: int = BURST) -> None:
        self._gap = 1 / rate
        self._slack = burst * self._gap
        self._next = 0.0

    async def wait(self) -> None:
        """In the order of the calls."""
        now = asyncio.get_running_loop().time()
        at = max(self._next, now - self._slack)
        self._next = at + self._gap
        if at > now:
            await asyncio.sleep(at - now)
