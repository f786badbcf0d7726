"""Group commit: facts that arrive while a transaction runs share the next one."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from orchestrator.domain.events import Record
from orchestrator.errors import LedgerFailed, Overtaken, ThreadworkError
from orchestrator.ledger.facts import Fact, Kept
from orchestrator.ledger.feed import Feed

Write = Callable[[Sequence[Fact]], Awaitable[Sequence[Kept | None]]]
"""Writes the facts in one transaction; raises one of the ledger's errors when none was written.

None stands for a fact that was not written, because its stream has newer facts than it expects.
"""

Batch = Sequence[tuple[Fact, asyncio.Future[Record]]]

MOST_AT_ONCE = 200


class Batches:
    """The one writer of a ledger in this process.

    A fact is written even when its caller is cancelled meanwhile: the key makes that harmless.
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
        """Takes no more facts and writes those that wait."""
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
        except BaseException:  # a bug, or the end of the program: nobody may wait for it forever
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
