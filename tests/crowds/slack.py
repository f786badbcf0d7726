"""A crowd at a strict Slack."""

from collections.abc import Mapping
from typing import Any

from bot.chat_platform import Item
from bot.slack.render import message
from tests.crowds.crowd import Busiest, Clocked, Shown, Trouble, fullest, look_of
from tests.slack_server import SlackServer
from tests.slack_server.acting import elements
from tests.slack_server.world import Channel

SHORT = {"seen": "eyes", "done": "white_check_mark", "failed": "x"}


class SlackCrowd:
    name = "slack"

    def __init__(self, server: SlackServer, *, rooms: int, people: int) -> None:
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
        return [look_of(row.get("blocks")) for row in self._ours(root)]

    def marks(self, root: str) -> list[str]:
        row = self.server.world.row(self._room[root].id, root) or {}
        return [mark for mark, name in SHORT.items() if name in row.get("reactions", [])]

    def look(self, item: Item) -> str:
        return look_of(list(message(item).blocks))

    def shown(self) -> list[Shown]:
        roots = {(room.id, row["ts"]): row.get("thread_ts", "") for room in self.rooms for row in room.rows}
        found: list[Shown] = []
        for at, (method, args) in zip(self._calls.at, self._calls, strict=True):
            if method in ("chat.postMessage", "chat.update"):
                root = args.get("thread_ts") or roots.get((args["channel"], args.get("ts")), "")
                found.append(Shown(at, root, look_of(args.get("blocks")), edit=method == "chat.update"))
        return found

    def acks(self) -> Mapping[str, list[float]]:
        found: dict[str, list[float]] = {"mention": [], "press": []}
        for payload, seconds in self.server.sockets.acked:
            if payload["type"] == "block_actions":
                found["press"].append(seconds)
            elif payload["event"].get("ts") in self._room:
                found["mention"].append(seconds)
        return found

    def busiest(self) -> Busiest:
        edits = [at for at, (method, _) in zip(self._calls.at, self._calls, strict=True) if method == "chat.update"]
        return Busiest(fullest(edits, 60), 50, "edits in a minute")

    def trouble(self) -> Trouble:
        refused = tuple(f"{method}: {error}" for method, error, _ in self.server.refusals)
        return Trouble(refused, len(self.server.sockets.unacknowledged), len(self.server.limited))

    def _ours(self, root: str) -> list[dict[str, Any]]:
        rows = self.server.world.thread(self._room[root].id, root)
        return [row for row in rows if row["user"] == self.server.bot]
