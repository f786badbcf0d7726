"""The chat's network: one connection, a line of JSON for each request, answer and event."""

import asyncio
import base64
import itertools
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, ClassVar, cast

from pydantic import Field, SecretStr

from bot.chat_platform import (
    Answer,
    ChatPlatform,
    Form,
    Home,
    Item,
    Mentioned,
    Posted,
    QuotedMessages,
    RemoteFile,
    Sign,
    Take,
    Whisper,
    Wrote,
)
from bot.config.health_check import HealthCheck
from bot.config.platform_settings import PlatformSettings
from bot.config.platform_setup_steps import Answers, SecretQuestion, Walk
from bot.config.read_secret_setting import secret
from bot.inbox.backoff import ReconnectDelays, tried
from bot.inbox.download import collected
from bot.outbox.rate_limits import Limit
from bot.platform_registration import Service, Wiring
from orchestrator.domain.people import FileRef, Person, Place
from orchestrator.errors import OutcomeUnknown, PlatformFailed, PlatformRefused, RateLimited
from tests.sample_platform import parse, render

log = logging.getLogger(__name__)
LIMITS = (Limit(of=frozenset({"post", "edit"}), per="channel", most=5, seconds=10.5),)
"""Half of what the chat allows: it still counts what we did before a restart."""
LARGEST = 50_000_000
PIECE, LINE = 30_000, 1 << 17
PAUSES = (0.1, 1.0, 5.0)
_CODES = {"gone": "gone", "token": "token", "already": "already"}
Payload = dict[str, Any]


class Lines(PlatformSettings):
    """Its section of the settings."""

    needs: ClassVar[tuple[str, ...]] = ("token",)
    variables: ClassVar[dict[str, str]] = {"LINES_TOKEN": "token"}

    token: SecretStr | None = Field(default=None, description="The bot's token.")
    address: str = Field(default="127.0.0.1:7777", description="Host and port of the chat.")


class Link:
    """An open connection. `events`: what the chat tells, in its order."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer
        self._numbers = itertools.count(1)
        self._asked: dict[int, asyncio.Future[Payload]] = {}
        self.events: asyncio.Queue[Payload] = asyncio.Queue()

    async def ask(self, do: str, *, once: bool = False, **more: Any) -> Payload:
        """The chat's answer. `once`: doing it twice would show, so a lost answer is OutcomeUnknown."""
        number = next(self._numbers)
        answer = self._asked[number] = asyncio.get_running_loop().create_future()
        try:
            await self.tell({"n": number, "do": do, **more})
            said = await answer
        except OSError as error:
            raise (OutcomeUnknown if once else PlatformFailed)(f"The answer to {do!r} was lost.") from error
        finally:
            self._asked.pop(number, None)
        if "ok" in said:
            return cast(Payload, said["ok"])
        code = str(said["no"])
        if code == "slow":
            raise RateLimited(f"The chat asks to wait before {do!r}.", seconds=float(said["wait"]))
        raise PlatformRefused(f"The chat refused {do!r}: {code}.", code=cast(Any, _CODES.get(code, "other")))

    async def tell(self, line: Payload) -> None:
        self._writer.write(json.dumps(line).encode() + b"\n")
        await self._writer.drain()

    async def read(self) -> None:
        """Until the connection ends."""
        try:
            while line := await self._reader.readline():
                it = json.loads(line)
                if "event" in it:
                    self.events.put_nowait(it)
                elif (asked := self._asked.get(it["n"])) and not asked.done():
                    asked.set_result(it)
        finally:
            for asked in self._asked.values():
                if not asked.done():
                    asked.set_exception(ConnectionResetError())
        raise ConnectionResetError


@asynccontextmanager
async def connected(it: Lines) -> AsyncGenerator[tuple[Link, Payload]]:
    """The link and the chat's greeting. Raises PlatformFailed, which is PlatformRefused for a wrong token."""
    host, _, port = it.address.rpartition(":")
    try:
        reader, writer = await asyncio.open_connection(host, int(port), limit=LINE)
    except (OSError, ValueError) as error:
        raise PlatformFailed(f"The chat at {it.address!r} can't be reached.") from error
    link = Link(reader, writer)
    reading = asyncio.ensure_future(link.read())
    try:
        yield link, await link.ask("hello", token=secret(it.token))
    finally:
        reading.cancel()
        writer.close()
        await asyncio.gather(reading, writer.wait_closed(), return_exceptions=True)


