"""Finds out what the people, roles and channels are called that a message mentions."""

from collections.abc import Mapping
from typing import Any, cast

import discord

from bot.discord.events import closed
from bot.discord.markup_to_text import Names, mentioned
from bot.discord.rest import Rest
from bot.outbox.lru_dict import RecentDict
from orchestrator.errors import PlatformFailed

MOST, MOST_ASKED = 2_000, 10
"""Names in memory; people that are looked up for one message."""
PRIVATE = "private-channel"
"""What a channel is called that not everybody who reads a task can see."""


class NameLookup:
    """One bot's. People that Discord doesn't know have no name."""

    def __init__(self, rest: Rest) -> None:
        self._rest = rest
        self._people: RecentDict[str, str] = RecentDict(MOST)

    async def of(self, text: str, guild: discord.Guild | None, people: Names, *, here: int) -> Names:
        """Returns the names of what the text mentions. `people`: names that are known already; `here`: the channel in
        which it is said."""
        found: dict[str, str] = {}
        asked = 0
        for kind, id_ in mentioned(text):
            key = f"{kind}{id_}"
            if key in found:
                continue
            if kind != "@":
                name = known_name(guild, kind, int(id_), here)
            elif not (name := people.get(key) or self._people.get(id_) or "") and asked < MOST_ASKED:
                asked += 1
                name = await self._asked(id_)
            found[key] = name or ""
        return found

    async def _asked(self, id_: str) -> str:
        try:
            name = name_of(cast("Mapping[str, Any]", await self._rest.get(f"/users/{id_}")))
        except PlatformFailed:
            return ""
        self._people.put(id_, name)
        return name


def name_of(user: Mapping[str, Any]) -> str:
    """Returns what people see of a user's payload."""
    return str(user.get("global_name") or user.get("username") or "")


def known_name(guild: discord.Guild | None, kind: str, id_: int, here: int) -> str:
    """Returns what the connection's own copy calls a role or channel; empty for an unknown one."""
    if guild is None:
        return ""
    if kind == "@&":
        role = guild.get_role(id_)
        return role.name if role else ""
    channel = guild.get_channel_or_thread(id_)
    if channel is None:
        return ""
    return channel.name if channel.id == here or not closed(channel) else PRIVATE
