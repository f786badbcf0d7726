"""Reads messages of the same server that a message links to, if its author may read them."""

import re
from collections.abc import Iterator
from typing import NamedTuple, cast

import discord

from bot.chat_platform import Mentioned, Quote, QuotedMessages, Wrote
from bot.discord.components import Payload
from bot.discord.errors import discord_errors
from bot.discord.events import DIRECT
from bot.discord.gateway import DiscordGateway
from bot.discord.rest import Rest
from bot.discord.thread_reader import DiscordThreadReader
from bot.inbox.linked_messages import GONE, HIDDEN, MOST_REPLIES, read_links
from orchestrator.errors import PlatformRefused

_LINK = re.compile(r"https?://(?:(?:ptb|canary)\.)?discord(?:app)?\.com/channels/(@me|\d+)/(\d+)(?:/(\d+))?")
UNSEEN = "I can't see its channel; give me access, or paste the message"


class DiscordMessageLink(NamedTuple):
    """`message` is empty in a link to a whole thread."""

    url: str
    team: str
    channel: str
    message: str


def links(text: str, team: str) -> Iterator[DiscordMessageLink]:
    """Yields the links to messages and threads; in a conversation of a server, only those to the same server."""
    for found in {found[0]: found for found in _LINK.finditer(text)}.values():
        if found[1] == team or team == DIRECT:
            yield DiscordMessageLink(found[0], found[1], found[2], found[3] or "")


class DiscordLinkedMessages:
    """One bot's, as its connection and its HTTP side know them."""

    def __init__(self, rest: Rest, gateway: DiscordGateway, reader: DiscordThreadReader) -> None:
        self._rest, self._gateway, self._reader = rest, gateway, reader

    async def of(self, it: Mentioned | Wrote) -> QuotedMessages:
        """Returns the messages, and a sentence about each that can't be read."""
        team, _, _ = it.place.channel.partition("/")
        known = {one.message for one in it.quotes} - {""}
        found = {one.url: one for one in links(it.text, team) if one.message not in known}
        return await read_links(found, lambda one: self._read(one, it))

    async def _read(self, link: DiscordMessageLink, it: Mentioned | Wrote) -> list[Quote]:
        """Raises PlatformFailed with the reason."""
        here = link.channel in (it.place.thread, it.place.channel.partition("/")[2])
        where = "" if here else await self._readable(link, it)
        guild = self._gateway.get_guild(int(link.team)) if link.team != DIRECT else None
        rows = await self._rows(link)
        found = [await self._reader.quote(row, "link", guild) for row in rows]
        return [one.model_copy(update={"where": where}) for one in found if one]

    async def _rows(self, link: DiscordMessageLink) -> list[Payload]:
        try:
            if not link.message:
                return await self._thread(link.channel)
            row = await self._rest.message(link.channel, link.message)
        except PlatformRefused as error:
            raise PlatformRefused(GONE if error.code == "gone" else UNSEEN, code=error.code) from error
        hangs_on = str(cast(Payload, row.get("thread") or {}).get("id") or "")
        return [row, *(await self._thread(hangs_on) if hangs_on else [])]

    async def _thread(self, id_: str) -> list[Payload]:
        return list(reversed((await self._rest.recent(id_))[:MOST_REPLIES]))

    async def _readable(self, link: DiscordMessageLink, it: Mentioned | Wrote) -> str:
        """Returns the channel's name. Raises PlatformRefused unless the author may read it."""
        channel = await self._channel(int(link.channel))
        if channel is None or str(channel.guild.id) != link.team:
            raise PlatformRefused(UNSEEN, code="not-allowed")
        if not link.message and not isinstance(channel, discord.Thread):
            raise PlatformRefused("it's a link to a channel; link to a message instead")
        if not await self._sees(channel, int(it.by.id.rpartition(":")[2])):
            raise PlatformRefused(HIDDEN, code="not-allowed")
        return f"#{channel.name}"

    async def _channel(self, id_: int) -> "discord.abc.GuildChannel | discord.Thread | None":
        found = self._gateway.get_channel(id_)
        if found is None:
            await self._rest.pace.wait()
            try:
                with discord_errors():
                    found = await self._gateway.fetch_channel(id_)
            except PlatformRefused:
                return None
        return found if isinstance(found, discord.abc.GuildChannel | discord.Thread) else None

    async def _sees(self, channel: "discord.abc.GuildChannel | discord.Thread", person: int) -> bool:
        """Asks Discord what that person's roles and permissions are now."""
        if isinstance(channel, discord.Thread) and channel.parent is None:
            return False
        await self._rest.pace.wait()
        try:
            with discord_errors():
                member = await channel.guild.fetch_member(person)
                may = channel.permissions_for(member)
                if not (may.view_channel and may.read_message_history):
                    return False
                if isinstance(channel, discord.Thread) and channel.is_private() and not may.manage_threads:
                    await self._rest.pace.wait()
                    await channel.fetch_member(person)
        except PlatformRefused:
            return False
        return may.connect or not isinstance(channel, discord.VoiceChannel | discord.StageChannel)
