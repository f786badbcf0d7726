"""A ledger that lives as long as the process: for unit tests and demonstrations."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import datetime

from orchestrator.domain.events import EVENT, Event, Record
from orchestrator.domain.fold_task_list import next_entry
from orchestrator.domain.ids import Key, PersonId, Stream
from orchestrator.domain.task_list import Tally, TaskEntry, TaskQuery
from orchestrator.ledger.commit_and_tail import Batches, Feed, Page
from orchestrator.ledger.fact_records import Fact, Kept, fact
from orchestrator.ports import Clock


class MemoryLedger:
    """Implements ports.Ledger. Events go through JSON, as they do in a database."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: list[Record] = []
        self._streams: dict[Stream, list[Record]] = {}
        self._keys: dict[tuple[Stream, Key], tuple[int, Record]] = {}
        self._tasks: dict[Stream, TaskEntry] = {}
        self._marks: dict[str, int] = {}
        self._feed = Feed(self._since)
        self._batches = Batches(self._write, self._feed)

    async def record(self, stream: Stream, key: Key, event: Event, *, expects: int | None = None) -> Record:
        return await self._batches.record(fact(stream, key, event, expects))

    async def read(self, stream: Stream, *, after: int = 0) -> Sequence[Record]:
        return self._streams.get(stream, [])[max(after, 0) :]

    async def find(self, stream: Stream, key: Key) -> Record | None:
        found = self._keys.get((stream, key))
        return found[1] if found else None

    async def streams(self, *, prefix: str = "") -> Sequence[Stream]:
        return [stream for stream in self._streams if stream.startswith(prefix)]

    async def tasks(self, query: TaskQuery) -> Sequence[TaskEntry]:
        return [entry for entry in reversed(self._tasks.values()) if query.takes(entry)][: query.most]

    async def tally(self, by: PersonId, *, since: datetime | None = None) -> Tally:
        own = [entry for entry in self._tasks.values() if entry.by == by and (since is None or entry.opened >= since)]
        return Tally(
            tasks=len(own),
            unfinished=sum(entry.unfinished for entry in own),
            cost=sum(entry.cost for entry in own),
            unpriced=sum(entry.unpriced for entry in own),
        )

    async def position(self) -> int:
        return len(self._all)

    def tail(self, *, after: int) -> AsyncIterator[tuple[int, Record]]:
        return self._feed.tail(after)

    async def mark(self, name: str, position: int) -> None:
        self._marks[name] = max(position, self._marks.get(name, 0))

    async def marked(self, name: str) -> int:
        return self._marks.get(name, 0)

    async def close(self) -> None:
        await self._batches.close()
        self._feed.close()

    async def _write(self, facts: Sequence[Fact]) -> Sequence[Kept | None]:
        await asyncio.sleep(0)  # like a database, so that tests see what others do in the meantime
        return [self._keep(given) for given in facts]

    def _keep(self, given: Fact) -> Kept | None:
        if earlier := self._keys.get((given.stream, given.key)):
            return Kept(*earlier, ours=False)
        held = self._streams.setdefault(given.stream, [])
        if given.expects is not None and given.expects != len(held):
            return None
        record = Record(given.stream, len(held) + 1, given.key, self._clock.now(), EVENT.validate_json(given.text))
        held.append(record)
        self._all.append(record)
        self._keys[given.stream, given.key] = (len(self._all), record)
        if entry := next_entry(self._tasks.get(given.stream), len(self._all), record):
            self._tasks[given.stream] = entry
        return Kept(len(self._all), record, ours=True)

    async def _since(self, after: int, most: int) -> Page:
        return list(enumerate(self._all[after : after + most], start=after + 1))
