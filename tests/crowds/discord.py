"""A crowd at a strict Discord."""

from collections.abc import Mapping
from typing import Any

from bot.chat_platform import Item
from bot.discord.platform import MARKS as EMOJI
from bot.discord.render import render
from tests.crowds.crowd import Busiest, Clocked, Shown, Trouble, fullest, look_of
from tests.discord_server import DiscordServer, ids
from tests.discord_server.interactions import Interaction


class DiscordCrowd:
    name = "discord"

    def __init__(self, server: DiscordServer, *, rooms: int, people: int) -> None:
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
            for name in ids(row):
                if name.startswith(f"{label.lower()}|"):
                    self._presses.append(await self.server.presses(self.people[0], row, name))
                    return True
        return False

    def stands(self, root: str) -> list[str]:
        return [look_of(row["components"]) for row in self._ours(root)]

    def marks(self, root: str) -> list[str]:
        there = self.server.reactions(self._requests[root])
        return [mark for mark, emoji in EMOJI.items() if emoji in there]

    def look(self, item: Item) -> str:
        return look_of(list(render(item).components))

    def shown(self) -> list[Shown]:
        found: list[Shown] = []
        for at, call in zip(self._calls.at, self._calls, strict=True):
            if call.method in ("POST", "PATCH") and "/messages" in call.template and "components" in (call.body or {}):
                look = look_of(call.body["components"])
                found.append(Shown(at, call.parts[0], look, edit=call.method == "PATCH"))
        return found

    def acks(self) -> Mapping[str, list[float]]:
        return {"press": [it.took for it in self._presses if it.response is not None]}

    def busiest(self) -> Busiest:
        counted = [
            at for at, call in zip(self._calls.at, self._calls, strict=True)
            if not call.path.startswith(("/interactions/", "/webhooks/"))
        ]  # fmt: skip
        return Busiest(fullest(counted, 1), 50, "requests in a second")

    def trouble(self) -> Trouble:
        unanswered = sum(1 for it in self._presses if it.response is None)
        return Trouble(tuple(self.server.refusals), unanswered, len(self.server.limited))

    def _ours(self, root: str) -> list[dict[str, Any]]:
        return self.server.ours(root) if root in self.server.world.channels else []
