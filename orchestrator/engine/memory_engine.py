"""The engine in memory: it remembers flows as long as the process lives."""

import asyncio
import contextvars
from collections.abc import Sequence

from orchestrator.engine.running_flows import RunningFlows, known_flow
from orchestrator.ports import Flow


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
