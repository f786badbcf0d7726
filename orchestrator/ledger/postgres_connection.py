"""One connection to PostgreSQL that comes back by itself."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import psycopg

from orchestrator.errors import LedgerFailed
from orchestrator.ledger.postgres_wire import Connection, connect, postgres_errors

T = TypeVar("T")

_CLOSED = "The ledger is closed; start the hub again."


class Line:
    """Used by one piece of work at a time; a broken connection is replaced and the work done again, once.

    So the work must be something that may be done twice: reads, and records that have a key.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None
        self._one = asyncio.Lock()  # protects the connection: its protocol knows one question at a time
        self._closed = False

    @property
    def process(self) -> int:
        """The server's process behind the connection, as notifications name it; 0 without one."""
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
            if self._closed:  # while we connected
                await self._connection.close()
                raise LedgerFailed(_CLOSED)
        return self._connection
