"""Hands new records to the readers of this process.

Positions have no gaps and become visible in order, in every database. So a reader that stands at 7 may take our own
record 8 from memory, and knows from a 9 that someone else wrote 8, which it then fetches.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from orchestrator.domain.events import Record
from orchestrator.errors import LedgerFailed, OutOfSpace

Page = Sequence[tuple[int, Record]]
Fetch = Callable[[int, int], Awaitable[Page]]
"""fetch(after, most): the next records past a position."""

PAGE = 500
MOST_HELD = 2000
"""A reader that is further behind reads from the database again."""
PATIENCE = 1.0

log = logging.getLogger(__name__)


class Inbox:
    """What one reader has not yet seen."""

    def __init__(self) -> None:
        self.held: deque[tuple[int, Record]] = deque()
        self.behind = True
        self.stirred = asyncio.Event()

    def put(self, page: Page) -> None:
        if len(self.held) + len(page) > MOST_HELD:
            self.lose()
        elif not self.behind:
            self.held.extend(page)
        self.stirred.set()

    def lose(self) -> None:
        """From here on only the database knows what comes next."""
        self.held.clear()
        self.behind = True
        self.stirred.set()


class Feed:
    """All readers of one ledger in this process."""

    def __init__(self, fetch: Fetch) -> None:
        self._fetch = fetch
        self._inboxes: set[Inbox] = set()
        self._closed = False

    def give(self, page: Page) -> None:
        """Our own new records, in the order of their positions."""
        for inbox in self._inboxes:
            inbox.put(page)

    def stir(self) -> None:
        """Someone else may have written: everybody looks."""
        for inbox in self._inboxes:
            inbox.lose()

    def close(self) -> None:
        """Ends every reader."""
        self._closed = True
        self.stir()

    async def tail(self, after: int) -> AsyncIterator[tuple[int, Record]]:
        """Every record past `after`, in order, until the feed is closed. Waits out a database that fails."""
        inbox = Inbox()
        self._inboxes.add(inbox)
        try:
            while not self._closed:
                for position, record in await self._next(inbox, after):
                    after = position
                    yield position, record
        finally:
            self._inboxes.discard(inbox)

    async def _next(self, inbox: Inbox, after: int) -> Page:
        if inbox.behind:
            return await self._fetched(inbox, after)
        if not inbox.held:
            inbox.stirred.clear()
            await inbox.stirred.wait()
        ready: list[tuple[int, Record]] = []
        while inbox.held:
            position, record = inbox.held.popleft()
            if position > after + 1:
                inbox.lose()
            elif position > after:
                ready.append((position, record))
                after = position
        return ready

    async def _fetched(self, inbox: Inbox, after: int) -> Page:
        # Cleared first: what is written while we read is then put into the inbox, or found by the next look.
        inbox.behind = False
        try:
            page = await self._fetch(after, PAGE)
        except (LedgerFailed, OutOfSpace) as error:
            inbox.lose()
            if not self._closed:
                log.warning("a reader of the ledger is waiting: %s", error)
                await asyncio.sleep(PATIENCE)
            return ()
        if len(page) == PAGE:
            inbox.lose()
        return page
