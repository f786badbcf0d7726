"""Discord as a chat platform: listens over the gateway, shows items over HTTP."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import aiohttp
import discord
import httpx
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.chat_platform import (
    CardItem,
    Connected,
    FileItem,
    Item,
    Mentioned,
    Posted,
    QuotedMessages,
    Read,
    RemoteFile,
    Sign,
    Take,
    Wrote,
    untold,
)
from bot.discord import downloads
from bot.discord.components import DiscordMessage, Payload, number
from bot.discord.errors import HAS_THREAD, UNKNOWN_CHANNEL, UNKNOWN_EMOJI, UNKNOWN_MESSAGE, Rejected
from bot.discord.event_handler import DiscordEventHandler
from bot.discord.events import DIRECT
from bot.discord.gateway import DiscordGateway, Network, ended
from bot.discord.linked_messages import DiscordLinkedMessages
from bot.discord.look_up_mentioned_names import NameLookup
from bot.discord.missed_messages import Since
from bot.discord.modal import FormDraft
from bot.discord.parse import PLATFORM
from bot.discord.render import FILE_SIZE, render
from bot.discord.rest import Rest, UploadPart
from bot.discord.safe_text import bare
from bot.discord.thread_reader import DiscordThreadReader
from bot.inbox.backoff import ReconnectDelays
from orchestrator.domain.ids import digest
from orchestrator.domain.people import Person, Place
from orchestrator.domain.plural import counted
from orchestrator.errors import PlatformFailed, PlatformRefused

log = logging.getLogger(__name__)
MARKS: dict[Sign, str] = {"seen": "👀", "done": "✅", "failed": "❌"}
PAUSES = (1.0, 2.0, 5.0, 10.0, 20.0, 100.0)
"""Seconds between attempts to connect. A bot may identify itself a thousand times a day, so the last pause is long."""
UNREACHED = (OSError, aiohttp.ClientError, discord.DiscordServerError, discord.GatewayNotFound)
"""If there was nobody to identify ourselves to, the longest pause isn't needed."""


async def _no_directs() -> Sequence[str]:
    return ()


