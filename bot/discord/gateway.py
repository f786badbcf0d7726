"""Keeps the listening connection: one discord.py client per connection, watched, and replaced when it breaks."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

import discord

from bot.discord import endless_polls
from bot.discord.events import Where

log = logging.getLogger(__name__)
INTENTS = discord.Intents(guilds=True, guild_messages=True, dm_messages=True, message_content=True)
GRACE = 3.0
DEAF = 50.0
"""Seconds of silence after which a connection counts as dead; Discord answers our heartbeat every 41."""
AWAY = 25.0
"""Seconds without a connection after which we start over: discord.py waits up to 17 minutes between attempts."""
Message = Callable[[discord.Message], Awaitable[None]]


class Network:
    """How discord.py's clients reach Discord. A replacement may lead them elsewhere."""

    async def log_in(self, client: discord.Client, token: str) -> None:
        """After this, `client.http` may be used."""
        await client.login(token)

    async def listen(self, client: discord.Client, token: str) -> None:
        """Logs in, and listens until the client is closed or fails."""
        await client.start(token)


class DiscordGateway(discord.AutoShardedClient):
    """Passes on events without interpreting them. `caught_up` is called after each new session."""

    def __init__(
        self, *, message: Message, edited: Message, deleted: Callable[[discord.RawMessageDeleteEvent], Awaitable[None]],
        interaction: Callable[[discord.Interaction[Any]], Awaitable[None]],
        vanished: Callable[[Where, str], Awaitable[None]], connected: Callable[[], Awaitable[None]],
    ) -> None:  # fmt: skip
        super().__init__(
            intents=INTENTS, max_messages=2000, allowed_mentions=discord.AllowedMentions.none(),
            chunk_guilds_at_startup=False, member_cache_flags=discord.MemberCacheFlags.none(),
            max_ratelimit_timeout=30.0, guild_ready_timeout=0.5, heartbeat_timeout=DEAF,
        )  # fmt: skip
        endless_polls.read_by(self)
        self._message = message
        self._edited = edited
        self._deleted = deleted
        self._on_interaction = interaction
        self._vanished = vanished
        self._connected = connected
        self._working: set[asyncio.Task[Any]] = set()
        """Events being handled. discord.py starts a task for each and forgets it."""
        self._away: dict[int, float] = {}
        """Shards that are disconnected, with the time."""

    async def on_ready(self) -> None:
        """Called again after each session that couldn't be resumed."""
        await self._work(self._connected())

    async def on_message(self, message: discord.Message) -> None:
        await self._work(self._message(message))

    async def on_raw_message_edit(self, payload: discord.RawMessageUpdateEvent) -> None:
        await self._work(self._edited(payload.message))

    async def on_raw_message_delete(self, payload: discord.RawMessageDeleteEvent) -> None:
        await self._work(self._deleted(payload))

    async def on_raw_thread_delete(self, payload: discord.RawThreadDeleteEvent) -> None:
        at = Where(str(payload.guild_id), str(payload.parent_id), str(payload.thread_id))
        await self._work(self._vanished(at, ""))

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        await self._work(self._vanished(Where(str(channel.guild.id), str(channel.id)), ""))

    async def on_guild_channel_update(self, before: discord.abc.GuildChannel, after: discord.abc.GuildChannel) -> None:
        """`vanished` hears the time if we may no longer see the channel."""
        me = after.guild.me
        if before.permissions_for(me).view_channel and not after.permissions_for(me).view_channel:
            at = Where(str(after.guild.id), str(after.id))
            await self._work(self._vanished(at, discord.utils.utcnow().isoformat()))

    async def on_interaction(self, interaction: discord.Interaction[Any]) -> None:
        await self._work(self._on_interaction(interaction))

    async def on_shard_disconnect(self, shard: int) -> None:
        self._away.setdefault(shard, self.loop.time())

    async def on_shard_connect(self, shard: int) -> None:
        self._away.pop(shard, None)

    async def on_shard_resumed(self, shard: int) -> None:
        self._away.pop(shard, None)

    @property
    def lost(self) -> bool:
        """Returns whether part of the connection has been down for too long."""
        return any(self.loop.time() - since > AWAY for since in self._away.values())

    async def finish(self) -> None:
        """Gives events that are being handled a moment, then cancels them."""
        if self._working:
            await asyncio.wait(self._working, timeout=GRACE)
        left = [task for task in self._working if task.cancel()]
        await asyncio.gather(*left, return_exceptions=True)

    async def _work(self, work: Awaitable[None]) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._working.add(task)
        try:
            await work
        finally:
            self._working.discard(task)


async def ended(gateway: DiscordGateway, token: str, network: Network) -> BaseException | None:
    """Runs the connection until it ends, and returns the reason.

    discord.py reconnects on its own, but not if the first connection fails, nor after a payload that it can't read:
    then `start` ends with whatever went wrong, even an AttributeError or a KeyError. So it runs as a task that is
    watched.
    """
    async with gateway:
        running = asyncio.create_task(network.listen(gateway, token))
        try:
            while not running.done():
                await asyncio.wait({running}, timeout=1.0)
                if gateway.lost:
                    return TimeoutError("no connection for too long")
            return running.exception()
        finally:
            await gateway.finish()
            # Closed before it is cancelled: while reconnecting, discord.py swallows a cancellation.
            await gateway.close()
            await asyncio.wait({running}, timeout=1.0)
            running.cancel()
            await asyncio.gather(running, return_exceptions=True)
