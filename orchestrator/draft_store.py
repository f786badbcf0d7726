"""Holds what models are writing right now, in memory only: a draft ends with its turn, or with the process.

Writing never waits: a reader is told that something has changed, and reads the newest text when it has the time.
"""

import asyncio
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from orchestrator.domain import clean_outside_text
from orchestrator.domain.ids import SubtaskId, TaskId
from orchestrator.domain.open_drafts import OpenDraft
from orchestrator.ports import Look, OnDraft


@dataclass(eq=False)
class _Written:
    """A draft, as its model wrote it. `read`: what was last read of it; None if it has grown since."""

    turn: int
    subtask: SubtaskId | None
    attempt: int
    look: Look | None = None
    read: OpenDraft | None = None

    def now(self) -> OpenDraft:
        if self.read is None:
            self.read = OpenDraft(_whole(self.look() if self.look else ""), self.turn, self.subtask, self.attempt)
        return self.read


class _Reader:
    def __init__(self) -> None:
        self.changed: set[TaskId] = set()
        self.woken = asyncio.Event()


class Drafts:
    """The drafts of this process."""

    def __init__(self) -> None:
        self._open: dict[TaskId, list[_Written]] = {}
        self._readers: set[_Reader] = set()

    @contextmanager
    def begin(
        self, task: TaskId, turn: int, *, subtask: SubtaskId | None = None, attempt: int = 1
    ) -> Generator[OnDraft]:
        """Opens a draft for as long as the context lasts."""
        mine = _Written(turn, subtask, attempt)

        def grown(look: Look) -> None:
            mine.look, mine.read = look, None
            self._stir(task)

        self._open.setdefault(task, []).append(mine)
        try:
            yield grown
        finally:
            self._open[task].remove(mine)
            if not self._open[task]:
                del self._open[task]
            if mine.look is not None:
                self._stir(task)

    def of(self, task: TaskId) -> Sequence[OpenDraft]:
        """Returns what is being written for the task."""
        return [one.now() for one in self._open.get(task, ())]

    async def changes(self) -> AsyncGenerator[frozenset[TaskId]]:
        """Yields the tasks whose drafts have changed since the last time, as often as the reader asks."""
        reader = _Reader()
        self._readers.add(reader)
        try:
            while True:
                await reader.woken.wait()
                reader.woken.clear()
                changed, reader.changed = frozenset(reader.changed), set()
                yield changed
        finally:
            self._readers.discard(reader)

    def _stir(self, task: TaskId) -> None:
        for reader in self._readers:
            reader.changed.add(task)
            reader.woken.set()


def _whole(text: str) -> str:
    """Returns the text fit for people, without the first half of a character that arrives in two pieces."""
    return clean_outside_text.text(text[:-1] if "\ud800" <= text[-1:] <= "\udbff" else text)
