"""Many people at once at a strict Slack or Discord: what they ask and press, and what they see."""

import asyncio
import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from bot.chat import CardItem, Item
from bot.discord.client import MARKS as EMOJI
from bot.discord.render import render
from bot.project import project
from bot.slack.render import message
from bot.wanted import Mark, wanted
from orchestrator.desk import Desk
from orchestrator.domain.task import TaskState
from tests import discord_server, slack_server
from tests.discord_server.interactions import Interaction
from tests.slack_server.acting import elements
from tests.slack_server.world import Channel

SHORT = {"seen": "eyes", "done": "white_check_mark", "failed": "x"}
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

    def trouble(self) -> tuple[int, int]:
        """How many calls were refused, and how many for coming too often (429)."""
        ...


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
        root, wants = state.request.place.thread, wanted(state)
        meant = Counter(crowd.look(w.item) for w in wants if not isinstance(w.item, Mark))
        there = Counter(crowd.stands(root))
        wrong = min((meant - there).total(), (there - meant).total())
        lost += (meant - there).total() - wrong
        doubled += (there - meant).total() - wrong
        untrue += wrong
        done = [w.item.mark for w in wants if isinstance(w.item, Mark) and w.fresh]
        unmarked += len(set(done) - set(crowd.marks(root)))
    return Verdict(lost, doubled, untrue, unmarked)


def card_look(crowd: Crowd, state: TaskState) -> str:
    """How the card of that state looks."""
    return crowd.look(CardItem(card=project(state)))


async def ask(crowd: Crowd, mentions: int, seconds: float, text: str) -> dict[str, float]:
    """So many mentions, evenly over so many seconds; when each root was said, in Unix time."""
    said: dict[str, float] = {}
    for number in range(mentions):
        began = time.time()
        said[await crowd.says(number, f"{number} {text}")] = began
        await asyncio.sleep(seconds / mentions)
    return said


async def start_all(crowd: Crowd, roots: Iterable[str], *, every: float) -> None:
    """Presses *Start* on each card once; whoever asked looks for it every so many seconds."""

    async def one(root: str) -> None:
        while not await crowd.presses(root, "Start"):  # noqa: ASYNC110  (they look, as people do)
            await asyncio.sleep(every)

    async with asyncio.TaskGroup() as group:
        for root in roots:
            group.create_task(one(root))


async def settled(crowd: Crowd, desk: Desk, tasks: int, *, patience: float, every: float) -> Sequence[TaskState]:
    """The tasks once all have ended and everything is shown; or when patience has ended, and the verdict tells."""
    clock = asyncio.get_running_loop()
    states, end = await desk.states(), clock.time() + patience
    while clock.time() < end:
        if len(states) == tasks and all(s.final for s in states) and not any(verdict(crowd, states)):
            break
        await asyncio.sleep(every)
        states = await desk.states()
    return states


class SlackCrowd:
    name = "slack"

    def __init__(self, server: slack_server.SlackServer, *, rooms: int, people: int) -> None:
        self.server = server
        self.people = [server.person(f"P{n}") for n in range(people)]
        self.rooms = [server.channel(f"c{n}", *self.people) for n in range(rooms)]
        self._calls: Clocked[tuple[str, dict[str, Any]]] = Clocked()
        server.calls = self._calls
        self._room: dict[str, Channel] = {}

    async def says(self, number: int, text: str) -> str:
        room, who = self.rooms[number % len(self.rooms)], self.people[number % len(self.people)]
        root = str(self.server.says(who, room, f"{self.server.mention} {text}")["ts"])
        self._room[root] = room
        return root

    async def presses(self, root: str, label: str) -> bool:
        for row in self._ours(root):
            for element in elements(row):
                if element.get("text", {}).get("text") == label:
                    await self.server.presses(self.people[0], self._room[root], row, element["action_id"])
                    return True
        return False

    def stands(self, root: str) -> list[str]:
        return [_text(row.get("blocks")) for row in self._ours(root)]

    def marks(self, root: str) -> list[str]:
        row = self.server.world.row(self._room[root].id, root) or {}
        return [mark for mark, name in SHORT.items() if name in row.get("reactions", [])]

    def look(self, item: Item) -> str:
        return _text(list(message(item).blocks))

    def shown(self) -> list[Shown]:
        roots = {(room.id, row["ts"]): row.get("thread_ts", "") for room in self.rooms for row in room.rows}
        found: list[Shown] = []
        for at, (method, args) in zip(self._calls.at, self._calls, strict=True):
            if method in ("chat.postMessage", "chat.update"):
                root = args.get("thread_ts") or roots.get((args["channel"], args.get("ts")), "")
                found.append(Shown(at, root, _text(args.get("blocks")), edit=method == "chat.update"))
        return found

    def acks(self) -> Mapping[str, list[float]]:
        found: dict[str, list[float]] = {"mention": [], "press": []}
        for payload, seconds in self.server.sockets.acked:
            if payload["type"] == "block_actions":
                found["press"].append(seconds)
            elif payload["event"].get("ts") in self._room:
                found["mention"].append(seconds)
        return found

    def trouble(self) -> tuple[int, int]:
        return len(self.server.refusals) + len(self.server.sockets.unacknowledged), len(self.server.limited)

    def _ours(self, root: str) -> list[dict[str, Any]]:
        rows = self.server.world.thread(self._room[root].id, root)
        return [row for row in rows if row["user"] == self.server.bot]


class DiscordCrowd:
    name = "discord"

    def __init__(self, server: discord_server.DiscordServer, *, rooms: int, people: int) -> None:
        self.server = server
        self.people = [server.person(f"P{n}") for n in range(people)]
        self.rooms = [server.world.channel(server.guild, f"c{n}") for n in range(rooms)]
        self._calls: Clocked[Any] = Clocked()
        server.rest.calls = self._calls
        self._requests: dict[str, dict[str, Any]] = {}
        self._presses: list[Interaction] = []

    async def says(self, number: int, text: str) -> str:
        room, who = self.rooms[number % len(self.rooms)], self.people[number % len(self.people)]
        row = await self.server.says(who, room, f"{self.server.mention} {text}")
        self._requests[row["id"]] = row
        return str(row["id"])

    async def presses(self, root: str, label: str) -> bool:
        for row in self._ours(root):
            for name in discord_server.ids(row):
                if name.startswith(f"{label.lower()}|"):
                    self._presses.append(await self.server.presses(self.people[0], row, name))
                    return True
        return False

    def stands(self, root: str) -> list[str]:
        return [_text(row["components"]) for row in self._ours(root)]

    def marks(self, root: str) -> list[str]:
        there = self.server.reactions(self._requests[root])
        return [mark for mark, emoji in EMOJI.items() if emoji in there]

    def look(self, item: Item) -> str:
        return _text(list(render(item).components))

    def shown(self) -> list[Shown]:
        found: list[Shown] = []
        for at, call in zip(self._calls.at, self._calls, strict=True):
            if call.method in ("POST", "PATCH") and "/messages" in call.template and "components" in (call.body or {}):
                look = _text(call.body["components"])
                found.append(Shown(at, call.parts[0], look, edit=call.method == "PATCH"))
        return found

    def acks(self) -> Mapping[str, list[float]]:
        return {"press": [it.took for it in self._presses if it.response is not None]}

    def trouble(self) -> tuple[int, int]:
        unanswered = sum(1 for it in self._presses if it.response is None)
        return len(self.server.refusals) + unanswered, len(self.server.limited)

    def _ours(self, root: str) -> list[dict[str, Any]]:
        return self.server.ours(root) if root in self.server.world.channels else []


def _text(value: Any) -> str:
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
