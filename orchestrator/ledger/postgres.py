"""The ledger in PostgreSQL: for teams, and for more than one hub."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Self

from psycopg import AsyncCursor
from psycopg.rows import TupleRow

from orchestrator.domain.events import Event, Record
from orchestrator.domain.ids import Key, PersonId, Stream
from orchestrator.domain.task_list import ENTRY, Tally, TaskEntry, TaskQuery
from orchestrator.errors import LedgerFailed
from orchestrator.ledger.commit_and_tail import Batches, Feed, Page
from orchestrator.ledger.fact_records import Fact, Kept, event_of, fact
from orchestrator.ledger.load_sql_files import queries
from orchestrator.ledger.postgres_connection import Connection, PostgresConnection, migrate
from orchestrator.ledger.task_rows import columns, listed_streams, question, tallied, tally, updated
from orchestrator.ports import Clock

Row = Sequence[object]
Answer = AsyncCursor[TupleRow]
Parameters = Sequence[str | int] | Mapping[str, str | int | None]

GLANCE = 5.0
"""Seconds between two checks without a notification, in case one was lost."""
PATIENCE = 1.0

log = logging.getLogger(__name__)


class PostgresLedger:
    """Implements ports.Ledger. One connection writes, one reads, one listens for other hubs."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._sql = queries("postgres")
        self._writer = PostgresConnection(url)
        self._reader = PostgresConnection(url)
        self._feed = Feed(self._since)
        self._batches = Batches(self._write, self._feed)
        self._listener: asyncio.Task[None] | None = None
        self._closed = False

    @classmethod
    async def open(cls, url: str, clock: Clock) -> Self:
        """Updates the schema if needed."""
        ledger = cls(url, clock)
        try:
            await ledger._writer.use(migrate)
        except BaseException:
            await ledger.close()
            raise
        return ledger

    async def record(self, stream: Stream, key: Key, event: Event, *, expects: int | None = None) -> Record:
        return await self._batches.record(fact(stream, key, event, expects))

    async def read(self, stream: Stream, *, after: int = 0) -> Sequence[Record]:
        return [_record(row) for row in await self._rows("read", (stream, after))]

    async def find(self, stream: Stream, key: Key) -> Record | None:
        rows = await self._rows("earlier", {"stream": stream, "key": key})
        return _record((stream, rows[0][1], key, *rows[0][2:])) if rows else None

    async def streams(self, *, prefix: str = "") -> Sequence[Stream]:
        return [Stream(str(name)) for (name,) in await self._rows("streams", (prefix,))]

    async def tasks(self, query: TaskQuery) -> Sequence[TaskEntry]:
        name, parameters = question(query)
        return [ENTRY.validate_json(str(text)) for (text,) in await self._rows(name, parameters)]

    async def tally(self, by: PersonId, *, since: datetime | None = None) -> Tally:
        (row,) = await self._rows("tally", tallied(by, since))
        return tally(row)

    async def position(self) -> int:
        return _number(await self._rows("position"))

    def tail(self, *, after: int) -> AsyncIterator[tuple[int, Record]]:
        if self._listener is None and not self._closed:
            self._listener = asyncio.create_task(self._listen())
        return self._feed.tail(after)

    async def mark(self, name: str, position: int) -> None:
        async def work(connection: Connection) -> None:
            await connection.execute(self._sql["mark"].encode(), (name, position))

        await self._writer.use(work)

    async def marked(self, name: str) -> int:
        return _number(await self._rows("marked", (name,)))

    async def close(self) -> None:
        self._closed = True
        await self._batches.close()
        self._feed.close()
        if self._listener is not None:
            self._listener.cancel()
            await asyncio.wait({self._listener})
        await self._reader.close()
        await self._writer.close()

    async def _write(self, facts: Sequence[Fact]) -> Sequence[Kept | None]:
        return await self._writer.use(lambda connection: self._transaction(connection, facts))

    async def _transaction(self, connection: Connection, facts: Sequence[Fact]) -> Sequence[Kept | None]:
        at = self._clock.now()
        # A pipeline sends the whole transaction in one round trip, or in two if the task list changes.
        async with connection.pipeline(), connection.transaction():
            await connection.execute(self._sql["lock"].encode())
            answers = [
                await connection.execute(
                    self._sql["record"].encode(),
                    {"stream": f.stream, "key": f.key, "at": at, "event": f.text, "expects": f.expects},
                )
                for f in facts
            ]
            new = await self._list(connection, facts, answers, at)
            await connection.execute(self._sql["notify"].encode())
        rows = new or [await answer.fetchone() for answer in answers]
        return [
            _kept(f, at, row) if row else await self._earlier(connection, f) for f, row in zip(facts, rows, strict=True)
        ]

    async def _list(
        self, connection: Connection, facts: Sequence[Fact], answers: Sequence[Answer], at: datetime
    ) -> Sequence[TupleRow | None]:
        """Updates the task list; returns what the inserts returned, or nothing if no entry can change."""
        if not (streams := listed_streams(facts)):
            return ()
        found = [await connection.execute(self._sql["entry"].encode(), (stream,)) for stream in streams]
        rows = [await answer.fetchone() for answer in answers]
        stored = [ENTRY.validate_json(row[0]) for one in found if (row := await one.fetchone())]
        ours = [_kept(f, at, row) for f, row in zip(facts, rows, strict=True) if row]
        for entry in updated(stored, ours):
            await connection.execute(self._sql["list_task"].encode(), columns(entry))
        return rows

    async def _earlier(self, connection: Connection, given: Fact) -> Kept | None:
        answer = await connection.execute(self._sql["earlier"].encode(), {"stream": given.stream, "key": given.key})
        earlier = await answer.fetchone()
        if earlier is None:
            return None
        position, seq, at, event = earlier
        return Kept(int(position), _record((given.stream, seq, given.key, at, event)), ours=False)

    async def _since(self, after: int, most: int) -> Page:
        return [(_number([row]), _record(row[1:])) for row in await self._rows("since", (after, most))]

    async def _rows(self, query: str, arguments: Parameters = ()) -> Sequence[Row]:
        async def work(connection: Connection) -> Sequence[Row]:
            return await (await connection.execute(self._sql[query].encode(), arguments)).fetchall()

        return await self._reader.use(work)

    async def _listen(self) -> None:
        """Wakes the readers when another hub has written; reconnects when the connection is lost."""
        while True:
            try:
                await self._hear()
            except LedgerFailed as error:
                log.warning("other hubs' records may arrive late: %s", error)
                await asyncio.sleep(PATIENCE)

    async def _hear(self) -> None:
        line = PostgresConnection(self._url)
        try:
            await line.use(self._notified)
        finally:
            await line.close()

    async def _notified(self, connection: Connection) -> None:
        own = connection.info.backend_pid
        await connection.execute("listen threadwork_ledger")
        self._feed.stir()
        while True:
            heard = [n.pid async for n in connection.notifies(timeout=GLANCE, stop_after=1)]
            ours = self._writer.process
            if not heard or any(pid not in (own, ours) for pid in heard):
                self._feed.stir()


def _number(rows: Sequence[Row]) -> int:
    return int(str(rows[0][0])) if rows else 0


def _kept(given: Fact, at: datetime, row: TupleRow) -> Kept:
    return Kept(int(row[0]), Record(given.stream, int(row[1]), given.key, at, given.event), ours=True)


def _record(row: Row) -> Record:
    stream, seq, key, at, event = row
    if not isinstance(at, datetime):
        raise LedgerFailed(f"The database contains {at!r} where a time should be.")
    return Record(Stream(str(stream)), int(str(seq)), Key(str(key)), at.astimezone(UTC), event_of(str(event)))