class DiscordPlatform:
    """One bot account in all its servers.

    `read`: the bytes of a shelf file. `since`: the last message id taken in a `Place.channel`, empty for none.
    `directs`: direct conversations known from before, as `Place.channel`, because Discord doesn't list them. The two
    addresses, for a local server, apply to the whole process: discord.py keeps them on its classes.
    """

    def __init__(
        self, *, token: str, read: Read, since: Since, api_url: str = "", gateway_url: str = "",
        directs: Callable[[], Awaitable[Sequence[str]]] = _no_directs, pauses: Sequence[float] = PAUSES,
        network: Network | None = None, connected: Connected = untold,
    ) -> None:  # fmt: skip
        if api_url:
            Route.BASE = api_url.rstrip("/")
        if gateway_url:
            DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(gateway_url)
        self._token = token
        self._read = read
        self._since = since
        self._began = str(discord.utils.time_snowflake(discord.utils.utcnow()))
        self._directs = directs
        self._pauses = pauses
        self._connected = connected
        self._network = network or Network()
        self._rest = Rest(token, self._network)
        self._names = NameLookup(self._rest)
        self._http = httpx.AsyncClient(timeout=60, follow_redirects=False)
        self._drafts: OrderedDict[str, FormDraft] = OrderedDict()
        self._gateway: DiscordGateway | None = None
        self._threads: OrderedDict[str, None] = OrderedDict()
        """Threads that are known to exist."""
        self.ready = asyncio.Event()
        """Set while it is listening."""

    @property
    def name(self) -> str:
        return PLATFORM

    @property
    def account(self) -> str:
        return PLATFORM

    def serves(self, place: Place) -> bool:
        return place.platform == PLATFORM

    async def run(self, take: Take) -> None:
        """Listens until canceled. Raises PlatformFailed only for what waiting can't fix: token, intents."""
        again, clock = ReconnectDelays(self._pauses), asyncio.get_running_loop()
        while True:
            handler = DiscordEventHandler(
                self._rest, self._names, take, self._drafts, since=self._last, directs=self._directs,
                ready=self._is_ready, seen=self._knows,
            )  # fmt: skip
            self._gateway = handler.gateway
            began = clock.time()
            try:
                why = await ended(handler.gateway, self._token, self._network)
            finally:
                self.ready.clear()
            if isinstance(why, discord.LoginFailure):
                raise PlatformFailed("Discord rejected the token; set a new one as `discord.token`.") from why
            if isinstance(why, discord.PrivilegedIntentsRequired):
                raise PlatformFailed(
                    "Discord's Message Content intent is off; turn it on for this bot (deploy/discord/README.md)."
                ) from why
            pause = again.pause(clock.time() - began, most=-1 if isinstance(why, UNREACHED) else None)
            log.warning("the connection to Discord ended (%r); next attempt in %g s", why, pause)
            await asyncio.sleep(pause)

    async def post(self, place: Place, item: Item, *, nonce: str) -> Posted:
        """See the port. In a direct conversation the message answers the request instead of making a thread."""
        message = render(item, id_=number(nonce), limit=self._limit(place))
        files = await self._parts(message)
        channel = await self._thread(place, item)
        answers = place.thread if _direct(place) else ""
        made = await self._rest.send(channel, message, files, nonce=digest("nonce", nonce, length=24), answers=answers)
        return Posted(place=place, message=str(made["id"]))

    async def edit(self, posted: Posted, item: Item) -> None:
        """See the port. Files that are already attached aren't sent again."""
        channel = _channel(posted.place)
        message = render(item, limit=self._limit(posted.place))
        keep = isinstance(item, FileItem) and await self._same_files(channel, posted.message, message)
        files = None if keep else await self._parts(message)
        await self._rest.opened(channel, lambda: self._rest.edit(channel, posted.message, message, files))

    async def find(self, place: Place, *, nonce: str) -> Posted | None:
        """Looks for the mark that `post` leaves on its message, among the channel's last hundred."""
        try:
            recent = await self._rest.recent(_channel(place))
        except Rejected as error:
            if error.number == UNKNOWN_CHANNEL:
                return None
            raise
        wanted = number(nonce)
        found = next((m for m in recent if any(c.get("id") == wanted for c in m["components"])), None)
        return None if found is None else Posted(place=place, message=str(found["id"]))

    async def direct(self, person: Person) -> Place:
        channel = await self._rest.direct(person.id.rpartition(":")[2])
        return Place(platform=PLATFORM, channel=f"{DIRECT}/{channel}", thread="", private=True)

    async def react(self, place: Place, message: str, mark: Sign) -> None:
        """The request is in the channel that the thread belongs to, or in the thread itself."""
        on = mark != "unseen"
        emoji = MARKS[mark if on else "seen"]
        parent = place.channel.partition("/")[2]
        channel = parent if message == place.thread or _direct(place) else _channel(place)
        try:
            await self._rest.opened(channel, lambda: self._rest.react(channel, message, emoji, on=on))
        except Rejected as error:
            if error.number == UNKNOWN_EMOJI and not on:
                return  # it was not there
            if error.number != UNKNOWN_MESSAGE or _direct(place) or not place.thread:
                raise
            # The first message of a forum post has the thread's id and is inside the thread; a reply to the request
            # may stand in the channel.
            other = place.thread if channel == parent else parent
            await self._rest.opened(other, lambda: self._rest.react(other, message, emoji, on=on))

    async def thinking(self, place: Place, *, on: bool) -> None:
        """Discord shows it for ten seconds, or until our next message."""
        if on:
            there = _direct(place) or place.thread in self._threads
            await self._rest.type(_channel(place) if there else place.channel.partition("/")[2])

    async def fetch(self, file: RemoteFile) -> bytes:
        """Returns the file's content; asks for a new link if the old one has expired."""
        found = await downloads.content(self._http, file.url, file)
        if found is None:
            found = await downloads.content(self._http, await self._fresh_link(file), file)
        if found is None:
            raise PlatformRefused(f"Discord no longer has the file {file.name!r}; attach it again.", code="gone")
        return found

    async def quoted(self, it: Mentioned | Wrote) -> QuotedMessages:
        if self._gateway is None or not it.message:
            return QuotedMessages()
        me = self._gateway.user
        reader = DiscordThreadReader(self._rest, self._names, str(me.id) if me else "")
        linked = await DiscordLinkedMessages(self._rest, self._gateway, reader).of(it)
        if isinstance(it, Mentioned) and not _direct(it.place):
            read = reader.before if it.in_thread else reader.forwarded
            return (await read(it, self._guild(it.place))).plus(linked)
        return linked

    async def close(self) -> None:
        """Idempotent; `run` is canceled by its caller."""
        await self._rest.close()
        await self._http.aclose()

    def _is_ready(self) -> None:
        self.ready.set()
        if self._gateway is not None and self._gateway.user is not None:
            self._connected(f"as {self._gateway.user.name}, in {counted(len(self._gateway.guilds), 'server')}")

    async def _last(self, channel: str) -> str:
        """Returns the last message taken; if none ever was, everything since our start counts as missed."""
        return await self._since(channel) or self._began

    def _knows(self, thread: str) -> None:
        self._threads[thread] = None
        while len(self._threads) > 10_000:
            self._threads.popitem(last=False)

    def _limit(self, place: Place) -> int:
        """Returns the size of the largest file that server accepts."""
        guild = self._guild(place)
        return guild.filesize_limit if guild else FILE_SIZE

    def _guild(self, place: Place) -> discord.Guild | None:
        team = place.channel.partition("/")[0]
        return self._gateway.get_guild(int(team)) if self._gateway and team.isdigit() else None

    async def _thread(self, place: Place, item: Item) -> str:
        """Returns where to post. Creates the thread of a request that has none; one is enough, whoever created it."""
        parent, thread = place.channel.partition("/")[2], place.thread
        if _direct(place) or not thread:
            return parent
        known = self._gateway is not None and thread.isdigit() and self._gateway.get_channel(int(thread)) is not None
        if not known and thread not in self._threads:
            name = bare(item.card.title if isinstance(item, CardItem) else "threadwork", 100)
            try:
                await self._rest.open_thread(parent, thread, name)
            except Rejected as error:
                if error.number not in (HAS_THREAD, UNKNOWN_MESSAGE):  # unknown: someone else's thread, or gone
                    raise
        self._knows(thread)
        return thread

    async def _parts(self, message: DiscordMessage) -> list[UploadPart]:
        found: list[UploadPart] = []
        for upload in message.uploads:
            content = upload.content if upload.file is None else await self._read(upload.file)
            found.append(UploadPart(upload.name, content or b"", upload.alt))
        return found

    async def _same_files(self, channel: str, id_: str, message: DiscordMessage) -> bool:
        """Returns whether the message has exactly these files: their components carry numbers derived from the
        content."""
        standing = await self._rest.message(channel, id_)
        return _file_numbers(standing["components"]) == _file_numbers(message.components)

    async def _fresh_link(self, file: RemoteFile) -> str:
        channel, _, rest = file.id.partition("/")
        message, _, attachment = rest.partition("/")
        if not attachment:
            return ""
        found = await self._rest.message(channel, message)
        return next((str(a["url"]) for a in found["attachments"] if str(a["id"]) == attachment), "")


def _file_numbers(components: Sequence[Payload]) -> set[Any]:
    parts: list[Payload] = []
    for one in components:
        parts += [one, *cast(list[Payload], one.get("components") or [])]
    return {p.get("id") for p in parts if p["type"] in (12, 13)}


def _direct(place: Place) -> bool:
    return place.channel.startswith(f"{DIRECT}/")


def _channel(place: Place) -> str:
    """Returns where the messages of a place are: a thread is a channel of its own."""
    return place.channel.partition("/")[2] if _direct(place) or not place.thread else place.thread
