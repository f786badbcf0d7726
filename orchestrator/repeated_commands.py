"""Commands that arrive twice: a double click, or a retry after a lost answer, gets the first one's receipt."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

KEPT = 1000
T = TypeVar("T")


class Repeats(Generic[T]):
    """Remembers the newest answers of this process. What was refused is not remembered, so it may be tried again."""

    def __init__(self, kept: int = KEPT) -> None:
        self._kept = kept
        self._answers: OrderedDict[Hashable, asyncio.Future[T]] = OrderedDict()

    async def once(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """Answers what `make` answered for this key the first time; who comes while it runs waits for it."""
        while (known := self._answers.get(key)) is not None:
            await asyncio.wait([known])
            if not known.cancelled():
                return known.result()
        answer = self._answers[key] = asyncio.get_running_loop().create_future()
        try:
            answer.set_result(await make())
        except BaseException:
            self._answers.pop(key, None)
            answer.cancel()
            raise
        while len(self._answers) > self._kept:
            self._answers.popitem(last=False)
        return answer.result()
