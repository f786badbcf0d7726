"""Runs one call of an agent while people are asked: it outlives the leg that parks, and ends with its step."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from typing import Any

from agents.connectors.call_types import Asked, ConnectorAnswer, ExchangeHooks, PersonReply

LOOK_SECONDS = 5.0
"""How often a call that waits for a person checks whether its step is still wanted."""
MOST_QUESTIONS = 5
"""Questions of one call; after that, the answer is always no."""


class PendingCall:
    """One call in flight. `asked`: what its server wants from a person now."""

    def __init__(
        self,
        run: Callable[[ExchangeHooks], Coroutine[Any, Any, ConnectorAnswer]],
        *,
        sending: Callable[[], Awaitable[None]],
        wanted: Callable[[], bool],
    ) -> None:
        """`sending`: just before the call leaves. `wanted`: whether the step that made the call is still running."""
        self._wanted = wanted
        self._progress: Callable[[str], None] = lambda words: None
        self._changed = asyncio.Event()
        self._reply: asyncio.Future[PersonReply] | None = None
        self._turn = asyncio.Lock()  # one question at a time: a form on the card is answered before the next one
        self.asked: Asked | None = None
        self.questions = 0
        hooks = ExchangeHooks(sending=sending, ask=self._ask, progress=lambda words: self._progress(words))
        self._task = asyncio.ensure_future(run(hooks))
        self._task.add_done_callback(self._ended)

    async def next(self, progress: Callable[[str], None]) -> ConnectorAnswer | None:
        """Returns the answer, or None when `asked` has to be answered. Raises what the call raised.

        Canceling this cancels the call and notifies the server.
        """
        self._progress = progress
        try:
            while not self._task.done() and self.asked is None:
                self._changed.clear()
                await self._changed.wait()
        except asyncio.CancelledError:
            await self.cancel()
            raise
        finally:
            self._progress = lambda words: None
        return self._task.result() if self._task.done() else None

    def reply(self, reply: PersonReply) -> None:
        """Hands over a person's answer to `asked`."""
        if self._reply is not None and not self._reply.done():
            self.asked = None
            self._reply.set_result(reply)

    @property
    def over(self) -> bool:
        """Returns whether it has ended, and its step is no longer running."""
        return self._task.done() and not self._wanted()

    async def cancel(self) -> None:
        """Ends the call; the server has been told when this returns."""
        self._task.cancel()
        await asyncio.wait({self._task})

    def _ended(self, task: asyncio.Task[ConnectorAnswer]) -> None:
        if not task.cancelled():
            task.exception()  # its waiter gets it; there may be none anymore
        self._changed.set()

    async def _ask(self, asked: Asked) -> PersonReply:
        async with self._turn:
            self.questions += 1
            if self.questions > MOST_QUESTIONS:
                return PersonReply("decline")
            reply = self._reply = asyncio.get_running_loop().create_future()
            self.asked = asked
            self._changed.set()
            try:
                while not reply.done() and self._wanted():
                    with suppress(TimeoutError):
                        async with asyncio.timeout(LOOK_SECONDS):
                            await asyncio.shield(reply)
            finally:
                self.asked = None
            return reply.result() if reply.done() else PersonReply("cancel")
