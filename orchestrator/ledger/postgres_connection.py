"""Connects to PostgreSQL, reconnects after a loss, migrates its schema, and translates its errors."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from typing import TypeVar

import psycopg
from psycopg import AsyncConnection, errors
from psycopg.rows import TupleRow

from orchestrator.errors import LedgerBusy, LedgerFailed, LedgerTooOld, OutOfSpace
from orchestrator.ledger.fact_records import StoredFact
from orchestrator.ledger.load_sql_files import migrations, queries
from orchestrator.ledger.task_rows import FILLED_BY, columns, listed

Connection = AsyncConnection[TupleRow]
T = TypeVar("T")

PATIENCE = "10s"
"""How long to wait for another program's lock."""

NEXT = "Start its server, or set THREADWORK_DATABASE__URL to another database."
_CLOSED = "The ledger is closed; start the hub again."


@contextmanager
def postgres_errors() -> Generator[None]:
    """Translates PostgreSQL's errors into ours. The messages never contain the address, which may contain a
    password."""
    try:
        yield
    except psycopg.Error as error:
        raise _translated(error) from error


class PostgresConnection:
    """Used by one piece of work at a time; a broken connection is replaced and the work repeated, once.

    So the work must be safe to repeat: reads, and records that have a key.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None
        self._one = asyncio.Lock()  # protects the connection: its protocol handles one query at a time
        self._closed = False

    @property
    def process(self) -> int:
        """Returns the server's process behind the connection, as notifications name it; 0 without one."""
        return 0 if self._connection is None or self._connection.closed else self._connection.info.backend_pid

    async def use(self, work: Callable[[Connection], Awaitable[T]]) -> T:
        """Raises one of the ledger's errors."""
        async with self._one:
            with postgres_errors():
                fresh = self._connection is None
                connection = await self._open()
                try:
                    return await work(connection)
                except psycopg.OperationalError:
                    if fresh or not connection.closed:
                        raise
                return await work(await self._open())

    async def close(self) -> None:
        self._closed = True
        if self._connection is not None:
            await self._connection.close()

    async def _open(self) -> Connection:
        if self._closed:
            raise LedgerFailed(_CLOSED)
        if self._connection is None or self._connection.closed:
            self._connection = await connect(self._url)
            if self._closed:  # while we were connecting
                await self._connection.close()
                raise LedgerFailed(_CLOSED)
        return self._connection


async def connect(url: str) -> Connection:
    """A connection in autocommit mode that notices a dead server within half a minute."""
    with postgres_errors():
        connection = await AsyncConnection.connect(
            url,
            autocommit=True,
            prepare_threshold=2,
            application_name="threadwork",
            connect_timeout=10,
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
        )
        try:
            await connection.execute(f"set lock_timeout = '{PATIENCE}'")
            await asyncio.to_thread(lambda: connection.info.timezone)  # the driver reads its file once, at first use
        except BaseException:
            await connection.close()
            raise
    return connection


async def migrate(connection: Connection) -> None:
    """Runs the remaining migrations in one transaction. Raises LedgerTooOld for a database from a newer version."""
    road = migrations("postgres")
    with postgres_errors():
        async with connection.transaction():
            await connection.execute("select pg_advisory_xact_lock(hashtext('threadwork.migrations'))")
            await connection.execute("set local client_min_messages = warning")
            await connection.execute("create table if not exists ledger_version (version int not null)")
            row = await (await connection.execute("select version from ledger_version")).fetchone()
            version = int(row[0]) if row else 0
            if version > len(road):
                raise LedgerTooOld(
                    f"The database has schema {version}, but this version supports {len(road)}; "
                    "install a newer version."
                )
            if version == len(road):
                return
            for step in road[version:]:
                for statement in step.statements:
                    await connection.execute(statement.encode())
            if 0 < version < FILLED_BY:
                await _fill_tasks(connection)
            await connection.execute("delete from ledger_version")
            await connection.execute("insert into ledger_version values (%s)", (len(road),))


async def _fill_tasks(connection: Connection) -> None:
    """Reads through a server-side cursor: a large ledger needn't fit into memory."""
    sql = queries("postgres")
    its: list[StoredFact] = []

    async def write() -> None:
        for entry in listed(its):
            await connection.execute(sql["list_task"].encode(), columns(entry))
        its.clear()

    async with connection.cursor("facts") as cursor:
        await cursor.execute(sql["facts"].encode())
        async for row in cursor:
            fact = StoredFact(*row)
            if its and its[0].stream != fact.stream:
                await write()
            its.append(fact)
    await write()


def _translated(error: psycopg.Error) -> LedgerFailed | OutOfSpace:
    words = _first_line(str(error))
    match error:
        case errors.LockNotAvailable() | errors.DeadlockDetected() | errors.TooManyConnections():
            return LedgerBusy(f"The database is busy: {words}; try again.")
        case errors.DiskFull():
            return OutOfSpace("The database server's disk is full; free some space and press Retry.")
        case psycopg.OperationalError() if error.sqlstate is None:
            return LedgerFailed(f"The database can't be reached: {words}. {NEXT}")
        case _:
            return LedgerFailed(f"The database can't be used: {words}.")


def _first_line(words: str) -> str:
    """Removes the driver's guesses on further lines, and the full stop that our sentence adds."""
    return words.strip().partition("\n")[0].strip().rstrip(".?")
