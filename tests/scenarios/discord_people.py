"""People at Discord, under the words that every story uses."""

from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from bot.chat_platform import Item
from bot.discord.parse import MENU
from bot.discord.render import render
from bot.platform_registration import Platform
from tests.crowds.crowd import look_of
from tests.discord_server import DiscordServer, ids, rules, serving, texts, until
from tests.scenarios import chat_forms
from tests.scenarios.chat_people import UNHURRIED, Row, Spot, read, seen, told_off


class OnDiscord:
    row: Platform[Any]
    patience = 60.0

    def __init__(self, server: DiscordServer) -> None:
        self.server, self.room = server, server.channel
        self.keys = {"token": server.token, "api_url": server.api_url, "gateway_url": server.gateway_url}
        self.asides: list[tuple[str, Any]] = []

    def person(self, name: str, kind: str = "member") -> Any:
        return self.server.person(name, guest=kind == "guest", bot=kind == "bot")

    def closes(self) -> None:
        """From now on people are in a room that only they can read. Before the connection, which hears of it then."""
        self.room = self.server.channel = self.server.world.closed_channel(self.server.guild, "board")

    async def moves(self, who: Any, channel: str) -> None:
        """From now on, people write in another channel."""
        self.room = self.server.channel = self.server.world.channel(self.server.guild, channel)

    async def joined(self) -> None:
        await until(lambda: self.server.gateway.connected and self.server.world.commands)

    async def says(
        self, who: Any, text: str, *, to: Row | None = None, direct: bool = False, named: bool = True, **files: bytes
    ) -> Row:
        room = self.server.dm(who) if direct else self.server.channel
        if to is not None and not direct:
            await until(lambda: to["id"] in self.server.world.channels)
            room = self.server.world.channels[to["id"]]
        said = f"{self.server.mention} {text}" if named else text
        kept: Mapping[str, bytes] = {_whole(name): content for name, content in files.items()}
        return await self.server.says(who, room, said, files=kept, reply_to=to if direct else None)

    async def rewrites(self, who: Any, message: Row, text: str) -> None:
        await self.server.rewrites(who, message, f"{self.server.mention} {text}")

    async def deletes(self, message: Row) -> None:
        await self.server.deletes(message)

    async def works_on(self, who: Any, message: Row) -> None:
        self.asides.append((who.id, await self.server.menu(who, message, MENU)))

    async def commands(self, who: Any, text: str) -> None:
        done = await self.server.commands(who, self.server.channel, "threadwork", {"request": text})
        self.asides.append((who.id, done))

    async def sees(self, root: Row, verb: str, ref: str = "", *, but: str = "") -> Spot:
        return await seen(
            self, root, lambda s: s.verb == verb and s.ref.startswith(ref) and (not but or s.ref != but), self._spots
        )

    def _spots(self, root: Row) -> Iterator[Spot]:
        for row in self._rows(root):
            for part in rules.walk(row["components"]):
                name = str(part.get("custom_id", ""))
                for value in [o["value"] for o in part.get("options", [])] or [name]:
                    verb, _, ref = (*value.split("|"), "", "")[:3]
                    yield Spot(row, name, "" if value == name else value, verb, ref)

    async def presses(self, who: Any, root: Row, verb: str, ref: str = "", *, on: Spot | None = None) -> None:
        spot = on or await self.sees(root, verb, ref)
        values = [spot.option] if spot.option else None
        await until(lambda: self.server.gateway.connected)  # Discord tells people at once that a press reached nobody
        self.asides.append((who.id, await self.server.presses(who, spot.message, spot.name, values)))

    async def opens(self, who: Any, root: Row, verb: str, ref: str = "") -> chat_forms.Form:
        """Presses until the form is there: where the machine is busy it may come too late, and Discord says so."""
        while not await self._opened(who, root, verb, ref):
            pass
        return chat_forms.OnDiscord(self.server, self.asides[-1][1])

    async def _opened(self, who: Any, root: Row, verb: str, ref: str) -> bool:
        await self.presses(who, root, verb, ref)
        try:
            await self.asides[-1][1].answer()
        except TimeoutError:
            return False
        return True

    async def reads(self, root: Row, text: str) -> None:
        await read(self, lambda: self.thread(root), text)

    async def files(self, root: Row) -> dict[str, bytes]:
        return {f["filename"]: self.server.content(f) for row in self._rows(root) for f in row["attachments"]}

    async def presses_own(self, who: Any, verb: str) -> str:
        """The page as it was before the press."""
        await self.commands(who, "tasks")
        mine = self.asides[-1][1]
        await until(lambda: mine.original)
        name = next(i for i in ids(mine.original) if i.startswith(f"{verb}|"))
        page = texts(mine.original)
        self.asides.append((who.id, await self.server.presses(who, mine.original, name)))
        return page

    def _rows(self, root: Row) -> list[Row]:
        in_dm = self.server.world.channels[root["channel_id"]]["type"] == 1
        return self.server.ours(root["channel_id"] if in_dm else root["id"])

    def look(self, item: Item) -> str:
        return look_of(list(render(item).components))

    def looks(self, root: Row) -> list[str]:
        return [look_of(m["components"]) for m in self._rows(root)]

    def posts(self, root: Row) -> list[str]:
        return ["\n".join([texts(m), *(f"[{f['filename']}]" for f in m["attachments"])]) for m in self._rows(root)]

    def thread(self, root: Row) -> str:
        return " ".join(self.posts(root))

    def marks(self, root: Row) -> list[str]:
        return self.server.reactions(root)

    def private(self, who: Any) -> str:
        shown = [it.original for name, it in self.asides if name == who.id and it.original is not None]
        shown += [m for name, it in self.asides if name == who.id for m in it.followups]
        return " ".join(texts(m) for m in [*shown, *self.server.ours(self.server.dm(who))])

    def requests(self) -> list[Row]:
        return self.server.history(self.server.channel)

    def thinks(self) -> list[str]:
        return self.server.handlers.typed

    def refuses_next(self) -> Callable[[], bool]:
        self.server.fails("POST", "/messages$", "429", seconds=0.2)
        fault = self.server.rest.faults[-1]
        return lambda: fault.times == 0

    async def until(self, fact: Any) -> Any:
        await until(fact, self.patience)
        return fact()


@asynccontextmanager
async def at_discord(*, faster: float = 1) -> AsyncGenerator[OnDiscord]:
    """The strict server. At the end only marks on what is gone were refused, and no limit was met.

    `faster`: the product's minutes pass so many times as fast; the server then counts nothing."""
    async with serving(rates=faster == 1) as server:
        server.interactions.late = UNHURRIED
        it = OnDiscord(server)
        yield it
        assert not (found := told_off(server.refusals)), found
        assert not server.limited


def _whole(name: str) -> str:
    """A file's name; one without an ending is a text."""
    return name if "." in name else f"{name}.txt"
