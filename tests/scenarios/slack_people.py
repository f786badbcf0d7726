"""People at Slack, under the words that every story uses."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

from bot.chat_platform import Item
from bot.platform_registration import Platform
from bot.slack import render
from tests.crowds.crowd import look_of
from tests.scenarios import chat_forms
from tests.scenarios.chat_people import UNHURRIED, Row, Spot, read, seen, told_off
from tests.slack_server import SlackServer, serving
from tests.slack_server.acting import elements, words


class OnSlack:
    row: Platform[Any]
    patience = 60.0
    wanted = 0
    """Refusals that a story asked for."""

    def __init__(self, server: SlackServer) -> None:
        self.server = server
        self.keys = {"bot_token": server.bot_token, "app_token": server.app_token, "api_url": server.url}
        self.room = server.channel("general")

    def person(self, name: str, kind: str = "member") -> Any:
        made = self.server.person(name, kind)  # type: ignore[arg-type]
        self.room.members.add(made.id)
        return made

    def closes(self) -> None:
        """From now on people are in a room that only they can read."""
        self.room = self.server.channel("board", kind="private")

    async def moves(self, who: Any, channel: str) -> None:
        """From now on, people write in another channel."""
        members = self.room.members
        self.room = self.server.channel(channel)
        self.room.members |= members

    async def joined(self) -> None:
        await self.server.until(lambda: self.server.sockets.open)

    async def says(
        self, who: Any, text: str, *, to: Row | None = None, direct: bool = False, named: bool = True, **files: bytes
    ) -> Row:
        room = self.alone(who) if direct else self.room
        kept = [self.server.file(_whole(name), content) for name, content in files.items()]
        said = f"{self.server.mention} {text}" if named else text
        return self.server.says(who, room, said, files=kept, thread=to["ts"] if to else "")

    def alone(self, who: Any) -> Any:
        known = (c for c in self.server.world.channels.values() if c.kind == "im" and who.id in c.members)
        return next(known, None) or self.server.direct(who)

    def home_of(self, message: Row | None) -> Any:
        """The conversation that the message is in; for None, the common one."""
        return self.room if message is None else self._room(message)

    async def rewrites(self, who: Any, message: Row, text: str) -> None:
        self.server.edits(self._room(message), message, f"{self.server.mention} {text}")

    async def deletes(self, message: Row) -> None:
        self.server.deletes(self._room(message), message)

    async def works_on(self, who: Any, message: Row) -> None:
        await self.server.works_on(who, self.room, message)

    async def commands(self, who: Any, text: str) -> None:
        await self.server.commands(who, self.room, text)

    async def sees(self, root: Row, verb: str, ref: str = "", *, but: str = "") -> Spot:
        return await seen(
            self, root, lambda s: s.verb == verb and s.ref.startswith(ref) and (not but or s.ref != but), self._spots
        )

    def _spots(self, root: Row) -> Iterator[Spot]:
        for row in self.server.world.thread(self._room(root).id, root["ts"]):
            for element in elements(row):
                if "value" in element:
                    verb, ref = element["action_id"].partition(":")[0], json.loads(element["value"])[1]
                    yield Spot(row, element["action_id"], "", verb, ref)
                for option in element.get("options", []):
                    verb, _, ref = json.loads(option["value"])
                    yield Spot(row, element["action_id"], option["text"]["text"], verb, ref)

    async def presses(self, who: Any, root: Row, verb: str, ref: str = "", *, on: Spot | None = None) -> None:
        spot = on or await self.sees(root, verb, ref)
        await self.server.presses(who, self._room(root), spot.message, spot.name, option=spot.option)

    async def opens(self, who: Any, root: Row, verb: str, ref: str = "") -> chat_forms.Form:
        """Presses until the form is there: where the machine is busy it may come too late, and the person is told."""
        shown = set(self.server.world.views)
        while not (new := await self._opened(who, root, verb, ref, shown)):
            pass
        return chat_forms.OnSlack(self.server, who, new[0])

    async def _opened(self, who: Any, root: Row, verb: str, ref: str, shown: set[str]) -> list[Any]:
        told = self.private(who).count("Press the button again")

        def new() -> list[Any]:
            return [view for name, view in self.server.world.views.items() if name not in shown]

        await self.presses(who, root, verb, ref)
        await self.until(lambda: new() or self.private(who).count("Press the button again") > told)
        return new()

    async def reads(self, root: Row, text: str) -> None:
        await read(self, lambda: self.thread(root), text)

    async def files(self, root: Row) -> dict[str, bytes]:
        rows = self.server.world.thread(self._room(root).id, root["ts"])[1:]
        return {f["name"]: self.server.world.contents[f["id"]] for row in rows for f in row.get("files", [])}

    async def presses_own(self, who: Any, verb: str) -> str:
        """The page as it was before the press."""
        alone = self.alone(who)
        self.server.opens_home(who, alone)

        def found() -> Any:
            view = self.server.world.homes.get(who.id, {})
            return next((e["action_id"] for e in elements(view) if e["action_id"].startswith(verb)), None)

        action = await self.server.until(found)
        view = self.server.world.homes[who.id]
        page = words(view)
        element = next(e for e in elements(view) if e["action_id"] == action)
        pressed = {key: element[key] for key in ("type", "action_id", "value")} | {"block_id": "b1"}
        payload = {"type": "block_actions", "container": {"type": "view", "view_id": "V1"}, "view": view,
                   "actions": [pressed], **self.server._asking(who, None)}  # pyright: ignore[reportPrivateUsage]  # fmt: skip
        await self.server.sockets.interaction("interactive", payload)
        return page

    def _room(self, root: Row) -> Any:
        return next(c for c in self.server.world.channels.values() if any(r is root for r in c.rows))

    def look(self, item: Item) -> str:
        return look_of(list(render.message(item).blocks))

    def looks(self, root: Row) -> list[str]:
        rows = self.server.world.thread(self._room(root).id, root["ts"])
        return [look_of(r["blocks"]) for r in rows if r["user"] == self.server.bot and "blocks" in r]

    def posts(self, root: Row) -> list[str]:
        rows = self.server.world.thread(self._room(root).id, root["ts"])[1:]
        return [" ".join([words(r), *(f"[{f['name']}]" for f in r.get("files", []))]).strip() for r in rows]

    def thread(self, root: Row) -> str:
        return " ".join(self.posts(root))

    def marks(self, root: Row) -> list[str]:
        signs = {"eyes": "👀", "white_check_mark": "✅", "x": "❌"}
        return [signs[name] for name in root.get("reactions", [])]

    def private(self, who: Any) -> str:
        home = self.server.world.homes.get(who.id, {})
        return " ".join([words(w) for w in self.server.world.whispers if w["user"] == who.id] + [words(home)])

    def requests(self) -> list[Row]:
        return [r for r in self.room.rows if not r.get("thread_ts") or r["thread_ts"] == r["ts"]]

    def thinks(self) -> list[str]:
        return [status for _, _, status in self.server.world.statuses]

    def refuses_next(self) -> Callable[[], bool]:
        before = len(self.server.limited)
        self.server.fail("chat.postMessage", "limited")
        self.wanted += 1
        return lambda: len(self.server.limited) > before

    async def until(self, fact: Any) -> Any:
        return await self.server.until(fact, seconds=self.patience)


@asynccontextmanager
async def at_slack(*, faster: float = 1) -> AsyncGenerator[OnSlack]:
    """The strict server. At the end only marks on what is gone were refused, and no limit was met.

    `faster`: its minutes pass so many times as fast."""
    clock = asyncio.get_running_loop()
    async with serving(now=lambda: clock.time() * faster, patience=UNHURRIED) as server:
        server.world.trigger_lasts = UNHURRIED
        it = OnSlack(server)
        yield it
        assert not (found := told_off(server.refusals)), found
        assert len(server.limited) == it.wanted


def _whole(name: str) -> str:
    """A file's name; one without an ending is a text."""
    return name if "." in name else f"{name}.txt"
