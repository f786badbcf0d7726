"""Reads messages of a thread as they are now: those before a mention, and those that a link leads to."""

from collections.abc import Sequence
from itertools import takewhile
from typing import Literal

import discord

from bot.chat_platform import Mentioned, Quote, QuotedMessages
from bot.discord import message_text
from bot.discord.components import Payload
from bot.discord.look_up_mentioned_names import NameLookup
from bot.discord.rest import Rest
from orchestrator.errors import PlatformFailed

MOST = 500
"""Messages of one thread."""
NEARBY = 5
"""Messages among which the author's previous one is looked for."""
MOST_APART = 30.0
"""Seconds between a forward and its comment."""


class DiscordThreadReader:
    """Reads as one bot, whose user id is `me`."""

    def __init__(self, rest: Rest, names: NameLookup, me: str) -> None:
        self._rest, self._names, self._me = rest, names, me

    async def before(self, it: Mentioned, guild: discord.Guild | None) -> QuotedMessages:
        """Returns the thread's messages before the mention, oldest first, without our own; the message that the thread
        hangs on comes first."""
        rows: list[Payload] = []
        problems: list[str] = []
        title = ""
        try:
            title = _title(await self._rest.get(f"/channels/{it.place.thread}"), guild)
            while len(rows) < MOST:
                page = await self._rest.earlier(it.place.thread, str(rows[-1]["id"]) if rows else it.message)
                rows += page
                if len(page) < 100:
                    break
        except PlatformFailed as error:
            problems.append(f"Earlier messages in this thread couldn't be read: {error}")
        found = [await self.quote(row, "thread", guild) for row in reversed(rows)]
        return QuotedMessages(title=title, quotes=tuple(one for one in found if one), problems=tuple(problems))

    async def forwarded(self, it: Mentioned, guild: discord.Guild | None) -> QuotedMessages:
        """Returns what the author forwarded right before the mention: Discord sends a forward and its comment as two
        messages."""
        try:
            channel = it.place.channel.partition("/")[2]
            rows = await self._rest.earlier(channel, it.message, most=NEARBY)
        except PlatformFailed:
            return QuotedMessages()
        found: list[Quote] = []
        for row in reversed(forwards_before(rows, it)):
            here = int(row.get("channel_id") or 0)
            names = await self._names.of(message_text.raw(row), guild, message_text.people(row), here=here)
            found += message_text.forwards(row, names)
        return QuotedMessages(quotes=tuple(found))

    async def quote(self, row: Payload, how: Literal["thread", "link"], guild: discord.Guild | None) -> Quote | None:
        """Returns None for what says nothing; in a thread also for our own messages."""
        said = _meant(row)
        if said is None:
            return None
        people = message_text.people(said)
        here = int(said.get("channel_id") or 0)
        names = await self._names.of(message_text.raw(said), guild, people, here=here)
        return message_text.quote(said, self._me if how == "thread" else "", how, names)


def forwards_before(rows: Sequence[Payload], it: Mentioned) -> list[Payload]:
    """Returns the author's latest messages as far as they are forwards without words, of a moment ago. `rows`, and
    they: newest first."""

    def belongs(row: Payload) -> bool:
        recent = moment(it.message) - moment(str(row["id"])) <= MOST_APART
        return recent and not row.get("content") and bool(message_text.forwards(row))

    return list(takewhile(belongs, (row for row in rows if f"discord:{row['author']['id']}" == it.by.id)))


def moment(id_: str) -> float:
    """Returns the seconds that are in an id of Discord's, which only differences of mean something."""
    return (int(id_) >> 22) / 1000


def _meant(row: Payload) -> Payload | None:
    """A thread's first message only names the one that it hangs on; None if that is gone."""
    return row.get("referenced_message") if row.get("type") == 21 else row


def _title(thread: Payload, guild: discord.Guild | None) -> str:
    """Returns the thread's name, with the tags of a forum post."""
    forum = guild.get_channel(int(thread.get("parent_id") or 0)) if guild else None
    known = {str(tag.id): tag.name for tag in forum.available_tags} if isinstance(forum, discord.ForumChannel) else {}
    tags = [known[str(id_)] for id_ in thread.get("applied_tags") or () if str(id_) in known]
    return " ".join([str(thread.get("name") or ""), *(f"[{tag}]" for tag in tags)]).strip()
