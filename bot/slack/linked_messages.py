"""Reads messages and files of the same workspace that a message links to, if its author may read them."""

import re
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import parse_qs, urlsplit

from bot.chat_platform import Mentioned, Quote, QuotedMessages, Wrote
from bot.inbox.linked_messages import GONE, HIDDEN, MOST_REPLIES, addresses, read_links
from bot.slack import linked_files
from bot.slack.errors import error_name
from bot.slack.linked_files import SlackFileLink, SlackLinkedFiles
from bot.slack.lookups import Conversations, user_of
from bot.slack.parse import channel_of, team_of
from bot.slack.thread_reader import SlackThreadReader
from orchestrator.errors import PlatformFailed, PlatformRefused

_MESSAGE = re.compile(r"/archives/([A-Z0-9]+)/p(\d{7,})/?")
_IN_APP = re.compile(r"/client/([A-Z0-9]+)/[A-Z0-9]+/thread/([A-Z0-9]+)-(\d+\.\d+)/?")
_NO_MESSAGE = ("thread_not_found", "message_not_found")
UNSEEN = "I can't see its channel; invite me there, or paste the message"


class SlackMessageLink(NamedTuple):
    """`root`: the thread that the message replies in, if the link says so; empty for the beginning of one."""

    url: str
    channel: str
    ts: str
    root: str


def links(text: str, site: str, team: str) -> Iterator[SlackMessageLink]:
    """Yields the links to messages of the workspace at `site`, the host of its address."""
    for url in addresses(text):
        parts = urlsplit(url)
        if parts.netloc == site and (found := _MESSAGE.fullmatch(parts.path)):
            ts, root = f"{found[2][:-6]}.{found[2][-6:]}", parse_qs(parts.query).get("thread_ts", [""])[0]
            yield SlackMessageLink(url, found[1], ts, "" if root == ts else root)
        elif parts.netloc == "app.slack.com" and (found := _IN_APP.fullmatch(parts.path)) and found[1] == team:
            yield SlackMessageLink(url, found[2], found[3], "")


class SlackLinkedMessages:
    """One workspace's, at the host `site`."""

    def __init__(self, reader: SlackThreadReader, files: SlackLinkedFiles, rooms: Conversations, site: str) -> None:
        self._reader, self._files, self._rooms, self._site = reader, files, rooms, site

    async def of(self, it: Mentioned | Wrote) -> QuotedMessages:
        """Returns the messages and files, and a sentence about each that can't be read."""
        known = {one.message for one in it.quotes}

        async def read(link: SlackMessageLink | SlackFileLink) -> list[Quote]:
            if isinstance(link, SlackFileLink):
                return await self._files.read(link, it)
            try:
                return await self._read(link, it)
            except PlatformFailed:
                if link.ts in known:  # Slack has shown the author what it says
                    return []
                raise

        team = team_of(it.place)
        found = [*links(it.text, self._site, team), *linked_files.links(addresses(it.text), self._site, team)]
        return await read_links({one.url: one for one in found}, read)

    async def _read(self, link: SlackMessageLink, it: Mentioned | Wrote) -> list[Quote]:
        """Raises PlatformFailed with the reason."""
        where = await self._readable(link.channel, it)
        try:
            rows = await self._reader.rows(
                link.channel, link.root or link.ts, limit=MOST_REPLIES + 1,
                **({"oldest": link.ts, "latest": link.ts, "inclusive": True} if link.root else {}),
            )  # fmt: skip
        except PlatformRefused as error:
            raise PlatformRefused(_reason(error), code=error.code) from error
        if link.root:
            rows = [row for row in rows if row.get("ts") == link.ts]
        if not rows:
            raise PlatformRefused(GONE)
        return [one for row in rows for one in await self._reader.quotes(row, "link", where)]

    async def _readable(self, channel: str, it: Mentioned | Wrote) -> str:
        """Returns the channel's name if it is another one. Raises PlatformRefused unless the author may read it."""
        if channel == channel_of(it.place):
            return ""
        try:
            room = await self._rooms.of(channel)
            open_ = not room.closed and it.by.kind == "member"
            readable = open_ or await self._rooms.has(channel, user_of(it.by))
        except PlatformRefused as error:
            raise PlatformRefused(UNSEEN, code="not-allowed") from error
        if not readable:
            raise PlatformRefused(HIDDEN, code="not-allowed")
        return f"#{room.name}" if room.name else ""


def _reason(error: PlatformRefused) -> str:
    return GONE if error_name(error.__cause__) in _NO_MESSAGE else UNSEEN
