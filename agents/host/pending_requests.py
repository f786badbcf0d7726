"""Holds what the hub has asked of a host until it is answered. No I/O.

Requests outlive a connection and are repeated over the next one.
"""

import asyncio
from dataclasses import dataclass

from agents.host.wire import HubRequest, RequestKey
from orchestrator.domain.people import FileRef
from orchestrator.domain.takeover import PageView
from orchestrator.domain.tool_calls import CallResult
from orchestrator.errors import HostRefused

Answer = CallResult | FileRef | tuple[PageView, bytes] | None


@dataclass
class _Pending:
    message: HubRequest
    answer: asyncio.Future[Answer]
    waiters: int = 0


class Requests:
    """Pending requests by call id or number."""

    def __init__(self) -> None:
        self._asked: dict[RequestKey, _Pending] = {}

    def open(self) -> tuple[HubRequest, ...]:
        """Returns all pending requests, oldest first."""
        return tuple(asked.message for asked in self._asked.values())

    def message(self, key: RequestKey) -> HubRequest | None:
        return asked.message if (asked := self._asked.get(key)) else None

    def add(self, key: RequestKey, message: HubRequest) -> bool:
        """Adds a request; returns False if it is pending already. Raises HostRefused if the id belongs to another
        call."""
        asked = self._asked.get(key)
        if asked is None:
            self._asked[key] = _Pending(message, asyncio.get_running_loop().create_future())
            return True
        if asked.message != message:
            raise HostRefused(f"Call {key!r} is running with different arguments. Use a new ID for the new call.")
        return False

    async def wait(self, key: RequestKey) -> Answer:
        """Waits for the answer to an added request. Withdraws the request when its last waiter is canceled."""
        asked = self._asked[key]
        asked.waiters += 1
        try:
            return await asyncio.shield(asked.answer)
        finally:
            asked.waiters -= 1
            if not asked.waiters and self._asked.get(key) is asked:
                del self._asked[key]
                asked.answer.cancel()

    def answer(self, key: RequestKey, answer: Answer) -> None:
        """Has no effect if nobody is waiting anymore."""
        if (asked := self._asked.pop(key, None)) and not asked.answer.done():
            asked.answer.set_result(answer)

    def fail(self, key: RequestKey, error: Exception) -> None:
        if (asked := self._asked.pop(key, None)) and not asked.answer.done():
            asked.answer.set_exception(error)

    def fail_all(self, error: Exception) -> None:
        for key in tuple(self._asked):
            self.fail(key, error)
