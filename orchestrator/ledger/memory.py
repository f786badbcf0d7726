"""A ledger that lives as long as the process: for unit tests and demonstrations."""

from collections.abc import AsyncIterator, Sequence

from orchestrator.domain.events import EVENT, Event, Record
from orchestrator.domain.ids import Key, Stream
from orchestrator.domain.task_list import TaskEntry, TaskQuery, next_entry
from orchestrator.ledger.facts import fact
from orchestrator.ledger.feed import Feed, Page
from orchestrator.ports import Clock


class MemoryLedger:
    """Implements ports.Ledger. Events go through JSON, as they do in a database."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: list[Record] = []
        self._streams: dict[Stream, list[Record]] = {}
        self._keys: dict[tuple[Stream, Key], Record] = {}
        self._tasks: dict[Stream, TaskEntry] = {}
        self._marks: dict[str, int] = {}
        self._feed = Feed(self._since)

    async def record(self, stream: Stream, key: Key, event: Event) -> Record:
        given = fact(stream, key, event)
        if earlier := self._keys.get((stream, key)):
            return earlier
        held = self._streams.setdefault(stream, [])
        record = Record(stream, len(held) + 1, key, self._clock.now(), EVENT.validate_json(given.text))
        held.append(record)
        self._all.append(record)
        self._keys[stream, key] = record
        if entry := next_entry(self._tasks.get(stream), len(self._all), record):
            self._tasks[stream] = entry
        self._feed.give([(len(self._all), record)])
        return record

    async def read(self, stream: Stream, *, after: int = 0) -> Sequence[Record]:
        return self._streams.get(stream, [])[max(after, 0) :]

    async def streams(self, *, prefix: str = "") -> Sequence[Stream]:
        return [stream for stream in self._streams if stream.startswith(prefix)]

    async def tasks(self, query: TaskQuery) -> Sequence[TaskEntry]:
        return [entry for entry in reversed(self._tasks.values()) if query.takes(entry)][: query.most]

    async def position(self) -> int:
        return len(self._all)

    def tail(self, *, after: int) -> AsyncIterator[tuple[int, Record]]:
        return self._feed.tail(after)

    async def mark(self, name: str, position: int) -> None:
        self._marks[name] = max(position, self._marks.get(name, 0))

    async def marked(self, name: str) -> int:
        return self._marks.get(name, 0)

    async def close(self) -> None:
        self._feed.close()

    async def _since(self, after: int, most: int) -> Page:
        return list(enumerate(self._all[after : after + most], start=after + 1))