class LinesPlatform:
    """Implements `ChatPlatform`."""

    name = account = parse.PLATFORM

    def __init__(self, it: Lines, wiring: Wiring) -> None:
        self._settings, self._wiring = it, wiring
        self._now: Link | None = None
        self._first: dict[str, str] = {}
        """The newest message of each channel when we first came."""

    def serves(self, place: Place) -> bool:
        return place.platform == self.name

    async def run(self, take: Take) -> None:
        again, clock = ReconnectDelays(PAUSES), asyncio.get_running_loop()
        while True:
            began = clock.time()
            try:
                async with connected(self._settings) as (link, greeting):
                    self._now = link
                    self._wiring.connected(f"as @{greeting['me']}")
                    await self._hear(link, greeting, take)
            except* (PlatformFailed, OSError) as error:
                if error.subgroup(lambda one: isinstance(one, PlatformRefused) and one.code == "token"):
                    raise PlatformRefused("The chat rejected the token; set `lines.token`.", code="token") from error
                log.warning("the connection to the chat ended: %r", error)
            finally:
                self._now = None
            await asyncio.sleep(again.pause(clock.time() - began))

    async def _hear(self, link: Link, greeting: Payload, take: Take) -> None:
        """What was missed, then what is new, in order. What is heard twice counts once."""
        for channel, newest in greeting["newest"].items():
            after = await self._wiring.since(channel) or self._first.setdefault(channel, newest)
            while missed := (await link.ask("history", channel=channel, after=after))["events"]:
                for one in missed:
                    await self._take(link, one, take)
                after = missed[-1]["message"]
        while True:
            one = await link.events.get()
            await self._take(link, one, take)
            await link.tell({"do": "got", "id": one["id"]})

    async def _take(self, link: Link, one: Payload, take: Take) -> None:
        if (inbound := parse.event(one)) is None:
            return

        async def taken() -> None:
            await self._answer(link, one, await take(inbound))

        await tried(taken, f"take {inbound.id}")

    async def _answer(self, link: Link, one: Payload, answer: Answer) -> None:
        """In private. Presses and forms always get one, be it empty."""
        form = render.form(answer) if isinstance(answer, Form) else None
        words = answer.words if isinstance(answer, Whisper | Home) else ""
        if isinstance(answer, Whisper):
            words = "\n".join([words, *(f"{b.label}: {b.page}" for b in answer.buttons if b.page)])
        if form or words or one["event"] in ("pressed", "sent"):
            buttons = render.buttons(answer.task, answer.buttons) if isinstance(answer, Whisper) else ()
            await link.ask("answer", event=one["id"], words=render.escaped(words), form=form, buttons=buttons)

    async def post(self, place: Place, item: Item, *, nonce: str) -> Posted:
        made = render.message(item)
        files = [await self._upload(file) for file in made.files]
        asked = {"thread": place.thread, "text": made.text, "buttons": made.buttons, "files": files, "nonce": nonce}
        said = await self._ask("post", once=True, channel=place.channel, **asked)
        return Posted(place=place, message=str(said["message"]))

    async def edit(self, posted: Posted, item: Item) -> None:
        """The files of a message stay as they are."""
        made = render.message(item)
        await self._ask("edit", message=posted.message, text=made.text, buttons=made.buttons)

    async def find(self, place: Place, *, nonce: str) -> Posted | None:
        found = (await self._ask("find", channel=place.channel, nonce=nonce))["message"]
        return Posted(place=place, message=str(found)) if found else None

    async def direct(self, person: Person) -> Place:
        raise PlatformRefused("The chat has no direct messages.", code="not-allowed")

    async def react(self, place: Place, message: str, mark: Sign) -> None:
        await self._ask("mark", message=message, mark="seen" if mark == "unseen" else mark, on=mark != "unseen")

    async def thinking(self, place: Place, *, on: bool) -> None:
        """The chat shows nothing of the kind."""

    async def fetch(self, file: RemoteFile) -> bytes:
        return await collected(self._pieces(file), file, LARGEST)

    async def quoted(self, it: Mentioned | Wrote) -> QuotedMessages:
        """The chat doesn't show what was said before."""
        return QuotedMessages()

    async def close(self) -> None:
        """The connection ends with `run`."""

    async def _pieces(self, file: RemoteFile) -> AsyncIterator[bytes]:
        at = 0
        while piece := base64.b64decode((await self._ask("read", file=file.id, at=at))["data"]):
            yield piece
            at += len(piece)

    async def _upload(self, file: FileRef) -> str:
        content = await self._wiring.read(file)
        name = str((await self._ask("file", name=file.name, size=len(content)))["file"])
        for at in range(0, len(content), PIECE):
            await self._ask("piece", file=name, at=at, data=base64.b64encode(content[at : at + PIECE]).decode())
        return name

    async def _ask(self, do: str, *, once: bool = False, **more: Any) -> Payload:
        if self._now is None:
            raise PlatformFailed("The chat isn't connected.")
        return await self._now.ask(do, once=once, **more)


async def _examine(it: Lines, home: Path | None = None) -> Sequence[HealthCheck]:
    try:
        async with connected(it) as (_, greeting):
            return [HealthCheck("lines", "ok", f"The token is good: signed in as {greeting['me']!r}.")]
    except PlatformFailed as error:
        return [HealthCheck("lines", "fail", str(error), "Check the token and the address.")]


def _walk(it: Lines) -> Walk:
    async def token(value: str, before: Answers) -> Sequence[HealthCheck]:
        return await _examine(it.model_copy(update={"token": SecretStr(value)}))

    ask = SecretQuestion("token", "bot token", "LINES_TOKEN", token, "Ask the chat's operator for a token.\n")
    return Walk("Lines, in a minute.\n", (ask,), "Start threadwork: {up}, then ask:\n   @threadwork {request}")


def _open(it: Lines, wiring: Wiring) -> ChatPlatform:
    return LinesPlatform(it, wiring)


SERVICE: Service[Lines] = Service(open=_open, examine=_examine, walk=_walk)
