"""How a process writes to a ledger and reads on: facts that arrive together share a transaction, and new records go to
the readers.

Positions have no gaps and become visible in order, in every database. So a reader at 7 may take our own record 8 from
memory, and knows from a 9 that another process wrote 8, which it then fetches.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

from orchestrator.domain.events import Record
from orchestrator.errors import LedgerFailed, OutOfSpace, Overtaken, ThreadworkError
from orchestrator.ledger.fact_records import Fact, Kept

log = logging.getLogger(__name__)

Page = Sequence[tuple[int, Record]]
Fetch = Callable[[int, int], Awaitable[Page]]
"""fetch(after, most): the next records past a position."""

PAGE = 500
MOST_HELD = 2000
"""A reader that is further behind reads from the database again."""
PATIENCE = 1.0
Write = Callable[[Sequence[Fact]], Awaitable[Sequence[Kept | None]]]
"""Writes the facts in one transaction; raises one of the ledger's errors if none was written.

None represents a fact that wasn't written, because its stream has newer facts than it expects.
"""

Batch = Sequence[tuple[Fact, asyncio.Future[Record]]]

MOST_AT_ONCE = 200


class UnseenChanges:
    """What one reader hasn't seen yet."""

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
        self._inboxes: set[UnseenChanges] = set()
        self._closed = False

    def give(self, page: Page) -> None:
        """Adds our own new records, in the order of their positions."""
        for inbox in self._inboxes:
            inbox.put(page)

    def stir(self) -> None:
        """Another process may have written: every reader checks."""
        for inbox in self._inboxes:
            inbox.lose()

    def close(self) -> None:
        """Ends every reader."""
        self._closed = True
        self.stir()

    async def tail(self, after: int) -> AsyncIterator[tuple[int, Record]]:
        """Yields every record past `after`, in order, until the feed is closed. Waits out a failing database."""
        inbox = UnseenChanges()
        self._inboxes.add(inbox)
        try:
            while not self._closed:
                for position, record in await self._next(inbox, after):
                    after = position
                    yield position, record
        finally:
            self._inboxes.discard(inbox)

    async def _next(self, inbox: UnseenChanges, after: int) -> Page:
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

    async def _fetched(self, inbox: UnseenChanges, after: int) -> Page:
        # Cleared first: anything written while we read is then put into the inbox, or found by the next read.
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


class Batches:
    """The one writer of a ledger in this process.

    A fact is written even if its caller is canceled in the meantime: the key makes that harmless.
    """

    def __init__(self, write: Write, feed: Feed) -> None:
        self._write = write
        self._feed = feed
        self._waiting: list[tuple[Fact, asyncio.Future[Record]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._closed = False

    async def record(self, fact: Fact) -> Record:
        """Returns once the fact is durable. Raises Overtaken."""
        if self._closed:
            raise LedgerFailed("The ledger is closed; start the hub again.")
        done: asyncio.Future[Record] = asyncio.get_running_loop().create_future()
        self._waiting.append((fact, done))
        if self._writer is None:
            self._writer = asyncio.create_task(self._work())
        return await done

    async def close(self) -> None:
        """Accepts no more facts and writes those that wait."""
        self._closed = True
        if self._writer is not None:
            await asyncio.wait({self._writer})

    async def _work(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                await self._one(batch)
        finally:
            self._writer = None

    async def _one(self, batch: Batch) -> None:
        try:
            kept = await self._write([fact for fact, _ in batch])
        except ThreadworkError as error:
            _refuse(batch, error)
        except BaseException:  # a bug, or the end of the program: nothing may wait for it forever
            behind, self._waiting = self._waiting, []
            _refuse([*batch, *behind], LedgerFailed("The ledger's writer stopped; start the hub again."))
            raise
        else:
            self._feed.give([(k.position, k.record) for k in kept if k is not None and k.ours])
            for waiting, k in zip(batch, kept, strict=True):
                if k is None:
                    _refuse([waiting], Overtaken())
                elif not waiting[1].done():
                    waiting[1].set_result(k.record)


def _refuse(batch: Batch, error: ThreadworkError) -> None:
    for _, done in batch:
        if not done.done():
            done.set_exception(error)
