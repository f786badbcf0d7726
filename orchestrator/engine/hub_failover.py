"""Notices that another hub has died, and takes over its flows. PostgreSQL only.

Each hub holds an advisory lock as long as it lives. A hub with unfinished flows and a free lock, twice in a row, is
dead: once may be a hub that is just reconnecting.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

import psycopg
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from orchestrator.errors import LedgerFailed

SPACE = 0x7477
"""The first half of our advisory locks' numbers."""
PAUSE, SECOND_LOOK, RECONNECT = 2.0, 0.5, 1.0

OTHERS = "select distinct executor_id from dbos.workflow_status where status = 'PENDING' and executor_id <> %s"
MOVED = """
select workflow_uuid from dbos.workflow_status
where workflow_uuid = any(%s) and (status <> 'PENDING' or executor_id <> %s)
"""

log = logging.getLogger(__name__)


class _Flows(Protocol):
    """What the watch needs from the engine."""

    def keys(self) -> Sequence[str]: ...

    async def stop(self, key: str) -> None: ...


class HubFailover:
    """`me` is the name of this process. `recover` takes over all flows of a dead one."""

    def __init__(self, url: str, me: str, work: _Flows, recover: Callable[[str], Awaitable[int]]) -> None:
        self._url = url
        self._me = me
        self._work = work
        self._recover = recover
        self._connection: AsyncConnection[TupleRow] | None = None
        self._watcher: asyncio.Task[None] | None = None
        self._held = False

    async def live(self) -> None:
        """Takes the lock before the first flow starts; otherwise others would consider us dead. Raises LedgerFailed."""
        try:
            self._connection = await self._locked()
        except psycopg.Error as error:
            raise LedgerFailed(f"The database can't be reached: {' '.join(str(error).split())}.") from error

    def watch(self) -> None:
        """Watches the others until closed."""
        self._watcher = asyncio.create_task(self._watch())

    async def stop_watching(self) -> None:
        """Takes nothing over anymore, but stays alive."""
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.wait({self._watcher})

    async def close(self) -> None:
        await self.stop_watching()
        if self._connection is not None:
            await self._connection.close()

    async def _locked(self) -> AsyncConnection[TupleRow]:
        connection = await AsyncConnection.connect(
            self._url,
            autocommit=True,
            application_name=f"threadwork {self._me}",
            connect_timeout=10,
            keepalives_idle=10,
            keepalives_interval=5,
            keepalives_count=3,
        )
        try:
            self._held = await self._try_lock(connection, self._me)
        except BaseException:
            await connection.close()
            raise
        return connection

    async def _watch(self) -> None:
        suspects: frozenset[str] = frozenset()
        while True:
            try:
                if self._connection is None:
                    self._connection = await self._locked()
                    await self._give_up_what_moved(self._connection)
                suspects = await self._look(self._connection, suspects)
                await asyncio.sleep(SECOND_LOOK if suspects else PAUSE)
            except (psycopg.Error, LedgerFailed) as error:
                log.warning("can't watch other hubs, retrying: %s", error)
                if self._connection is not None:
                    await self._connection.close()
                self._connection, suspects = None, frozenset()
                await asyncio.sleep(RECONNECT)

    async def _look(self, connection: AsyncConnection[TupleRow], suspects: frozenset[str]) -> frozenset[str]:
        """Takes over from hubs that were already suspects; returns the new suspects."""
        # Not ours yet: a lost session of ours still has it, or another hub is just checking whether we live.
        self._held = self._held or await self._try_lock(connection, self._me)
        rows = await (await connection.execute(OTHERS, (self._me,))).fetchall()
        dead: set[str] = set()
        for (other,) in rows:
            if not await self._try_lock(connection, other):
                continue
            try:
                if other in suspects:
                    log.warning("took over %d flows from the hub %r, which is gone", await self._recover(other), other)
                else:
                    dead.add(other)
            finally:
                await connection.execute("select pg_advisory_unlock(%s, hashtext(%s))", (SPACE, other))
        return frozenset(dead)

    async def _give_up_what_moved(self, connection: AsyncConnection[TupleRow]) -> None:
        """While we were cut off, another hub may have taken over our flows."""
        rows = await (await connection.execute(MOVED, (list(self._work.keys()), self._me))).fetchall()
        for (key,) in rows:
            log.warning("gave up the flow %r, which another hub has taken over", key)
            await self._work.stop(key)

    async def _try_lock(self, connection: AsyncConnection[TupleRow], name: str) -> bool:
        answer = await connection.execute("select pg_try_advisory_lock(%s, hashtext(%s))", (SPACE, name))
        row = await answer.fetchone()
        return bool(row and row[0])
