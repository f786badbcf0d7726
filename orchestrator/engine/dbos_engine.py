"""The engine on DBOS: every flow that has started and not ended keeps running, even after a crash."""

import asyncio
import contextvars
import socket
import uuid
from collections.abc import Coroutine, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from orchestrator.engine.running_flows import RunningFlows, known_flow
from orchestrator.engine.single_hub_lock import SingleHubLock
from orchestrator.errors import LedgerFailed
from orchestrator.ports import Flow
from orchestrator.private_files import passable_folder, private_file

if TYPE_CHECKING:
    from orchestrator.engine.dbos_calls import Durable, Vendor
    from orchestrator.engine.hub_failover import HubFailover

T = TypeVar("T")

EAGERNESS = 10.0
"""Seconds after the launch in which recovered flows are checked often."""


class DbosEngine:
    """Implements ports.Engine. One can be launched per process at a time.

    `url` is the ledger's address. On SQLite the engine has its own file beside it, so that they don't wait for each
    other, and one hub may use it; on PostgreSQL it has its own schema, for any number of hubs.
    """

    def __init__(self, url: str) -> None:
        self._url = url.replace("postgres://", "postgresql://", 1)  # SQLAlchemy doesn't know the short form
        self._sqlite = url.startswith("sqlite://")
        self._flows: dict[str, Flow] = {}
        self._running = RunningFlows()
        self._starting: set[asyncio.Task[bool]] = set()
        self._alone: SingleHubLock | None = None
        self._failover: HubFailover | None = None
        self._vendor: Vendor | None = None
        self._patience: asyncio.TimerHandle | None = None

    def register(self, name: str, flow: Flow) -> None:
        """Names a flow; call it before `launch`. The name is stored, so it must stay the same over versions."""
        if self._vendor is not None:
            raise ValueError(f"The flow {name!r} was registered too late; register it before launching the engine.")
        self._flows[name] = flow

    async def launch(self) -> None:
        loop = asyncio.get_running_loop()
        me = "hub" if self._sqlite else f"{socket.gethostname()}-{uuid.uuid4().hex[:12]}"
        try:
            if not self._sqlite:
                await self._live(me)
            flows = {name: self._durable(flow) for name, flow in self._flows.items()}
            self._vendor = await asyncio.to_thread(self._launched, me, flows, loop)
            if self._failover is not None:
                self._failover.watch()
        except BaseException:
            await self.close()
            raise
        self._patience = loop.call_later(EAGERNESS, self._vendor.be_patient)

    async def start(self, flow: str, key: str, **arguments: str | int) -> bool:
        known_flow(self._flows, flow)
        vendor = self._ready()
        if key in self._running:
            return False
        self._running.expect(key)
        # An empty context: called from within a flow, DBOS must not take this for its step. And shielded: cancelled
        # halfway, the flow would be stored as ours and never start.
        task = asyncio.create_task(self._start(vendor, flow, key, arguments), context=contextvars.Context())
        self._starting.add(task)
        task.add_done_callback(self._starting.discard)
        return await asyncio.shield(task)

    async def stop(self, key: str) -> None:
        if key not in self._running:
            return
        try:
            # First, so that a crash from here on doesn't bring the flow back.
            await self._clean(self._ready().cancel(key))
        finally:
            await self._running.stop(key)

    async def running(self) -> Sequence[str]:
        return self._running.keys()

    async def sweep(self, days: float) -> int:
        """Forgets flows that ended more than `days` ago; returns how many. A forgotten key could be started again."""
        return await self._clean(self._ready().sweep(days))

    async def close(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
        if self._starting:
            await asyncio.wait(self._starting)
        if self._failover is not None:
            await self._failover.stop_watching()
        await self._running.close()
        if self._vendor is not None:
            await self._vendor.close()
            self._vendor = None
        # Last: until here, no other hub may take over what we are about to leave.
        if self._failover is not None:
            await self._failover.close()
        if self._alone is not None:
            self._alone.close()

    async def _start(self, vendor: "Vendor", flow: str, key: str, arguments: dict[str, str | int]) -> bool:
        begun = False
        try:
            begun = await vendor.start(flow, key, arguments)
        finally:
            if not begun:
                self._running.forget(key)
        return begun

    def _durable(self, flow: Flow) -> "Durable":
        async def run(key: str, arguments: dict[str, str | int]) -> None:
            await self._running.work(key, flow, arguments)

        return run

    def _launched(self, me: str, flows: "Mapping[str, Durable]", loop: asyncio.AbstractEventLoop) -> "Vendor":
        # Lazy: importing DBOS takes more than half a second, which the event loop shouldn't wait for.
        from orchestrator.engine.dbos_calls import Vendor

        if not self._sqlite:
            return Vendor(self._url, me, flows, loop)
        path = engine_file(self._url)
        passable_folder(path.parent)
        private_file(path)
        self._alone = SingleHubLock(path.with_suffix(".lock"))
        return Vendor(f"sqlite:///{path}", me, flows, loop)

    async def _live(self, me: str) -> None:
        failover = await asyncio.to_thread(_failover_class)
        self._failover = failover(self._url, me, self._running, lambda dead: self._ready().recover(dead))
        await self._failover.live()

    def _ready(self) -> "Vendor":
        if self._vendor is None:
            raise LedgerFailed("The engine isn't running; launch it first.")
        return self._vendor

    async def _clean(self, work: Coroutine[Any, Any, T]) -> T:
        return await asyncio.create_task(work, context=contextvars.Context())


def _failover_class() -> "type[HubFailover]":
    # Lazy: SQLite doesn't need its database driver. In a thread: reading it takes longer than a turn of the loop.
    from orchestrator.engine.hub_failover import HubFailover

    return HubFailover


def engine_file(url: str) -> Path:
    """Returns the engine's own file beside the ledger's: `threadwork.db` has `threadwork.engine.db`."""
    path = Path("/" + url.removeprefix("sqlite://").lstrip("/"))
    return path.with_name(f"{path.stem}.engine{path.suffix or '.db'}")
