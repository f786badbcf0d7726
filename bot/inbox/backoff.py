"""Retries what a platform or the ledger can't do at the moment."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence

from orchestrator.errors import ThreadworkError

log = logging.getLogger(__name__)
PAUSES = (0.2, 1.0, 5.0, 20.0)
"""Seconds before each retry."""


async def tried(doing: Callable[[], Awaitable[None]], what: str, *, pauses: Sequence[float] = PAUSES) -> bool:
    """Returns whether it was done in the end. `what`: for the log, with its verb, e.g. `take message 7`."""
    for pause in (*pauses, None):
        try:
            await doing()
            return True
        except ThreadworkError as error:
            log.warning("can't %s yet: %s", what, error)
            if pause is not None:
                await asyncio.sleep(pause)
    log.error("gave up trying to %s; retrying after the next connection", what)
    return False


class ReconnectDelays:
    """How long to wait between connections: longer each time, starting over after a connection that lasted `steady`
    seconds."""

    def __init__(self, pauses: Sequence[float], *, steady: float = 120.0) -> None:
        self._pauses, self._steady = pauses, steady
        self._tries = 0

    def pause(self, lasted: float, *, most: int | None = None) -> float:
        """Returns the seconds until the next attempt, if the last connection lasted `lasted`. `most`: use only that
        many of the pauses, counted as in a slice."""
        self._tries = 0 if lasted > self._steady else self._tries + 1
        pauses = self._pauses[:most] or self._pauses
        return pauses[min(max(self._tries, 1), len(pauses)) - 1]
