"""What the server remembers: people, guilds, channels, threads, messages, files. Payloads are Discord's own dicts."""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import reduce
from operator import or_
from typing import Any

from tests.discord_server.refusal import Refusal, unknown

EPOCH = 1420070400000
TEXT, DM, VOICE, FORUM, THREAD, PRIVATE_THREAD = 0, 1, 2, 15, 11, 12
THREADS = (THREAD, PRIVATE_THREAD)
ALL, ADMINISTRATOR, VIEW = (1 << 50) - 1, 1 << 3, 1 << 10
Payload = dict[str, Any]


def stamp(seconds: float | None = None) -> str:
    return datetime.fromtimestamp(time.time() if seconds is None else seconds, UTC).isoformat()


@dataclass(frozen=True)
class Someone:
    """A person of the test, or another bot. `guest`: came by a temporary invitation."""

    id: str
    name: str
    bot: bool = False
    guest: bool = False

    def user(self) -> Payload:
        return {
            "id": self.id, "username": self.name.lower(), "discriminator": "0", "global_name": self.name,
            "avatar": None, "bot": self.bot, "public_flags": 0,
        }  # fmt: skip

    def member(self) -> Payload:
        return {
            "user": self.user(), "nick": None, "avatar": None, "roles": [], "joined_at": stamp(0), "deaf": False,
            "mute": False, "flags": 16 if self.guest else 0, "permissions": str((1 << 50) - 1),
        }  # fmt: skip


