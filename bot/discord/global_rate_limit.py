"""Discord's limit for a whole bot: 50 requests a second, whatever they are. discord.py does not keep it."""

import asyncio

RATE, BURST = 35.0, 8
"""In any second at most RATE + BURST: requests that the network bunches together still fit."""


class GlobalRateLimit:
    """Whoever has waited may send one request."""

    def __init__(self, rate: float = RATE, burst: int = BURST) -> None:
        self._gap = 1 / rate
        self._slack = burst * self._gap
        self._next = 0.0

    async def wait(self) -> None:
        """In the order of asking."""
        now = asyncio.get_running_loop().time()
        at = max(self._next, now - self._slack)
        self._next = at + self._gap
        if at > now:
            await asyncio.sleep(at - now)
