"""Many people at once at a strict Slack or Discord: what they ask and press, and what they see."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from bot.cards.card_projection import project
from bot.chat_platform import CardItem, Item
from bot.outbox.desired_messages import Mark, mentioned, wanted
from orchestrator.domain.task import TaskState

T = TypeVar("T")


class Clocked(list[T]):
    """Remembers when each entry came, in Unix time."""

    def __init__(self) -> None:
        super().__init__()
        self.at: list[float] = []

    def append(self, entry: T, /) -> None:
        self.at.append(time.time())
        super().append(entry)


class Shown(NamedTuple):
    """From then on (Unix time) a message in that thread has that look. `edit`: it stood there before."""

    at: float
    root: str
    look: str
    edit: bool


Look = Callable[[], Awaitable[Sequence[TaskState]]]
"""The states of all tasks."""


class Busiest(NamedTuple):
    """The fullest window of the scarcest limit: so many of at most so many `what`."""

    number: int
    most: int
    what: str


class Trouble(NamedTuple):
    """What the platform did not like: calls refused, in its words; things people did that nobody acknowledged in time;
    calls that came too often (429)."""

    refused: tuple[str, ...] = ()
    unanswered: int = 0
    limited: int = 0


class Crowd(Protocol):
    """`root` is the id of a request's message, and so its thread's."""

    @property
    def name(self) -> str: ...

    async def says(self, number: int, text: str) -> str:
        """A mention by somebody, in the next room; its root."""
        ...

    async def presses(self, root: str, label: str) -> bool:
        """Presses that button where the thread has it."""
        ...

    def stands(self, root: str) -> list[str]:
        """The looks of our messages in that thread."""
        ...

    def marks(self, root: str) -> list[str]: ...

    def look(self, item: Item) -> str:
        """How the item looks there: the same for what a person could not tell apart."""
        ...

    def shown(self) -> list[Shown]:
        """Everything that was shown, oldest first."""
        ...

    def acks(self) -> Mapping[str, list[float]]:
        """Seconds until what people did was acknowledged, by what it was."""
        ...

    def busiest(self) -> Busiest: ...

    def trouble(self) -> Trouble: ...


class Verdict(NamedTuple):
    """Counts over all threads; all zero: everything stands once, and looks as the fold says."""

    lost: int = 0
    doubled: int = 0
    untrue: int = 0
    unmarked: int = 0


def verdict(crowd: Crowd, states: Iterable[TaskState]) -> Verdict:
    """What stands there against what should."""
    lost = doubled = untrue = unmarked = 0
    for state in states:
        assert state.request is not None
        root, wants = state.request.place.thread, wanted(state, ping=mentioned(state))
        meant = Counter(crowd.look(w.item) for w in wants if not isinstance(w.item, Mark))
        there = Counter(crowd.stands(root))
        wrong = min((meant - there).total(), (there - meant).total())
        lost += (meant - there).total() - wrong
        doubled += (there - meant).total() - wrong
        untrue += wrong
        signs = {w.item.mark for w in wants if isinstance(w.item, Mark) and w.fresh}
        unmarked += len((signs - {"unseen"}) ^ set(crowd.marks(root)))
    return Verdict(lost, doubled, untrue, unmarked)


def card_look(crowd: Crowd, state: TaskState) -> str:
    """How the card of that state looks."""
    return crowd.look(CardItem(card=project(state)))


async def ask(crowd: Crowd, mentions: int, seconds: float, text: str, *, every: float) -> dict[str, float]:
    """So many mentions, evenly over so many seconds, each started by who asked; when each root was said, in Unix time.

    They look for *Start* every so many seconds from their mention on, and press it once.
    """
    said: dict[str, float] = {}
    async with asyncio.TaskGroup() as group:
        for number in range(mentions):
            began = time.time()
            root = await crowd.says(number, f"{number} {text}")
            said[root] = began
            group.create_task(_start(crowd, root, every))
            await asyncio.sleep(seconds / mentions)
    return said


async def _start(crowd: Crowd, root: str, every: float) -> None:
    with suppress(TimeoutError):  # nobody acknowledged it, which the platform counts
        while not await crowd.presses(root, "Start"):  # noqa: ASYNC110  (they look, as people do)
            await asyncio.sleep(every)


async def settled(crowd: Crowd, look: Look, tasks: int, *, patience: float, every: float) -> Sequence[TaskState]:
    """The tasks once all have ended and everything is shown; or when patience has ended, and the verdict tells."""
    clock = asyncio.get_running_loop()
    end = clock.time() + patience
    while True:
        states = await look()
        true = len(states) == tasks and all(s.final for s in states) and not any(verdict(crowd, states))
        if true or clock.time() > end:
            return states
        await asyncio.sleep(every)


def fullest(times: Sequence[float], window: float) -> int:
    """The most that came within a window; `times` grow."""
    most = first = 0
    for last, at in enumerate(times):
        while times[first] <= at - window:
            first += 1
        most = max(most, last - first + 1)
    return most


def look_of(value: Any) -> str:
    """Without the ids that Discord gives."""
    return json.dumps(_bare(json.loads(value) if isinstance(value, str) else value), sort_keys=True)


def _bare(value: Any) -> Any:
    match value:
        case dict():
            rows = cast(dict[str, Any], value)
            return {k: _bare(v) for k, v in rows.items() if k != "id"}
        case list():
            return [_bare(v) for v in cast(list[Any], value)]
        case _:
            return value
