"""Reads what was said while nobody listened: after a new session, the channels that have something new."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence

import discord

from bot.discord.errors import discord_errors
from bot.discord.events import DIRECT
from bot.discord.global_rate_limit import GlobalRateLimit
from orchestrator.errors import PlatformFailed

log = logging.getLogger(__name__)
MARGIN = 120_000 << 22
"""Two minutes as a snowflake: events arrive out of order, and duplicates count once."""
MOST = 1000
"""Messages of one channel."""
Since = Callable[[str], Awaitable[str]]
"""Place.channel -> the last message id taken there, empty if there is none."""


async def missed(
    client: discord.Client, since: Since, directs: Sequence[str], pace: GlobalRateLimit
) -> AsyncIterator[discord.Message]:
    """Yields the messages after the last one taken, by channel, including threads and `directs` (`@me/<channel>`)."""
    for guild in client.guilds:
        channels = [*guild.text_channels, *guild.threads, *guild.voice_channels]
        lasts = {channel.id: int(await since(f"{guild.id}/{_hung_on(channel)}") or 0) for channel in channels}
        heard = max(
            lasts.values(), default=0
        )  # the bot was listening then, so anything missed in a new channel came later
        for channel in channels:
            last = lasts[channel.id] or heard
            if last and (channel.last_message_id or 0) > last - MARGIN:
                async for message in _after(channel, last, pace):
                    yield message
    for place in directs:
        last = await since(place)
        if last and place.startswith(f"{DIRECT}/"):
            channel = await _direct(client, int(place.partition("/")[2]))
            if channel is not None:
                async for message in _after(channel, int(last), pace):
                    yield message


def _hung_on(channel: discord.TextChannel | discord.Thread | discord.VoiceChannel) -> int:
    return channel.parent_id if isinstance(channel, discord.Thread) else channel.id


async def _direct(client: discord.Client, id_: int) -> discord.DMChannel | None:
    try:
        with discord_errors():
            found = client.get_channel(id_) or await client.fetch_channel(id_)
    except PlatformFailed as error:
        log.warning("a direct message channel can't be read: %s", error)
        return None
    return found if isinstance(found, discord.DMChannel) else None


async def _after(channel: discord.abc.Messageable, last: int, pace: GlobalRateLimit) -> AsyncIterator[discord.Message]:
    await pace.wait()
    try:
        with discord_errors():
            after = discord.Object(max(last - MARGIN, 0))
            async for message in channel.history(after=after, oldest_first=True, limit=MOST):
                yield message
    except PlatformFailed as error:
        log.warning("missed messages in %s can't be read: %s", channel, error)
