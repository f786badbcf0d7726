"""Reads what was said in a thread before a mention, as it is now."""

import discord

from bot.chat_platform import Mentioned, QuotedMessages
from bot.discord import message_words
from bot.discord.components import Payload
from bot.discord.markup_words import Names
from bot.discord.names import NameLookup
from bot.discord.rest import Rest
from orchestrator.errors import PlatformFailed

MOST = 500
"""Messages of one thread."""


async def before(
    rest: Rest, lookup: NameLookup, guild: discord.Guild | None, me: str, it: Mentioned
) -> QuotedMessages:  # fmt: skip
    """Returns the thread's messages before the mention, oldest first, without our own; the message that the thread
    hangs on comes first."""
    rows: list[Payload] = []
    problems: list[str] = []
    title = ""
    try:
        title = str((await rest.get(f"/channels/{it.place.thread}")).get("name") or "")
        while len(rows) < MOST:
            page = await rest.earlier(it.place.thread, str(rows[-1]["id"]) if rows else it.message)
            rows += page
            if len(page) < 100:
                break
    except PlatformFailed as error:
        problems.append(f"Earlier messages of this thread couldn't be read: {error}")
    found = [_meant(row) for row in reversed(rows)]
    names = {row["id"]: await known(row, lookup, guild) for row in found if row}
    quotes = [one for row in found if row and (one := message_words.quote(row, me, "thread", names[row["id"]]))]
    return QuotedMessages(title=title, quotes=tuple(quotes), problems=tuple(problems))


def _meant(row: Payload) -> Payload | None:
    """A thread's first message only names the one that it hangs on; None if that is gone."""
    return row.get("referenced_message") if row.get("type") == 21 else row


async def known(row: Payload, lookup: NameLookup, guild: discord.Guild | None) -> Names:
    """Returns the names of what the message mentions."""
    people = message_words.people(row)
    return await lookup.of(message_words.raw(row), guild, people, here=int(row.get("channel_id") or 0))
