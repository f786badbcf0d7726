"""Reads messages of a thread as they are now: those before a mention, and those that a link leads to."""

from typing import Literal

import discord

from bot.chat_platform import Mentioned, Quote, QuotedMessages
from bot.discord import message_words
from bot.discord.components import Payload
from bot.discord.names import NameLookup
from bot.discord.rest import Rest
from orchestrator.errors import PlatformFailed

MOST = 500
"""Messages of one thread."""


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
            problems.append(f"Earlier messages of this thread couldn't be read: {error}")
        found = [await self.quote(row, "thread", guild) for row in reversed(rows)]
        return QuotedMessages(title=title, quotes=tuple(one for one in found if one), problems=tuple(problems))

    async def quote(self, row: Payload, how: Literal["thread", "link"], guild: discord.Guild | None) -> Quote | None:
        """Returns None for what says nothing; in a thread also for our own messages."""
        said = _meant(row)
        if said is None:
            return None
        people = message_words.people(said)
        here = int(said.get("channel_id") or 0)
        names = await self._names.of(message_words.raw(said), guild, people, here=here)
        return message_words.quote(said, self._me if how == "thread" else "", how, names)


def _meant(row: Payload) -> Payload | None:
    """A thread's first message only names the one that it hangs on; None if that is gone."""
    return row.get("referenced_message") if row.get("type") == 21 else row


def _title(thread: Payload, guild: discord.Guild | None) -> str:
    """Returns the thread's name, with the tags of a forum post."""
    forum = guild.get_channel(int(thread.get("parent_id") or 0)) if guild else None
    known = {str(tag.id): tag.name for tag in forum.available_tags} if isinstance(forum, discord.ForumChannel) else {}
    tags = [known[str(id_)] for id_ in thread.get("applied_tags") or () if str(id_) in known]
    return " ".join([str(thread.get("name") or ""), *(f"[{tag}]" for tag in tags)]).strip()
