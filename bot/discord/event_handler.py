"""Passes discord.py's events to `take`: asks Discord for what an event leaves out, and retries instead of losing
one."""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any
from weakref import WeakValueDictionary

import discord

from bot.chat_platform import Inbound, Take
from bot.discord import message_text, parse
from bot.discord.commands import COMMANDS
from bot.discord.errors import discord_errors
from bot.discord.events import Where, heard, interaction_of, named, spoken, where
from bot.discord.gateway import DiscordGateway
from bot.discord.interaction_handler import InteractionHandler, ReplyTarget
from bot.discord.look_up_mentioned_names import NameLookup
from bot.discord.markup_to_text import Names
from bot.discord.missed_messages import Since, missed
from bot.discord.modal import FormDraft
from bot.discord.rest import Rest
from bot.inbox.backoff import tried
from orchestrator.errors import PlatformFailed

log = logging.getLogger(__name__)
STEPS = 8
"""How many replies back to look for the request of a direct conversation."""


class DiscordEventHandler:
    """Listens on one connection and passes on what it hears."""

    def __init__(
        self, rest: Rest, names: NameLookup, take: Take, drafts: OrderedDict[str, FormDraft], *, since: Since,
        directs: Callable[[], Awaitable[Sequence[str]]], ready: Callable[[], None], seen: Callable[[str], None],
    ) -> None:  # fmt: skip
        self._rest, self._names = rest, names
        self._take = take
        self._since = since
        self._directs = directs
        self._ready = ready
        self._seen = seen
        self._turns: WeakValueDictionary[tuple[int, int], asyncio.Lock] = WeakValueDictionary()
        """Keeps what one person says in one channel in order, while names are looked up."""
        self._answering = InteractionHandler(rest, take, drafts)
        self.gateway = DiscordGateway(
            message=self._message, edited=self._edited, deleted=self._deleted, interaction=self._interaction,
            vanished=self._vanished, connected=self._connected,
        )  # fmt: skip

    async def _connected(self) -> None:
        """Handles new events at once, then what was missed, then registers the commands."""
        self._ready()
        await self._catch_up()
        try:
            await self._rest.set_commands(self.gateway.application_id or 0, COMMANDS)
        except PlatformFailed as error:
            log.warning("the commands couldn't be registered: %s", error)

    async def _catch_up(self) -> None:
        async def read() -> None:
            async for message in missed(self.gateway, self._since, await self._directs(), self._rest.pace):
                await self._message(message)

        await tried(read, "read what was missed")

    async def _message(self, message: discord.Message) -> None:
        if message.author.bot or message.webhook_id is not None:
            return
        turn = self._turns.setdefault((message.channel.id, message.author.id), asyncio.Lock())
        async with turn:
            await self._placed(message)
            root = await self._root(message) if message.guild is None else ""
            found = parse.message(heard(message, self.gateway.user, root, await self._known(message)))
        if found is not None:
            await self._keep(found)

    async def _edited(self, message: discord.Message) -> None:
        if message.author.bot or message.edited_at is None:
            return
        await self._placed(message)
        root = await self._root(message) if message.guild is None else ""
        found = parse.edited(heard(message, self.gateway.user, root, await self._known(message)))
        if found is not None:
            await self._keep(found)

    async def _deleted(self, event: discord.RawMessageDeleteEvent) -> None:
        """Also of our own messages, which are then posted again."""
        channel = self.gateway.get_channel(event.channel_id)
        await self._keep(parse.deleted(str(event.message_id), where(channel, event.guild_id, event.channel_id)))

    async def _vanished(self, at: Where, removed: str = "") -> None:
        await self._keep(parse.vanished(at, removed))

    async def _interaction(self, interaction: discord.Interaction[Any]) -> None:
        found = interaction_of(interaction)
        if found is not None:
            if found.kind in ("command", "menu"):
                said = message_text.resolved(found.data)
                names = await self._names.of(
                    said.text, interaction.guild, said.people, here=interaction.channel_id or 0
                )  # fmt: skip
                found = replace(found, known=names)
            await self._answering.hear(
                found, ReplyTarget(interaction.application_id, interaction.id, interaction.token)
            )

    async def _known(self, message: discord.Message) -> Names:
        said = spoken(message)
        return await self._names.of(said, message.guild, named(message), here=message.channel.id)

    async def _keep(self, inbound: Inbound) -> None:
        """Retries until it is recorded, because a message is heard only once."""

        async def kept() -> None:
            await self._answering.privately(await self._take(inbound), inbound)

        await tried(kept, f"take {inbound.id}")

    async def _placed(self, message: discord.Message) -> None:
        """A thread that has just been reopened may be unknown; its channel says where it belongs."""
        if isinstance(message.channel, discord.PartialMessageable) and message.guild is not None:
            try:
                with discord_errors():
                    found = await self.gateway.fetch_channel(message.channel.id)
            except PlatformFailed as error:
                log.warning("channel %s is not known: %s", message.channel.id, error)
                return
            if isinstance(found, discord.Thread | discord.TextChannel):
                message.channel = found
        if isinstance(message.channel, discord.Thread):
            self._seen(str(message.channel.id))

    async def _root(self, message: discord.Message) -> str:
        """In a direct conversation, returns the request at the start of the reply chain; empty for a new one."""
        at = message
        for _ in range(STEPS):
            reference = at.reference
            if at.type is not discord.MessageType.reply or reference is None or reference.message_id is None:
                break  # a forward refers to a message too, which is elsewhere
            known = reference.resolved
            if isinstance(known, discord.Message):
                at = known
                continue
            try:
                with discord_errors():
                    at = await message.channel.fetch_message(reference.message_id)
            except PlatformFailed:
                return str(reference.message_id)
        return "" if at.id == message.id else str(at.id)
