"""Refreshes App Homes that people may be viewing when they change, within Slack's limits."""

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from bot.chat_platform import Answer, Home, Inbound, Take
from orchestrator.errors import ThreadworkError

log = logging.getLogger(__name__)
OPEN_FOR, MOST = 900.0, 20
"""Seconds that a home counts as viewed (Slack doesn't say when it is left), and how many are kept fresh."""
EVERY, APART = 3.0, 0.7
"""Seconds between two checks, and between two pages: views.publish accepts 100 a minute."""


Show = Callable[[Home], Awaitable[None]]
"""Shows a home to its owner."""


@dataclass
class _Open:
    inbound: Inbound
    show: Show
    until: float
    shown: Answer = None


class HomeRefresh:
    """`later` runs work after an acknowledgement. `every`, `apart`: see EVERY, APART."""

    def __init__(self, take: Take, later: Callable[[Coroutine[Any, Any, None]], None], *, every: float = EVERY) -> None:
        self._take, self._later, self._every = take, later, every
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._running = False

    def opened(self, user: str, inbound: Inbound, shown: Answer, show: Show) -> None:
        """A person is viewing their home, which shows that."""
        self._open[user] = _Open(inbound, show, time.monotonic() + OPEN_FOR, shown)
        self._open.move_to_end(user)
        while len(self._open) > MOST:
            self._open.popitem(last=False)
        if not self._running:
            self._running = True
            self._later(self._keep())

    async def _keep(self) -> None:
        try:
            while self._open:
                await asyncio.sleep(self._every)
                for user, one in list(self._open.items()):
                    if one.until < time.monotonic():
                        self._open.pop(user, None)
                    elif await self._shown(one):
                        await asyncio.sleep(APART)
        finally:
            self._running = False

    async def _shown(self, one: _Open) -> bool:
        """Returns whether a new page had to be shown."""
        try:
            answer = await self._take(one.inbound)
        except ThreadworkError as error:
            log.warning("A Home tab can't be shown yet: %s", error)
            return False
        if not isinstance(answer, Home) or answer == one.shown:
            return False
        one.shown = answer
        await one.show(answer)
        return True
