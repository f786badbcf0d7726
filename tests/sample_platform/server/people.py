"""People in the sample chat, under the words that every story uses."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from bot.platform_registration import Platform
from tests.sample_platform.parse import MENTION, named
from tests.sample_platform.server.server import TOKEN, Server, Someone, serving
from tests.scenarios.chat_forms import lines
from tests.scenarios.chat_people import Row, Spot, read, seen


class FilledIn:
    """A form as somebody fills it in."""

    def __init__(self, it: "InLines", who: Someone, on: Row, form: Row) -> None:
        self._it, self._who, self._on = it, who, on
        self._show(form)

    def _show(self, form: Row) -> None:
        self._form = form
        self.values = {field["name"]: field["value"] for field in form["fields"]}

    def steps(self, **changed: Mapping[str, str]) -> dict[str, str]:
        return {"steps": lines(self.values["steps"], changed)}

    async def sends(self, values: Mapping[str, str], **files: bytes) -> str:
        server = self._it.server
        assert set(values) <= set(self.values)
        kept = [server.shown(server.upload(name, content)) for name, content in files.items()]
        sent = {"about": self._form["about"], "values": {**self.values, **values}, "files": kept}
        event = server.tell("sent", self._who, self._on, **sent)
        again = (await self._it.until(lambda: server.answers.get(event)))["form"]
        if not again:
            return ""
        self._show(again)
        return str(again["problem"])


class InLines:
    patience = 60.0
    wanted = 0
    row: Platform[Any]

    def __init__(self, server: Server) -> None:
        self.server, self.room = server, None
        self.keys = {"token": TOKEN, "address": f"127.0.0.1:{server.port}"}

    def person(self, name: str, kind: str = "member") -> Someone:
        return Someone(name.lower(), name, kind)

    async def joined(self) -> None:
        await self.until(lambda: self.server.writer)

    async def says(self, who: Someone, text: str, *, to: Row | None = None, named: bool = True, **files: bytes) -> Row:
        kept = [self.server.upload(f"{name}.txt", content) for name, content in files.items()]
        return self.server.says(who, f"{MENTION} {text}" if named else text, to["id"] if to else "", kept)

    async def sees(self, root: Row, verb: str, ref: str = "", *, but: str = "") -> Spot:
        return await seen(self, root, lambda s: s.fits(verb, ref, but), self._spots)  # pyright: ignore

    def _spots(self, root: Row) -> Iterator[Spot]:
        for row in self._rows(root):
            for button in row["buttons"]:
                verb, _, ref = named(button["name"])
                yield Spot(row, button["name"], "", verb, ref)

    async def presses(self, who: Someone, root: Row, verb: str, ref: str = "", *, on: Spot | None = None) -> None:
        spot = on or await self.sees(root, verb, ref)
        await self._answer(self._pressed(who, spot))

    async def opens(self, who: Someone, root: Row, verb: str, ref: str = "") -> FilledIn:
        spot = await self.sees(root, verb, ref)
        answer = await self._answer(self._pressed(who, spot))
        assert answer["form"], answer
        return FilledIn(self, who, spot.message, answer["form"])

    def _pressed(self, who: Someone, spot: Spot) -> str:
        return self.server.tell("pressed", who, spot.message, name=spot.name)

    async def _answer(self, event: str) -> Row:
        return await self.until(lambda: self.server.answers.get(event))

    async def reads(self, root: Row, text: str) -> None:
        await read(self, lambda: self.thread(root), text)  # pyright: ignore

    async def files(self, root: Row) -> dict[str, bytes]:
        known = self.server.files
        return {known[f].name: bytes(known[f].content) for row in self._rows(root) for f in row["files"]}

    def _rows(self, root: Row) -> list[Row]:
        return [row for row in self.server.messages.values() if row["by"] is None and row["thread"] == root["id"]]

    def posts(self, root: Row) -> list[str]:
        known = self.server.files
        each = [(_read(row["text"]), [f"[{known[f].name}]" for f in row["files"]]) for row in self._rows(root)]
        return ["\n".join([text, *names]) for text, names in each]

    def thread(self, root: Row) -> str:
        return " ".join(self.posts(root))

    def private(self, who: Someone) -> str:
        return " ".join(_read(words) for name, words in self.server.whispers if name == who.id)

    def requests(self) -> list[Row]:
        return [row for row in self.server.messages.values() if not row["thread"]]

    def refuses_next(self) -> Callable[[], bool]:
        self.server.refuse, before = 1, len(self.server.limited)
        self.wanted += 1
        return lambda: len(self.server.limited) > before

    async def until(self, fact: Callable[[], Any]) -> Any:
        async with asyncio.timeout(self.patience):
            while not (found := fact()):  # noqa: ASYNC110  (the server does not tell)
                await asyncio.sleep(0.01)
        return found


def _read(text: str) -> str:
    """As people read it."""
    return text.replace("\\@", "@").replace("\\\\", "\\")


@asynccontextmanager
async def in_lines(*, faster: float = 1) -> AsyncGenerator[InLines]:
    """The strict server. At the end nothing was refused but what a story wanted. `faster`: its minutes pass so."""
    clock = asyncio.get_running_loop()
    async with serving(now=lambda: clock.time() * faster) as server:
        it = InLines(server)
        yield it
        assert not server.refusals, server.refusals
        assert len(server.limited) == it.wanted, server.limited
