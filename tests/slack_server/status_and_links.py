"""Small methods: links, the status line, marks taken back; and where one may write."""

from typing import TYPE_CHECKING

from tests.slack_server.refusal import Refusal
from tests.slack_server.world import Channel, Row, World

if TYPE_CHECKING:
    from collections.abc import Callable


class Courtesies:
    """A part of the Web API's methods."""

    _world: World
    _base: "Callable[[], str]"
    _channel: "Callable[..., Channel]"

    def _unarchived(self, args: Row, *, alone: bool = False) -> Channel:
        """What is said in an archived channel can be read and nothing else."""
        channel = self._channel(args, inside=True, alone=alone)
        if channel.archived:
            raise Refusal("is_archived")
        return channel

    def _writable(self, args: Row) -> Channel:
        """The channel of a new message, if people and apps may write there."""
        channel = self._unarchived(args, alone=True)
        if channel.restricted:
            raise Refusal(channel.restricted)
        if args.get("thread_ts") and channel.flat:
            raise Refusal("restricted_action_non_threadable_channel")
        if str(args.get("thread_ts")) in channel.locked:
            raise Refusal("restricted_action_thread_locked")
        return channel

    def _chat_get_permalink(self, args: Row) -> Row:
        channel, ts = self._channel(args), str(args.get("message_ts"))
        if self._world.row(channel.id, ts) is None:
            raise Refusal("message_not_found")
        return {"channel": channel.id, "permalink": f"{self._base()}/archives/{channel.id}/p{ts.replace('.', '')}"}

    def _usergroups_list(self, args: Row) -> Row:
        return {
            "usergroups": [{"id": id_, "name": handle, "handle": handle} for id_, handle in self._world.groups.items()]
        }

    def _assistant_threads_set_status(self, args: Row) -> Row:
        channel = self._unarchived({"channel": args.get("channel_id")})
        if self._world.row(channel.id, str(args.get("thread_ts"))) is None:
            raise Refusal("invalid_thread_ts")
        if not isinstance(args.get("status"), str):
            raise Refusal("invalid_arguments", ["status"])
        self._world.statuses.append((channel.id, str(args["thread_ts"]), str(args["status"])))
        return {}

    def _reactions_remove(self, args: Row) -> Row:
        row = self._world.row(self._unarchived(args).id, str(args.get("timestamp")))
        if row is None:
            raise Refusal("message_not_found")
        if args.get("name") not in row.get("reactions", []):
            raise Refusal("no_reaction")
        row["reactions"].remove(args["name"])
        return {}
