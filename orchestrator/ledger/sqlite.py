"""The ledger in one SQLite file: for one machine."""

import asyncio
import logging
import sqlite3
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Self, TypeVar

from orchestrator.domain.events import Event, Record
from orchestrator.domain.ids import Key, PersonId, Stream
from orchestrator.domain.task_list import ENTRY, Tally, TaskEntry, TaskQuery
from orchestrator.errors import LedgerFailed, OutOfSpace
from orchestrator.ledger.commit_and_tail import Batches, Feed, Page
from orchestrator.ledger.fact_records import Fact, Kept, event_of, fact
from orchestrator.ledger.load_sql_files import queries
from orchestrator.ledger.sqlite_file import connect, sqlite_errors
from orchestrator.ledger.task_rows import columns, listed_streams, question, tallied, tally, updated
from orchestrator.ports import Clock

T = TypeVar("T")
log = logging.getLogger(__name__)
Row = tuple[str, int, str, str, str]

GLANCE = 0.25
"""Seconds between two checks whether another process has written."""


class SqliteLedger:
    """Implements ports.Ledger. One thread writes, one reads; in WAL mode they don't wait for each other."""

    def __init__(self, path: Path, clock: Clock, connections: tuple[sqlite3.Connection, sqlite3.Connection]) -> None:
        self._path = path
        self._clock = clock
        self._sql = queries("sqlite")
        self._writing, self._reading = connections
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="ledger-write")
        self._reader = ThreadPoolExecutor(1, thread_name_prefix="ledger-read")
        self._feed = Feed(self._since)
        self._batches = Batches(self._write, self._feed)
        self._watcher: asyncio.Task[None] | None = None
        self._closed = False

    @classmethod
    async def open(cls, path: Path, clock: Clock) -> Self:
        """Creates the file and updates its schema if needed."""
        return cls(path, clock, await asyncio.to_thread(lambda: (connect(path), connect(path))))

    async def record(self, stream: Stream, key: Key, event: Event, *, expects: int | None = None) -> Record:
        return await self._batches.record(fact(stream, key, event, expects))

    async def read(self, stream: Stream, *, after: int = 0) -> Sequence[Record]:
        def work() -> Sequence[Record]:
            return [_record(row) for row in self._reading.execute(self._sql["read"], (stream, after))]

        return await self._run(self._reader, work)

    async def find(self, stream: Stream, key: Key) -> Record | None:
        def work() -> Record | None:
            row = self._reading.execute(self._sql["earlier"], (stream, key)).fetchone()
            return _record((stream, row[1], key, row[2], row[3])) if row else None

        return await self._run(self._reader, work)

    async def streams(self, *, prefix: str = "") -> Sequence[Stream]:
        def work() -> Sequence[Stream]:
            return [Stream(name) for (name,) in self._reading.execute(self._sql["streams"], (prefix,))]

        return await self._run(self._reader, work)

    async def tasks(self, query: TaskQuery) -> Sequence[TaskEntry]:
        name, parameters = question(query)

        def work() -> Sequence[TaskEntry]:
            return [ENTRY.validate_json(text) for (text,) in self._reading.execute(self._sql[name], parameters)]

        return await self._run(self._reader, work)

    async def tally(self, by: PersonId, *, since: datetime | None = None) -> Tally:
        def work() -> Tally:
            return tally(self._reading.execute(self._sql["tally"], tallied(by, since)).fetchone())

        return await self._run(self._reader, work)

    async def position(self) -> int:
        return await self._number("position")

    def tail(self, *, after: int) -> AsyncIterator[tuple[int, Record]]:
        if self._watcher is None and not self._closed:
            self._watcher = asyncio.create_task(self._watch())
        return self._feed.tail(after)

    async def mark(self, name: str, position: int) -> None:
        await self._run(self._writer, lambda: self._writing.execute(self._sql["mark"], (name, position)))

    async def marked(self, name: str) -> int:
        return await self._number("marked", name)

    async def close(self) -> None:
        await self._batches.close()
        self._feed.close()
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.wait({self._watcher})
        self._closed = True
        await asyncio.to_thread(self._end)

    def _end(self) -> None:
        for executor, connection in ((self._reader, self._reading), (self._writer, self._writing)):
            executor.shutdown()
            connection.close()

    async def _write(self, facts: Sequence[Fact]) -> Sequence[Kept | None]:
        return await self._run(self._writer, lambda: self._transaction(facts))

    def _transaction(self, facts: Sequence[Fact]) -> Sequence[Kept | None]:
        self._writing.execute("begin immediate")
        try:
            kept = [self._keep(given) for given in facts]
            self._list(facts, kept)
            self._writing.execute("commit")
        except BaseException:
            if self._writing.in_transaction:
                self._writing.execute("rollback")
            raise
        return kept

    def _keep(self, given: Fact) -> Kept | None:
        at = self._clock.now()
        arguments = (given.stream, given.key, at.isoformat(), given.text, given.expects)
        if new := self._writing.execute(self._sql["record"], arguments).fetchone():
            position, seq = new
            return Kept(position, Record(given.stream, seq, given.key, at, given.event), ours=True)
        earlier = self._writing.execute(self._sql["earlier"], arguments[:2]).fetchone()
        if earlier is None:
            return None
        position, seq, then, event = earlier
        return Kept(position, _record((given.stream, seq, given.key, then, event)), ours=False)

    def _list(self, facts: Sequence[Fact], kept: Sequence[Kept | None]) -> None:
        """Updates the task list in the same transaction."""
        found = [self._writing.execute(self._sql["entry"], (stream,)).fetchone() for stream in listed_streams(facts)]
        stored = [ENTRY.validate_json(row[0]) for row in found if row]
        for entry in updated(stored, [k for k in kept if k is not None and k.ours]):
            self._writing.execute(self._sql["list_task"], columns(entry))

    async def _since(self, after: int, most: int) -> Page:
        def work() -> Page:
            return [(n, _record(row)) for n, *row in self._reading.execute(self._sql["since"], (after, most))]

        return await self._run(self._reader, work)

    async def _watch(self) -> None:
        """Wakes the readers when another process has written. The pragma counts only other connections' commits."""
        seen = -1
        while True:
            try:
                now = await self._run(self._writer, lambda: self._writing.execute("pragma data_version").fetchone()[0])
            except (LedgerFailed, OutOfSpace) as error:
                log.warning("other processes' records may arrive late: %s", error)
                now = -1
            if now != seen:
                self._feed.stir()
            seen = now
            await asyncio.sleep(GLANCE)

    async def _number(self, query: str, *arguments: str) -> int:
        row = await self._run(self._reader, lambda: self._reading.execute(self._sql[query], arguments).fetchone())
        return int(row[0]) if row else 0

    async def _run(self, executor: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        if self._closed:
            raise LedgerFailed(f"The database {str(self._path)!r} is closed; start the hub again.")

        with sqlite_errors(self._path):
            return await asyncio.get_running_loop().run_in_executor(executor, work)


def _record(row: Sequence[str | int]) -> Record:
    stream, seq, key, at, event = row
    return Record(Stream(str(stream)), int(seq), Key(str(key)), datetime.fromisoformat(str(at)), event_of(str(event)))
