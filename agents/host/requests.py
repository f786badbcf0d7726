"""Keeps the hub's pending requests to a host and repeats them over every new connection."""

import asyncio
from dataclasses import dataclass

from agents.host import wire
from orchestrator.domain.calls import CallResult
from orchestrator.domain.ids import CallId
from orchestrator.domain.people import FileRef
from orchestrator.domain.takeover import View
from orchestrator.errors import HostRefused

Answer = CallResult | FileRef | tuple[View, bytes] | None
Message = wire.Run | wire.Give | wire.Take | wire.Leave | wire.Drive | wire.See | wire.Do | wire.LetGo


@dataclass
class _Asked:
    message: Message
    answer: asyncio.Future[Answer]
    waiters: int = 0


class Requests:
    """Pending requests by call id or number."""

    def __init__(self) -> None:
        self._asked: dict[CallId | int, _Asked] = {}

    def open(self) -> tuple[Message, ...]:
        """Returns all pending requests, oldest first."""
        return tuple(asked.message for asked in self._asked.values())

    def message(self, key: CallId | int) -> Message | None:
        return asked.message if (asked := self._asked.get(key)) else None

    def add(self, key: CallId | int, message: Message) -> bool:
        """Adds a request; returns False if it is pending already. Raises HostRefused if the id belongs to another
        call."""
        asked = self._asked.get(key)
        if asked is None:
            self._asked[key] = _Asked(message, asyncio.get_running_loop().create_future())
            return True
        if asked.message != message:
            raise HostRefused(f"Call {key!r} is running with other arguments. Give the new call a new id.")
        return False

    async def wait(self, key: CallId | int) -> Answer:
        """Waits for the answer to an added request. Withdraws the request when its last waiter is cancelled."""
        asked = self._asked[key]
        asked.waiters += 1
        try:
            return await asyncio.shield(asked.answer)
        finally:
            asked.waiters -= 1
            if not asked.waiters and self._asked.get(key) is asked:
                del self._asked[key]
                asked.answer.cancel()

    def answer(self, key: CallId | int, answer: Answer) -> None:
        """Has no effect if nobody waits any more."""
        if (asked := self._asked.pop(key, None)) and not asked.answer.done():
            asked.answer.set_result(answer)

    def fail(self, key: CallId | int, error: Exception) -> None:
        if (asked := self._asked.pop(key, None)) and not asked.answer.done():
            asked.answer.set_exception(error)

    def fail_all(self, error: Exception) -> None:
        for key in tuple(self._asked):
            self.fail(key, error)
