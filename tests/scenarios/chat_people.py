"""People at either platform, as one story sees them: the strict servers under one set of words."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from copy import deepcopy
from typing import Any, NamedTuple, Protocol

from bot.chat import Item
from bot.discord import render as on_discord
from bot.discord.parse import MENU
from bot.slack import render as on_slack
from tests.crowds.crowd import look_of
from tests.discord_server import DiscordServer, ids, rules, texts, until
from tests.discord_server import serving as discord
from tests.scenarios import chat_forms
from tests.slack_server import SlackServer
from tests.slack_server import serving as slack
from tests.slack_server.acting import elements, words

Row = dict[str, Any]


class Spot(NamedTuple):
    """A button, or an entry of a menu, as it stood there when it was seen. `name`: what the platform calls it."""

    message: Row
    name: str
    option: str
    verb: str
    ref: str

    def fits(self, verb: str, ref: str, but: str) -> bool:
        """Whether it is of that verb, its ref begins so, and it is not that other one."""
        return self.verb == verb and self.ref.startswith(ref) and (not but or self.ref != but)


class Chat(Protocol):
    """A platform with one channel. People are the server's own; a message is its row or payload.

    `patience`: seconds in which a fact has to become true."""

    name: str
    patience: float
    keys: dict[str, str]
    server: Any
    room: Any

    def person(self, name: str, kind: str = "member") -> Any: ...
    async def joined(self) -> None: ...
    async def says(
        self, who: Any, text: str, *, to: Row | None = None, direct: bool = False, named: bool = True, **files: bytes
    ) -> Row: ...
    async def rewrites(self, who: Any, message: Row, text: str) -> None: ...
    async def deletes(self, message: Row) -> None: ...
    async def works_on(self, who: Any, message: Row) -> None: ...
    async def commands(self, who: Any, text: str) -> None: ...
    async def sees(self, root: Row, verb: str, ref: str = "", *, but: str = "") -> Spot: ...
    async def presses(self, who: Any, root: Row, verb: str, ref: str = "", *, on: Spot | None = None) -> None: ...
    async def opens(self, who: Any, root: Row, verb: str, ref: str = "") -> chat_forms.Form: ...
    async def reads(self, root: Row, text: str) -> None: ...
    async def files(self, root: Row) -> dict[str, bytes]: ...
    async def presses_own(self, who: Any, verb: str) -> str: ...
    def look(self, item: Item) -> str: ...
    def looks(self, root: Row) -> list[str]: ...
    def posts(self, root: Row) -> list[str]: ...
    def thread(self, root: Row) -> str: ...
    def marks(self, root: Row) -> list[str]: ...
    def private(self, who: Any) -> str: ...
    def requests(self) -> list[Row]: ...
    def thinks(self) -> list[str]: ...
    async def until(self, fact: Any) -> Any: ...


class OnSlack:
    name = "slack"
    patience = 8.0

    def __init__(self, server: SlackServer) -> None:
        self.server = server
        self.keys = {"bot_token": server.bot_token, "app_token": server.app_token, "api_url": server.url}
        self.room = server.channel("general")

    def person(self, name: str, kind: str = "member") -> Any:
        made = self.server.person(name, kind)  # type: ignore[arg-type]
        self.room.members.add(made.id)
        return made

    async def joined(self) -> None:
        await self.server.until(lambda: self.server.sockets.open)

    async def says(
        self, who: Any, text: str, *, to: Row | None = None, direct: bool = False, named: bool = True, **files: bytes
    ) -> Row:
        room = self._alone(who) if direct else self.room
        kept = [self.server.file(f"{name}.txt", content) for name, content in files.items()]
        said = f"{self.server.mention} {text}" if named else text
        return self.server.says(who, room, said, files=kept, thread=to["ts"] if to else "")

    def _alone(self, who: Any) -> Any:
        known = (c for c in self.server.world.channels.values() if c.kind == "im" and who.id in c.members)
        return next(known, None) or self.server.direct(who)

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
        shown = set(self.server.world.views)
        await self.presses(who, root, verb, ref)
        view = await self.until(lambda: next((v for n, v in self.server.world.views.items() if n not in shown), None))
        return chat_forms.OnSlack(self.server, who, view)

    async def reads(self, root: Row, text: str) -> None:
        await read(self, lambda: self.thread(root), text)

    async def files(self, root: Row) -> dict[str, bytes]:
        rows = self.server.world.thread(self._room(root).id, root["ts"])[1:]
        return {f["name"]: self.server.world.contents[f["id"]] for row in rows for f in row.get("files", [])}

    async def presses_own(self, who: Any, verb: str) -> str:
        """The page as it was before the press."""
        alone = self._alone(who)
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
        return look_of(list(on_slack.message(item).blocks))

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

    async def until(self, fact: Any) -> Any:
        return await self.server.until(fact, seconds=self.patience)


class OnDiscord:
    name = "discord"
    patience = 20.0

    def __init__(self, server: DiscordServer) -> None:
        self.server, self.room = server, server.channel
        self.keys = {"token": server.token, "api_url": server.api_url, "gateway_url": server.gateway_url}
        self.asides: list[tuple[str, Any]] = []

    def person(self, name: str, kind: str = "member") -> Any:
        return self.server.person(name, guest=kind == "guest", bot=kind == "bot")

    async def joined(self) -> None:
        await until(lambda: self.server.gateway.sessions and self.server.world.commands)

    async def says(
        self, who: Any, text: str, *, to: Row | None = None, direct: bool = False, named: bool = True, **files: bytes
    ) -> Row:
        room = self.server.dm(who) if direct else self.server.channel
        if to is not None and not direct:
            await until(lambda: to["id"] in self.server.world.channels)
            room = self.server.world.channels[to["id"]]
        said = f"{self.server.mention} {text}" if named else text
        kept: Mapping[str, bytes] = {f"{name}.txt": content for name, content in files.items()}
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
        self.asides.append((who.id, await self.server.presses(who, spot.message, spot.name, values)))

    async def opens(self, who: Any, root: Row, verb: str, ref: str = "") -> chat_forms.Form:
        await self.presses(who, root, verb, ref)
        opened = self.asides[-1][1]
        await opened.answer()
        return chat_forms.OnDiscord(self.server, opened)

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
        return look_of(list(on_discord.render(item).components))

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

    async def until(self, fact: Any) -> Any:
        await until(fact, self.patience)
        return fact()


async def seen(it: Chat, root: Row, wanted: Callable[[Spot], bool], spots: Callable[[Row], Iterator[Spot]]) -> Spot:
    """The first such spot, as soon as it is there; as it is then, whatever comes."""
    try:
        spot = await it.until(lambda: next(filter(wanted, spots(root)), None))
    except TimeoutError:
        there = sorted({(s.verb, s.ref) for s in spots(root)})
        raise AssertionError(f"only {there} can be pressed; {it.thread(root)}") from None
    return spot._replace(message=deepcopy(spot.message))


async def read(it: Chat, thread: Callable[[], str], text: str) -> None:
    try:
        await it.until(lambda: text in thread())
    except TimeoutError:
        raise AssertionError(f"{text!r} is not in {thread()!r}") from None


@asynccontextmanager
async def chat(name: str, *, faster: float = 1) -> AsyncGenerator[Chat]:
    """The strict server of that name. At the end only marks on what is gone were refused, and no limit met.

    `faster`: its minutes pass so many times as fast; Discord then counts nothing."""
    if name == "slack":
        clock = asyncio.get_running_loop()
        async with slack(now=lambda: clock.time() * faster) as one:
            yield OnSlack(one)
            assert not _told_off(one.refusals)
            assert not one.limited
        return
    async with discord(rates=faster == 1) as two:
        yield OnDiscord(two)
        assert not _told_off(two.refusals)
        assert not two.limited


def _told_off(refusals: Sequence[object]) -> list[object]:
    """A request may be deleted before its mark comes."""
    gone = ("message_not_found", "10008", "Unknown Message")
    return [one for one in refusals if "reactions" not in str(one) or not any(word in str(one) for word in gone)]
