"""The flows that this process runs: what every engine has in common, and everything the engine in memory needs.

Also flows and background work that continue whatever breaks.
"""

import asyncio
import contextvars
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence

from orchestrator.ports import Flow

PATIENCE = 5.0
"""Seconds that a stopped flow gets for its `finally` blocks before `stop` returns without it."""

log = logging.getLogger(__name__)


class RunningFlows:
    """Knows each flow's task by its key."""

    def __init__(self) -> None:
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._expected: set[str] = set()
        self._stopped: set[str] = set()
        self._closed = False

    def __contains__(self, key: str) -> bool:
        return key in self._tasks or key in self._expected

    def keys(self) -> Sequence[str]:
        return [*self._tasks, *(self._expected - self._tasks.keys())]

    def expect(self, key: str) -> None:
        """The flow is about to start here: it counts as running, and can already be stopped."""
        self._expected.add(key)

    def forget(self, key: str) -> None:
        """It doesn't start here after all."""
        self._expected.discard(key)
        self._stopped.discard(key)

    async def work(self, key: str, flow: Flow, arguments: Mapping[str, str | int]) -> None:
        """Runs the flow to its end; what it raises is logged and ends it.

        Raises CancelledError only if the flow was stopped, given up or interrupted by closing: its end must then not be
        recorded as done. The flow sees an empty context, so nothing of an engine shows through.
        """
        self._expected.discard(key)
        if self._closed or key in self._stopped or key in self._tasks:
            self._stopped.discard(key)
            raise asyncio.CancelledError
        task = asyncio.create_task(_awaited(flow, arguments), name=key, context=contextvars.Context())
        self._tasks[key] = task
        try:
            await task
        except asyncio.CancelledError:
            if self._closed or key in self._stopped or not task.cancelled():
                raise
            log.error("the flow %r was canceled from inside and has ended", key)
        except Exception:
            log.exception("the flow %r failed and has ended", key)
        finally:
            del self._tasks[key]
            self._stopped.discard(key)

    async def stop(self, key: str) -> None:
        """Cancels the flow and waits for its `finally` blocks, unless it stops itself."""
        if key not in self:
            return
        self._stopped.add(key)
        if (task := self._tasks.get(key)) is not None:
            task.cancel()
            if task is not asyncio.current_task():
                await asyncio.wait({task}, timeout=PATIENCE)

    async def close(self) -> None:
        """Interrupts every flow; an engine that remembers them continues them later."""
        self._closed = True
        for task in list(self._tasks.values()):
            task.cancel()
        if self._tasks:
            await asyncio.wait(set(self._tasks.values()), timeout=PATIENCE)


async def _awaited(flow: Flow, arguments: Mapping[str, str | int]) -> None:
    await flow(**arguments)


class MemoryEngine:
    """Implements ports.Engine for unit tests and demonstrations: it remembers as long as the process lives.

    Flows started before `launch` begin then.
    """

    def __init__(self) -> None:
        self._flows: dict[str, Flow] = {}
        self._known: set[str] = set()
        self._early: list[tuple[Flow, str, dict[str, str | int]]] = []
        self._running = RunningFlows()
        self._tasks: set[asyncio.Task[None]] = set()
        self._launched = False

    def register(self, name: str, flow: Flow) -> None:
        """Names a flow."""
        self._flows[name] = flow

    async def start(self, flow: str, key: str, **arguments: str | int) -> bool:
        function = known_flow(self._flows, flow)
        if key in self._known:
            return False
        self._known.add(key)
        self._running.expect(key)
        if self._launched:
            self._begin(function, key, arguments)
        else:
            self._early.append((function, key, arguments))
        return True

    async def stop(self, key: str) -> None:
        await self._running.stop(key)

    async def running(self) -> Sequence[str]:
        return self._running.keys()

    async def launch(self) -> None:
        self._launched = True
        for function, key, arguments in self._early:
            self._begin(function, key, arguments)
        self._early.clear()

    async def close(self) -> None:
        await self._running.close()
        if self._tasks:
            await asyncio.wait(self._tasks)

    def _begin(self, flow: Flow, key: str, arguments: dict[str, str | int]) -> None:
        task = asyncio.create_task(self._running.work(key, flow, arguments), context=contextvars.Context())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def known_flow(flows: dict[str, Flow], name: str) -> Flow:
    """Returns the registered flow. Raises ValueError."""
    if name not in flows:
        raise ValueError(f"There's no flow {name!r}; register it before it is started.")
    return flows[name]


def guarded(flow: Flow, crashed: Callable[..., Awaitable[None]]) -> Flow:
    """Returns the same flow; an error it raises is logged with its traceback and passed to `crashed(error,
    **arguments)`."""

    async def run(**arguments: str | int) -> None:
        try:
            await flow(**arguments)
        except Exception as error:
            log.exception("a flow failed: %s", arguments)
            await crashed(error, **arguments)

    return run


async def kept_going(work: Callable[[], Awaitable[None]], *, pause: float = 1.0) -> None:
    """Runs `work` until canceled; if it breaks, logs why and restarts it after `pause` seconds."""
    task = asyncio.current_task()
    assert task is not None
    # A task group whose child breaks while it is cancelled raises only the child's error, hence the count.
    while not task.cancelling():
        try:
            await work()
        except Exception:
            log.exception("background work failed and is restarting")
        if not task.cancelling():
            await asyncio.sleep(pause)
    raise asyncio.CancelledError
