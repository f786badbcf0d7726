"""The workspace: people, channels, messages, files, views."""

import itertools
import time
from dataclasses import dataclass, field
from typing import Any, Literal

from tests.slack_server import manifest

TEAM = "T0TEAM"
BOT = "U0BOT"
BOT_ID = "B0BOT"
APP = "A0APP"
Row = dict[str, Any]


@dataclass(frozen=True)
class Somebody:
    id: str
    name: str
    kind: Literal["member", "guest", "bot", "stranger"] = "member"
    home: str = TEAM

    @property
    def team(self) -> str:
        return "T9OTHER" if self.kind == "stranger" else self.home

    def profile(self) -> Row:
        return {
            "id": self.id, "team_id": self.team, "name": self.name.lower(), "real_name": self.name, "deleted": False,
            "is_bot": self.kind == "bot", "is_restricted": self.kind == "guest", "is_ultra_restricted": False,
            "is_stranger": self.kind == "stranger", "profile": {"display_name": self.name, "real_name": self.name},
        }  # fmt: skip


@dataclass
class Channel:
    id: str
    name: str
    kind: Literal["public", "private", "im", "mpim"] = "public"
    members: set[str] = field(default_factory=set)
    archived: bool = False
    restricted: str = ""
    """The error of every new message in it."""
    flat: bool = False
    """Nobody may reply in threads."""
    locked: set[str] = field(default_factory=set)
    """Threads that only admins write in."""
    rows: list[Row] = field(default_factory=list)

    def described(self, me: str) -> Row:
        """A conversation object. A direct message has a person instead of a name, and doesn't say `is_private`."""
        row: Row = {"id": self.id, "created": 1_700_000_000, "is_archived": self.archived, "is_org_shared": False}
        if self.kind == "im":
            return {**row, "is_im": True, "user": next(iter(self.members - {me}), ""), "is_user_deleted": False}
        said = {"value": "", "creator": "", "last_set": 0}
        return {
            **row, "name": self.name, "name_normalized": self.name, "is_channel": self.kind != "mpim", "creator": me,
            "is_group": False, "is_im": False, "is_mpim": self.kind == "mpim", "is_private": self.kind != "public",
            "is_general": False, "is_shared": False, "is_ext_shared": False, "unlinked": 0, "topic": said,
            "purpose": said, "previous_names": [],
        }  # fmt: skip


class World:
    """Everything that is there in one workspace. `stamp` makes the next ts; ids differ from those of `other`."""

    def __init__(self, team: str = TEAM, bot: str = BOT, bot_id: str = BOT_ID, other: "World | None" = None) -> None:
        self.team, self.bot, self.bot_id = team, bot, bot_id
        self.manifest = manifest.read()
        self.app_scopes = {"connections:write"}
        self.people: dict[str, Somebody] = {bot: Somebody(bot, "threadwork", "bot", team)}
        self.channels: dict[str, Channel] = {}
        self.groups: dict[str, str] = {}
        """The handles of groups of people."""
        self.files: dict[str, Row] = {}
        self.contents: dict[str, bytes] = {}
        self.views: dict[str, Row] = {}
        self.homes: dict[str, Row] = {}
        self.whispers: list[Row] = []
        self.statuses: list[tuple[str, str, str]] = []
        """Channel, thread and words of each status line."""
        self.triggers: dict[str, float] = {}
        self.trigger_lasts = 3.0
        self.used_triggers: set[str] = set()
        self.answers: dict[str, Row] = {}
        self._number: itertools.count[int] = other._number if other else itertools.count(1)
        self._last = 0

    def stamp(self) -> str:
        self._last = max(self._last + 1, int(time.time() * 1_000_000))
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"

    def id(self, letter: str) -> str:
        return f"{letter}0{next(self._number):06d}"

    def direct(self, person: str) -> Channel:
        """A new conversation of the bot with that person."""
        made = Channel(self.id("D"), "", "im", {person, self.bot})
        self.channels[made.id] = made
        return made

    def row(self, channel: str, ts: str) -> Row | None:
        place = self.channels.get(channel)
        return next((r for r in place.rows if r["ts"] == ts), None) if place else None

    def thread(self, channel: str, root: str) -> list[Row]:
        return [r for r in self.channels[channel].rows if r["ts"] == root or r.get("thread_ts") == root]

    def add(self, channel: Channel, row: Row) -> Row:
        """A new message; its root counts its replies."""
        channel.rows.append(row)
        root = self.row(channel.id, row["thread_ts"]) if row.get("thread_ts") else None
        if root is not None and root is not row:
            root["thread_ts"] = root["ts"]
            root["reply_count"] = root.get("reply_count", 0) + 1
            root["latest_reply"] = row["ts"]
        return row
