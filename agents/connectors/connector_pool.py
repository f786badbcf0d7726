"""Keeps a connector's connections: opens them when they are needed, one call on each, and restarts with back-off."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import NamedTuple, Protocol

from agents.connectors.call_types import ConnectorAnswer, ConnectorFailed, ExchangeHooks, ListChanged, ServerRequest
from agents.connectors.tool_list import ApprovedTools, ToolList

log = logging.getLogger(__name__)

MOST_AT_ONCE = 4
"""Connections to one server; more calls wait."""
IDLE_SECONDS = 600.0
"""After which an unused connection is closed."""
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
PATIENCE = 5.0
"""The longest that a call waits for the next try; otherwise it is told when that is."""


class OpenConnection(Protocol):
    """One connection, see `connection.py`."""

    gone: bool

    async def live(self) -> None: ...

    async def opened(self) -> None: ...

    def close(self) -> None: ...

    async def offered(self) -> ToolList: ...

    async def call(self, request: ServerRequest, hooks: ExchangeHooks, *, seconds: float) -> ConnectorAnswer: ...


class PoolHealth(NamedTuple):
    """Whether there is a connection, and why the last try failed, if it did."""

    connected: bool = False
    failure: str = ""


class ConnectorPool:
    """The connections to one server."""

    def __init__(
        self,
        make: Callable[[], Awaitable[OpenConnection]],
        *,
        now: Callable[[], float] | None = None,
        pause: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        """`make`: a connection that isn't open yet."""
        self._make = make
        self._now, self._pause = now or asyncio.get_running_loop().time, pause
        self._room = asyncio.Semaphore(MOST_AT_ONCE)
        self._idle: list[OpenConnection] = []
        self._timers: dict[OpenConnection, asyncio.TimerHandle] = {}
        self._running: dict[asyncio.Task[None], OpenConnection] = {}
        self._retired = False
        self._failures, self._not_before, self._last = 0, 0.0, ""

    @property
    def health(self) -> PoolHealth:
        """Returns how its connections are."""
        return PoolHealth(bool(self._running), self._last if self._failures else "")

    async def offered(self) -> ToolList:
        """Returns what the server offers now. Raises ConnectorFailed."""
        async with self._leased() as connection:
            return await connection.offered()

    async def call(
        self, request: ServerRequest, hooks: ExchangeHooks, approved: ApprovedTools, *, seconds: float
    ) -> ConnectorAnswer:
        """Returns the answer. Raises ListChanged before anything is called, ConnectorFailed."""
        async with self._leased() as connection:
            offered = await connection.offered()
            if offered.digest != approved.list.digest:
                raise ListChanged(offered)
            await hooks.sending()
            return await connection.call(request, hooks, seconds=seconds)

    def retire(self) -> None:
        """Closes the unused connections now, and the others after their call."""
        self._retired = True
        for connection in self._idle:
            self._forget_timer(connection)
            connection.close()
        self._idle.clear()

    async def close(self) -> None:
        """Ends all connections; their servers are gone when this returns."""
        self.retire()
        for connection in self._running.values():
            connection.close()
        await asyncio.gather(*self._running, return_exceptions=True)

    @asynccontextmanager
    async def _leased(self) -> AsyncGenerator[OpenConnection]:
        async with self._room:
            connection = await self._taken()
            try:
                yield connection
            except ConnectorFailed as error:
                connection.close()
                if connection.gone:
                    self._failed(str(error))
                raise
            except asyncio.CancelledError:
                connection.close()  # it may still be answering
                raise
            else:
                self._failures = 0
                self._put_back(connection)

    async def _taken(self) -> OpenConnection:
        while self._idle:
            connection = self._idle.pop()
            self._forget_timer(connection)
            if not connection.gone:
                return connection
        await self._wait_for_the_next_try()
        connection = await self._make()
        task = asyncio.ensure_future(connection.live())
        self._running[task] = connection
        task.add_done_callback(self._ended)
        try:
            await connection.opened()
        except ConnectorFailed as error:
            self._failed(str(error))
            raise
        except asyncio.CancelledError:
            connection.close()
            raise
        return connection

    async def _wait_for_the_next_try(self) -> None:
        left = self._not_before - self._now()
        if left > PATIENCE:
            raise ConnectorFailed(f"{self._last}; the next try is in {left:.0f} seconds")
        if left > 0:
            await self._pause(left)

    def _failed(self, why: str) -> None:
        self._failures += 1
        self._last = why
        self._not_before = self._now() + min(LONGEST_PAUSE, FIRST_PAUSE * 2.0 ** (self._failures - 1))

    def _ended(self, task: asyncio.Task[None]) -> None:
        del self._running[task]
        if not task.cancelled() and (error := task.exception()):
            log.error("a connection ended unexpectedly", exc_info=error)

    def _put_back(self, connection: OpenConnection) -> None:
        if connection.gone:
            return
        if self._retired:
            connection.close()
            return
        self._idle.append(connection)
        loop = asyncio.get_running_loop()
        self._timers[connection] = loop.call_later(IDLE_SECONDS, self._retire, connection)

    def _retire(self, connection: OpenConnection) -> None:
        self._timers.pop(connection, None)
        if connection in self._idle:
            self._idle.remove(connection)
            connection.close()

    def _forget_timer(self, connection: OpenConnection) -> None:
        if timer := self._timers.pop(connection, None):
            timer.cancel()
