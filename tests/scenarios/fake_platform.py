"""A chat platform in memory: strict about its rates, unreliable on demand. And a clock that only tests move."""

import asyncio
import heapq
import itertools
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from bot.chat_platform import Item, Mentioned, Posted, QuotedMessages, RemoteFile, Sign, Take, Wrote
from bot.outbox.monotonic_clock import Ticks
from bot.outbox.rate_limits import Limit, Operation
from orchestrator.domain.people import Person, Place
from orchestrator.errors import OutcomeUnknown, PlatformFailed, RateLimited

Fault = Literal["lost-before", "lost-after", "down"]
SETTLING = 40


class HandTicks:
    """Time stands still until `run` moves it from one sleeper to the next."""

    def __init__(self) -> None:
        self._now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []
        self._count = itertools.count()

    def now(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._count), future))
        await future

    async def run(self, seconds: float, until: Callable[[], bool] = lambda: False) -> bool:
        """Moves on by so many seconds, or until the condition holds; whether it does."""
        end = self._now + seconds
        while True:
            for _ in range(SETTLING):
                await asyncio.sleep(0)
            if until():
                return True
            while self._sleepers and self._sleepers[0][2].done():
                heapq.heappop(self._sleepers)
            if not self._sleepers or self._sleepers[0][0] > end:
                self._now = end
                return until()
            when, _, future = heapq.heappop(self._sleepers)
            self._now = max(self._now, when)
            future.set_result(None)


@dataclass
class Message:
    """What stands there. `history`: every state it has shown, with the time."""

    place: Place
    nonce: str
    item: Item
    history: list[tuple[float, Item]] = field(default_factory=list)


class FakePlatform:
    """Implements ChatPlatform. Posts in a place without thread make one, named like the place's thread."""

    def __init__(
        self, ticks: Ticks, *, name: str = "fake", rules: tuple[Limit, ...] = (), latency: float = 0.1
    ) -> None:
        self.ticks, self.name, self.latency = ticks, name, latency
        self.rules = list(rules)
        self.messages: dict[str, Message] = {}
        self.marks: list[tuple[str, str]] = []
        self.unmarked: list[str] = []
        self.thoughts: list[tuple[str, bool]] = []
        self.refused: list[tuple[float, Operation]] = []
        self.calls: list[tuple[float, Operation]] = []
        self.faults: dict[Operation, deque[Fault | Exception]] = {}
        self.content: dict[str, bytes | Exception] = {}
        self._counted: dict[tuple[int, str], deque[float]] = {}
        self._count = itertools.count(1)

    def break_next(self, operation: Operation, *faults: Fault | Exception) -> None:
        self.faults.setdefault(operation, deque()).extend(faults)

    def of(self, thread: str) -> list[Message]:
        """The messages of a thread, oldest first."""
        return [m for m in self.messages.values() if m.place.thread == thread]

    @property
    def account(self) -> str:
        return self.name

    def serves(self, place: Place) -> bool:
        return place.platform == self.name

    async def run(self, take: Take) -> None:
        await asyncio.Event().wait()

    async def post(self, place: Place, item: Item, *, nonce: str) -> Posted:
        fault = await self._arrive("post", place)
        if fault == "lost-before":
            raise OutcomeUnknown("the connection broke")
        name = f"m{next(self._count)}"
        self.messages[name] = Message(place, nonce, item, [(self.ticks.now(), item)])
        await self.ticks.sleep(self.latency / 2)
        if fault == "lost-after":
            raise OutcomeUnknown("the answer was lost")
        return Posted(place=place, message=name)

    async def edit(self, posted: Posted, item: Item) -> None:
        fault = await self._arrive("edit", posted.place)
        if fault == "lost-before":
            raise OutcomeUnknown("the connection broke")
        message = self.messages[posted.message]
        message.item = item
        message.history.append((self.ticks.now(), item))
        await self.ticks.sleep(self.latency / 2)
        if fault == "lost-after":
            raise OutcomeUnknown("the answer was lost")

    async def find(self, place: Place, *, nonce: str) -> Posted | None:
        await self._arrive("find", place)
        found = [n for n, m in self.messages.items() if m.nonce == nonce]
        return Posted(place=self.messages[found[0]].place, message=found[0]) if found else None

    async def direct(self, person: Person) -> Place:
        return Place(platform=self.name, channel=f"@me/{person.id}", thread="", private=True)

    async def react(self, place: Place, message: str, mark: Sign) -> None:
        await self._arrive("unreact" if mark == "unseen" else "react", place)
        if mark == "unseen":
            self.unmarked.append(message)
            return
        self.marks.append((message, mark))

    async def thinking(self, place: Place, *, on: bool) -> None:
        self.thoughts.append((place.thread, on))

    async def quoted(self, it: Mentioned | Wrote) -> QuotedMessages:
        return QuotedMessages()

    async def fetch(self, file: RemoteFile) -> bytes:
        content = self.content.get(file.id, PlatformFailed(f"There's no file {file.name!r}."))
        if isinstance(content, Exception):
            raise content
        return content

    async def close(self) -> None:
        return None

    async def _arrive(self, operation: Operation, place: Place) -> Fault | None:
        await self.ticks.sleep(self.latency / 2)
        self.calls.append((self.ticks.now(), operation))
        waiting = self.faults.get(operation)
        fault = waiting.popleft() if waiting else None
        if isinstance(fault, Exception):
            raise fault
        if fault == "down":
            raise PlatformFailed("503")
        self._count_in(operation, place)
        return fault

    def _count_in(self, operation: Operation, place: Place) -> None:
        now = self.ticks.now()
        scopes = {
            "account": "", "team": place.channel.split("/")[0], "channel": place.channel,
            "thread": f"{place.channel} {place.thread}",
        }  # fmt: skip
        windows = [
            (rule, self._counted.setdefault((number, scopes[rule.per]), deque()))
            for number, rule in enumerate(self.rules)
            if operation in rule.of
        ]
        for rule, times in windows:
            while times and now - times[0] >= rule.seconds:
                times.popleft()
            if len(times) >= rule.most:
                self.refused.append((now, operation))
                raise RateLimited("429", seconds=times[0] + rule.seconds - now)
        for _, times in windows:
            times.append(now)
