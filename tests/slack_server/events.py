"""What the app hears: the events its manifest asked for, from conversations it is in."""

import time
from typing import Any

from tests.slack_server.manifest import KINDS
from tests.slack_server.sockets import Sockets
from tests.slack_server.world import APP, Channel, Row, World


class Events:
    def __init__(self, world: World, sockets: Sockets) -> None:
        self._world, self._sockets = world, sockets

    def posted(self, channel: Channel, row: Row) -> None:
        """A message: a mention comes twice, as two events with one ts."""
        event = {**row, "channel": channel.id, "channel_type": _type(channel), "event_ts": row["ts"]}
        mentioned = f"<@{self._world.bot}>" in str(row.get("text")) and not row.get("bot_id") and channel.kind != "im"
        if mentioned and self._world.bot in channel.members:
            self._emit("app_mention", {**event, "type": "app_mention"})
        self._emit(f"message.{KINDS[channel.kind]}", event, channel)

    def changed(self, channel: Channel, row: Row, before: Row | None) -> None:
        """`before` None: deleted."""
        event: Row = {"type": "message", "hidden": True, "channel": channel.id, "channel_type": _type(channel),
                      "ts": self._world.stamp(), "event_ts": self._world.stamp()}  # fmt: skip
        if before is None:
            event |= {"subtype": "message_deleted", "deleted_ts": row["ts"], "previous_message": dict(row)}
        else:
            event |= {"subtype": "message_changed", "message": dict(row), "previous_message": before}
        self._emit(f"message.{KINDS[channel.kind]}", event, channel)

    def file_row(self, files: list[Row], channel: Channel, root: str, comment: str) -> Row:
        """The message that a share becomes."""
        row: Row = {"type": "message", "subtype": "file_share", "user": self._world.bot, "bot_id": self._world.bot_id,
                    "text": comment, "files": [dict(f) for f in files], "ts": self._world.stamp()}  # fmt: skip
        if root:
            row["thread_ts"] = root
        self._world.add(channel, row)
        self.posted(channel, row)
        return row

    def home(self, user: str, channel: str, tab: str = "home") -> None:
        stamp = self._world.stamp()
        self._emit(
            "app_home_opened",
            {"type": "app_home_opened", "user": user, "channel": channel, "tab": tab, "event_ts": stamp},
        )

    def context(self, *channels: str) -> None:
        """A person who has the agent open looks at something else. Slack doesn't say who."""
        seen = [{"type": "slack#/types/channel_id", "value": one, "team_id": self._world.team} for one in channels]
        context = {"entities": seen} if seen else {}
        self._emit("app_context_changed", {"type": "app_context_changed", "context": context})

    def left(self, channel: str) -> None:
        """Someone took the app out of a public channel. Slack tells it of no `member_left_channel` about itself."""
        self._emit("channel_left", {"type": "channel_left", "channel": channel, "event_ts": self._world.stamp()})

    def lost(self) -> None:
        """The workspace took the app out."""
        revoked = {"type": "tokens_revoked", "tokens": {"oauth": [], "bot": [self._world.bot]}}
        for name, event in (("tokens_revoked", revoked), ("app_uninstalled", {"type": "app_uninstalled"})):
            self._emit(name, event)

    def _emit(self, name: str, event: Row, channel: Channel | None = None) -> None:
        if name not in self._world.manifest.events or (channel is not None and self._world.bot not in channel.members):
            return
        payload: dict[str, Any] = {
            "type": "event_callback", "team_id": self._world.team, "api_app_id": APP, "event": event,
            "event_id": self._world.id("Ev"), "event_time": int(time.time()), "is_ext_shared_channel": False,
            "authorizations": [
                {"enterprise_id": None, "team_id": self._world.team, "user_id": self._world.bot, "is_bot": True}
            ],
        }  # fmt: skip
        self._sockets.event(payload)


def _type(channel: Channel) -> str:
    return {"public": "channel", "private": "group", "im": "im", "mpim": "mpim"}[channel.kind]