@dataclass
class World:
    """One application, its guilds, and everything in them."""

    bot: Someone = field(default_factory=lambda: Someone("900000000000000001", "Threadwork", bot=True))
    guilds: dict[str, Payload] = field(default_factory=dict)
    channels: dict[str, Payload] = field(default_factory=dict)
    people: dict[str, Someone] = field(default_factory=dict)
    messages: dict[str, dict[str, Payload]] = field(default_factory=dict)
    files: dict[str, tuple[str, bytes]] = field(default_factory=dict)
    """Attachment id -> (path on the CDN, content)."""
    commands: list[Payload] = field(default_factory=list)
    denied: dict[str, set[str]] = field(default_factory=dict)
    """What the bot may not do, by channel: `view`, `send`, `threads`. In a direct conversation `send`: it is closed."""
    roles: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    """Ids of each person's roles."""
    url: str = ""
    links: int = 1
    """Links of an earlier number have expired."""
    _last: int = 0

    def snowflake(self) -> str:
        """Larger than every one before."""
        self._last = max(self._last + 1, (int(time.time() * 1000) - EPOCH) << 22)
        return str(self._last)

    def person(self, name: str, *, bot: bool = False, guest: bool = False) -> Someone:
        known = next((p for p in self.people.values() if p.name == name), None)
        if known is None:
            known = Someone(self.snowflake(), name, bot, guest)
            self.people[known.id] = known
        return known

    def guild(self, name: str = "Test guild") -> Payload:
        id_ = self.snowflake()
        everyone = {
            "id": id_, "name": "@everyone", "permissions": str(ALL & ~ADMINISTRATOR), "position": 0, "color": 0,
            "hoist": False, "managed": False, "mentionable": False, "flags": 0,
            "colors": {"primary_color": 0, "secondary_color": None, "tertiary_color": None},
        }  # fmt: skip
        role = {**everyone, "id": self.snowflake(), "name": self.bot.name, "managed": True,
                "permissions": str(ALL), "tags": {"bot_id": self.bot.id}}  # fmt: skip
        me = {**self.bot.member(), "roles": [role["id"]]}
        self.guilds[id_] = {
            "id": id_, "name": name, "owner_id": self.bot.id, "roles": [everyone, role], "emojis": [], "features": [],
            "premium_tier": 0, "verification_level": 0, "default_message_notifications": 0, "mfa_level": 0,
            "explicit_content_filter": 0, "nsfw_level": 0, "preferred_locale": "en-US", "system_channel_flags": 0,
            "afk_timeout": 300, "large": False, "member_count": 3, "members": [me], "voice_states": [],
            "presences": [], "stage_instances": [], "guild_scheduled_events": [], "soundboard_sounds": [],
            "stickers": [], "premium_progress_bar_enabled": False, "joined_at": stamp(),
        }  # fmt: skip
        return self.guilds[id_]

    def role(self, guild: Payload, name: str) -> Payload:
        """A role that people can mention."""
        made = {**guild["roles"][0], "id": self.snowflake(), "name": name, "permissions": "0", "mentionable": True}
        guild["roles"].append(made)
        return made

    def membership(self, guild: Payload) -> Payload:
        """A guild as its member, the bot, lists it. `permissions`: what @everyone and its roles give."""
        mine = {guild["id"], *guild["members"][0]["roles"]}
        bits = reduce(or_, (int(role["permissions"]) for role in guild["roles"] if role["id"] in mine))
        return {
            "id": guild["id"], "name": guild["name"], "icon": None, "banner": None, "features": guild["features"],
            "owner": guild["owner_id"] == self.bot.id, "permissions": str(bits),
        }  # fmt: skip

    def channel(self, guild: Payload, name: str, kind: int = TEXT) -> Payload:
        id_ = self.snowflake()
        self.channels[id_] = {
            "id": id_, "type": kind, "guild_id": guild["id"], "name": name, "position": 0, "permission_overwrites": [],
            "nsfw": False, "parent_id": None, "topic": None, "last_message_id": None, "rate_limit_per_user": 0,
            "flags": 0,
        }  # fmt: skip
        self.messages[id_] = {}
        return self.channels[id_]

    def closed_channel(self, guild: Payload, name: str, kind: int = TEXT, *people: Someone) -> Payload:
        """A channel that only the bot's role and these people can see."""
        made = self.channel(guild, name, kind)
        mine = guild["members"][0]["roles"][0]
        made["permission_overwrites"] = [
            {"id": guild["id"], "type": 0, "allow": "0", "deny": str(VIEW)},
            {"id": mine, "type": 0, "allow": str(VIEW), "deny": "0"},
            *({"id": one.id, "type": 1, "allow": str(VIEW), "deny": "0"} for one in people),
        ]
        return made

    def dm(self, someone: Someone) -> Payload:
        known = (c for c in self.channels.values() if c["type"] == DM and c["recipients"][0]["id"] == someone.id)
        if found := next(known, None):
            return found
        id_ = self.snowflake()
        self.channels[id_] = {
            "id": id_, "type": DM, "last_message_id": None, "recipients": [someone.user()], "flags": 0,
        }  # fmt: skip
        self.messages[id_] = {}
        return self.channels[id_]

    def thread(
        self, parent: Payload, id_: str, name: str, owner: str, minutes: int = 4320, kind: int = THREAD
    ) -> Payload:
        self.channels[id_] = {
            "id": id_, "type": kind, "guild_id": parent["guild_id"], "parent_id": parent["id"], "owner_id": owner,
            "name": name, "last_message_id": None, "message_count": 0, "member_count": 1, "rate_limit_per_user": 0,
            "total_message_sent": 0, "flags": 0,
            "thread_metadata": {
                "archived": False, "auto_archive_duration": minutes, "archive_timestamp": stamp(), "locked": False,
                "create_timestamp": stamp(),
            },
            "member": {"id": id_, "user_id": self.bot.id, "join_timestamp": stamp(), "flags": 0},
        }  # fmt: skip
        self.messages.setdefault(id_, {})
        return self.channels[id_]

    def message(self, channel: Payload, author: Someone, **parts: Any) -> Payload:
        """Stores a new message and returns its payload."""
        id_ = self.snowflake()
        payload: Payload = {
            "id": id_, "channel_id": channel["id"], "author": author.user(), "content": "", "timestamp": stamp(),
            "edited_timestamp": None, "tts": False, "mention_everyone": False, "mentions": [], "mention_roles": [],
            "attachments": [], "embeds": [], "pinned": False, "type": 0, "components": [], "flags": 0, **parts,
        }  # fmt: skip
        if not parts.get("flags", 0) & 64:
            self.messages[channel["id"]][id_] = payload
            channel["last_message_id"] = id_
        return payload

    def the_channel(self, id_: str) -> Payload:
        if id_ not in self.channels:
            raise unknown("Channel", 10003)
        return self.channels[id_]

    def refuse(self, channel: Payload, *needed: str) -> None:
        """Raises what Discord answers to a bot without a permission; a thread has those of its channel."""
        denied = self.denied.get(channel["id"], set()) | self.denied.get(channel.get("parent_id") or "", set())
        if "view" in denied:
            raise Refusal(403, 50001, "Missing Access")
        if denied & {*needed}:
            alone = channel["type"] == DM
            raise Refusal(
                403, 50007 if alone else 50013, "Cannot send messages to this user" if alone else "Missing Permissions"
            )

    def the_message(self, channel: str, id_: str) -> Payload:
        found = self.messages[self.the_channel(channel)["id"]].get(id_)
        if found is None:
            raise unknown("Message", 10008)
        return found

    def link(self, path: str) -> str:
        return f"{self.url}{path}?ex={self.links}&is=1&hm=1"

    def keep(self, channel: str, name: str, content: bytes, media: str) -> Payload:
        """Puts a file on the CDN. The name is rewritten as Discord does."""
        id_, safe = self.snowflake(), "".join(c if c.isalnum() or c in "-_." else "_" for c in name)
        path = f"/attachments/{channel}/{id_}/{safe}"
        self.files[id_] = (path, content)
        link = self.link(path)
        return {"id": id_, "filename": safe, "size": len(content), "url": link, "proxy_url": link,
                "content_type": media}  # fmt: skip
