"""Keeps a connection to a host: connects, greets, checks the heartbeat, and reconnects when it is lost."""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from agents.host import wire
from agents.host.channel import Channel
from agents.host.config import HostConfig
from agents.host.frame_checks import check_welcome
from orchestrator.domain.plural import in_seconds
from orchestrator.errors import BrokeRule, HostLost, ThreadworkError

log = logging.getLogger(__name__)


class Connection(Protocol):
    """An open connection to a host that hasn't received `hello` yet; `config` goes into it."""

    @property
    def channel(self) -> Channel: ...

    @property
    def config(self) -> HostConfig: ...

    async def close(self) -> str:
        """Ends it, and the host if it is ours. Returns the host's last output, if any."""
        ...


Dial = Callable[[], Awaitable[Connection]]
"""Raises HostFailed or OSError if no connection can be made."""


@dataclass(frozen=True)
class Timing:
    """Timings in seconds, and how many starts in a row may fail. `silence`: a host that sends nothing for so long is
    dead."""

    start: float = 60
    beat: float = 3
    silence: float = 20
    failures: int = 5
    pause: float = 0.25
    longest_pause: float = 10


@dataclass(frozen=True)
class ConnectionCallbacks:
    """Callbacks of the connection: `up` when the host is ready, `frame` for each frame, `down(words)`, `broke(rule)`
    just before it is cut off for that, `lost` after giving up."""

    up: Callable[[Channel, wire.Welcome], None]
    frame: Callable[[Channel, wire.Frame], Awaitable[None]]
    down: Callable[[str], Awaitable[None]]
    broke: Callable[[str], None]
    lost: Callable[[HostLost], None]


class ConnectionKeeper:
    """One host's connection. Reconnects until `failures` attempts in a row got no answer."""

    def __init__(self, name: str, dial: Dial, timing: Timing, listener: ConnectionCallbacks) -> None:
        self._name = name
        self._dial = dial
        self._timing = timing
        self._listener = listener
        self._task: asyncio.Task[None] | None = None
        self._ready: asyncio.Future[wire.Welcome] | None = None
        self._answered = self._broke = False
        self._pings = 0
        """Pings that aren't answered yet."""

    async def ready(self) -> wire.Welcome:
        """Waits until the host is up, connecting if needed. Raises HostLost if it can't be started."""
        self.wake()
        assert self._ready is not None
        return await asyncio.shield(self._ready)

    def wake(self) -> None:
        """Starts connecting, unless that is running already."""
        if self._task is None or self._task.done():
            self._ready = asyncio.get_running_loop().create_future()
            self._task = asyncio.create_task(self._keep())
            self._task.add_done_callback(self._ended)

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait({self._task})
        self._give_up(HostLost(f"The host {self._name!r} was closed."))

    async def _keep(self) -> None:
        failures = 0
        while True:
            self._answered = self._broke = False
            words = await self._one_connection()
            failures = 0 if self._answered and not self._broke else failures + 1
            if failures >= self._timing.failures:
                error = HostLost(self._lost(words))
                self._give_up(error)
                self._listener.lost(error)
                return
            log.warning("host %s is down: %s", self._name, words)
            if failures:  # also after a broken rule, however much it had answered before
                await asyncio.sleep(min(self._timing.pause * 2**failures, self._timing.longest_pause))

    def _lost(self, words: str) -> str:
        if self._broke:
            return (
                f"The host {self._name!r} keeps violating its link protocol ({words}) and won't be restarted. "
                "Check that machine for malware, then press Retry."
            )
        return f"The host {self._name!r} can't be started ({words}). Run `threadwork doctor`, then press Retry."

    async def _one_connection(self) -> str:
        """Runs one connection and returns why it ended."""
        try:
            connection = await self._dial()
        except (ThreadworkError, OSError) as error:
            return str(error)
        words = ""
        try:
            words = await self._talk(connection)
        except (ThreadworkError, ConnectionError) as error:
            words = self._why(error)
        finally:
            last_words = await connection.close()
        return words or last_words or "it ended"

    async def _talk(self, connection: Connection) -> str:
        channel = connection.channel
        await channel.send(wire.Hello(config=connection.config))
        first = await self._next(channel, self._timing.start)
        if first is None:
            return ""
        if isinstance(first.message, wire.Sorry):
            return first.message.words[: wire.MOST_SENTENCE]
        if not isinstance(first.message, wire.Welcome):
            raise BrokeRule(f"it started with {first.message.type!r}")
        check_welcome(first.message)
        self._pings = 0
        self._arrive(channel, first.message)
        beating = asyncio.create_task(self._beat(channel))
        words = ""
        try:
            while frame := await self._next(channel, self._timing.silence):
                if isinstance(frame.message, wire.Sorry):
                    words = frame.message.words[: wire.MOST_SENTENCE]
                if isinstance(frame.message, wire.Pong):
                    self._count_pong()
                    continue
                self._answered = self._answered or isinstance(frame.message, wire.Result | wire.Done)
                await self._listener.frame(channel, frame)
        except (ThreadworkError, ConnectionError) as error:
            words = self._why(error)
        finally:
            beating.cancel()
            await asyncio.wait({beating})
            await self._leave(words or "it exited and is being restarted")
        return words

    async def _next(self, channel: Channel, seconds: float) -> wire.Frame | None:
        try:
            async with asyncio.timeout(seconds):
                return await channel.receive(most_header=wire.MOST_FROM_HOST)
        except TimeoutError as error:
            raise HostLost(f"it sent no heartbeat for {in_seconds(seconds)}") from error

    async def _beat(self, channel: Channel) -> None:
        with contextlib.suppress(ConnectionError):  # the reader notices it too
            while True:
                await asyncio.sleep(self._timing.beat)
                self._pings += 1
                await channel.send(wire.Ping())

    def _count_pong(self) -> None:
        self._pings -= 1
        if self._pings < 0:
            raise BrokeRule("it answered a ping that wasn't sent")

    def _why(self, error: Exception) -> str:
        if isinstance(error, BrokeRule) and not self._broke:
            self._broke = True
            self._listener.broke(str(error))
        return str(error)

    def _arrive(self, channel: Channel, welcome: wire.Welcome) -> None:
        if self._ready is not None and not self._ready.done():
            self._ready.set_result(welcome)
        self._listener.up(channel, welcome)

    async def _leave(self, words: str) -> None:
        self._ready = asyncio.get_running_loop().create_future()
        await self._listener.down(words)

    def _ended(self, task: asyncio.Task[None]) -> None:
        """Fails all waiters after an internal error, so that nobody waits forever."""
        if not task.cancelled() and (mistake := task.exception()):
            log.error("the link to host %s broke", self._name, exc_info=mistake)
            error = HostLost(
                f"The connection to the host {self._name!r} failed ({type(mistake).__name__}). See the log."
            )
            self._give_up(error)
            self._listener.lost(error)

    def _give_up(self, error: HostLost) -> None:
        if self._ready is not None and not self._ready.done():
            self._ready.set_exception(error)
            self._ready.exception()  # nobody has to be waiting for it
