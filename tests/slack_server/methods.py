"""The Web API's methods. Each gets its arguments and answers, or raises Refusal with Slack's error name."""

import json
import re
import time
from collections.abc import Callable
from typing import Any

from tests.slack_server import validate
from tests.slack_server.refusal import Refusal
from tests.slack_server.status_and_links import Courtesies
from tests.slack_server.world import APP, Channel, Row, World

JSON = ("chat.", "views.", "reactions.", "conversations.open", "assistant.threads.")
SCOPES: dict[str, tuple[str, ...]] = {
    "chat.postMessage": ("chat:write",), "chat.update": ("chat:write",), "chat.delete": ("chat:write",),
    "chat.postEphemeral": ("chat:write",), "users.info": ("users:read",), "reactions.add": ("reactions:write",),
    "files.getUploadURLExternal": ("files:write",), "files.completeUploadExternal": ("files:write",),
    "reactions.remove": ("reactions:write",), "assistant.threads.setStatus": ("chat:write",),
    "files.info": ("files:read",), "files.delete": ("files:write",), "bots.info": ("users:read",),
    "usergroups.list": ("usergroups:read",),
}  # fmt: skip
READS = {"conversations.history": "history", "conversations.replies": "history", "conversations.info": "read",
         "conversations.members": "read"}  # fmt: skip


class Methods(Courtesies):
    """`posted` and `changed` tell of messages, `share` starts the asynchronous share of files."""

    def __init__(
        self, world: World, *, base: Callable[[], str], posted: Callable[[Channel, Row], None],
        changed: Callable[[Channel, Row, Row | None], None], share: Callable[[list[str], Channel, str, str], None],
    ) -> None:  # fmt: skip
        self._world, self._base = world, base
        self._posted, self._changed, self._share = posted, changed, share

    def call(self, method: str, args: Row) -> Row:
        name = re.sub(r"(?<=[a-z])([A-Z])", r"_\1", method.replace(".", "_")).lower()
        handler = getattr(self, f"_{name}", None)
        if handler is None:
            raise Refusal("unknown_method")
        self._scoped(method, args)
        return handler(args)

    def _scoped(self, method: str, args: Row) -> None:
        needed = SCOPES.get(method, ())
        if method in READS:
            needed = (f"{manifest_kind(self._channel(args))}:{READS[method]}",)
        if method == "users.conversations":
            kinds = str(args.get("types", "public_channel")).split(",")
            names = {"public_channel": "channels", "private_channel": "groups", "im": "im", "mpim": "mpim"}
            needed = tuple(f"{names[kind]}:read" for kind in kinds)
        for scope in needed:
            if scope not in self._world.manifest.scopes:
                provided = ",".join(sorted(self._world.manifest.scopes))
                raise Refusal("missing_scope", needed=scope, provided=provided)

    def _channel(self, args: Row, *, inside: bool = False, alone: bool = False) -> Channel:
        """`alone`: a person's id means the conversation with them."""
        name = str(args.get("channel") or args.get("channel_id") or "")
        theirs = (c for c in self._world.channels.values() if c.kind == "im" and name in c.members)
        channel = self._world.channels.get(name)
        if alone and name.startswith("U") and name in self._world.people:
            channel = next(theirs, None) or self._world.direct(name)
        if channel is None or (channel.kind != "public" and self._world.bot not in channel.members):
            raise Refusal("channel_not_found")
        if inside and self._world.bot not in channel.members:
            raise Refusal("not_in_channel")
        return channel

    def _auth_test(self, args: Row) -> Row:
        return {"url": self._base(), "team": "Team", "user": "threadwork", "team_id": self._world.team,
                "user_id": self._world.bot, "bot_id": self._world.bot_id, "is_enterprise_install": False}  # fmt: skip

    def _bots_info(self, args: Row) -> Row:
        if args.get("bot") != self._world.bot_id:
            raise Refusal("bot_not_found")
        return {"bot": {"id": self._world.bot_id, "app_id": APP, "name": "threadwork", "user_id": self._world.bot}}

    def _blocks_validate(self, args: Row) -> Row:
        error, messages = validate.blocks(args.get("blocks"), "message")
        if error:
            raise Refusal(error, messages)
        return {}

    def _content(self, args: Row, most: int) -> Row:
        text, blocks = args.get("text") or "", args.get("blocks")
        if not text and not blocks:
            raise Refusal("no_text")
        if len(text) > most:
            if most < 40_000:
                raise Refusal("msg_too_long")
            text = text[:most]
        row: Row = {"text": text}
        if blocks:
            error, messages = validate.blocks(blocks, "message")
            if error:
                raise Refusal(error, messages)
            row["blocks"] = json.loads(blocks) if isinstance(blocks, str) else blocks
        if "metadata" in args:
            row["metadata"] = self._metadata(args["metadata"])
        return row

    def _metadata(self, value: Any) -> Row:
        value = json.loads(value) if isinstance(value, str) else value
        if not isinstance(value, dict) or not isinstance(value.get("event_type"), str):
            raise Refusal("invalid_metadata_format")
        if set(value) - {"event_type", "event_payload"} or not isinstance(value.get("event_payload"), dict):
            raise Refusal("invalid_metadata_schema")
        if len(json.dumps(value)) > 16_000:
            raise Refusal("metadata_too_large")
        return value

    def _root(self, channel: Channel, args: Row) -> Row:
        if not args.get("thread_ts"):
            return {}
        if self._world.row(channel.id, str(args["thread_ts"])) is None:
            raise Refusal("cannot_reply_to_message")
        return {"thread_ts": str(args["thread_ts"])}

    def _chat_post_message(self, args: Row) -> Row:
        channel = self._writable(args)
        row = {"type": "message", "user": self._world.bot, "bot_id": self._world.bot_id, "app_id": APP,
               "team": self._world.team, **self._content(args, 40_000), **self._root(channel, args),
               "ts": self._world.stamp(), "unfurl": bool(args.get("unfurl_links", True))}  # fmt: skip
        self._world.add(channel, row)
        self._posted(channel, row)
        return {"channel": channel.id, "ts": row["ts"], "message": row}

    def _chat_update(self, args: Row) -> Row:
        channel = self._unarchived(args)
        row = self._world.row(channel.id, str(args.get("ts")))
        if row is None:
            raise Refusal("message_not_found")
        if row["user"] != self._world.bot:
            raise Refusal("cant_update_message")
        content = self._content(args, 4_000)
        before = dict(row)
        if "blocks" not in content:
            row.pop("blocks", None)  # text alone removes the blocks
        row.update(content)
        row["updates"] = row.get("updates", 0) + 1
        if args.get("metadata") == {}:
            row.pop("metadata", None)
        self._changed(channel, row, before)
        return {"channel": channel.id, "ts": row["ts"], "text": row["text"], "message": row}

    def _chat_delete(self, args: Row) -> Row:
        channel = self._unarchived(args)
        row = self._world.row(channel.id, str(args.get("ts")))
        if row is None:
            raise Refusal("message_not_found")
        if row["user"] != self._world.bot:
            raise Refusal("cant_delete_message")
        channel.rows.remove(row)
        return {"channel": channel.id, "ts": row["ts"]}

    def _chat_post_ephemeral(self, args: Row) -> Row:
        channel = self._writable(args)
        if args.get("user") not in channel.members:
            raise Refusal("user_not_in_channel")
        row = {**self._content(args, 40_000), **self._root(channel, args), "channel": channel.id}
        self._world.whispers.append(row | {"user": args["user"]})
        return {"message_ts": self._world.stamp()}

    def _users_info(self, args: Row) -> Row:
        if (found := self._world.people.get(str(args.get("user")))) is None:
            raise Refusal("user_not_found")
        return {"user": found.profile()}

    def _users_conversations(self, args: Row) -> Row:
        inside = [c for c in self._world.channels.values() if self._world.bot in c.members and not c.archived]
        return self._paged([c.described(self._world.bot) for c in inside], args, "channels")

    def _conversations_info(self, args: Row) -> Row:
        channel = self._channel(args)
        return {"channel": {**channel.described(self._world.bot), "is_member": self._world.bot in channel.members}}

    def _conversations_members(self, args: Row) -> Row:
        return self._paged(sorted(self._channel(args).members), args, "members")

    def _conversations_history(self, args: Row) -> Row:
        rows = [r for r in self._channel(args, inside=True).rows if r.get("thread_ts") in (None, r["ts"])]
        return self._read(list(reversed(rows)), args)

    def _conversations_replies(self, args: Row) -> Row:
        channel, root = self._channel(args, inside=True), str(args.get("ts"))
        rows = self._world.thread(channel.id, root)
        if not rows:
            raise Refusal("thread_not_found")
        return self._read(rows, args, root=root)

    def _read(self, rows: list[Row], args: Row, *, root: str = "") -> Row:
        oldest, latest = float(args.get("oldest") or 0), float(args.get("latest") or "inf")
        edges = (oldest, latest) if str(args.get("inclusive", "")).lower() in ("1", "true") else ()
        shown = [r for r in rows if oldest < float(r["ts"]) < latest or float(r["ts"]) in edges or r["ts"] == root]
        if str(args.get("include_all_metadata", "")).lower() not in ("1", "true"):
            shown = [{k: v for k, v in r.items() if k != "metadata"} for r in shown]
        return self._paged(shown, args, "messages")

    def _paged(self, rows: list[Any], args: Row, name: str) -> Row:
        start, most = int(args.get("cursor") or 0), min(999, int(args.get("limit") or 100))
        more = str(start + most) if start + most < len(rows) else ""
        return {name: rows[start : start + most], "has_more": bool(more), "response_metadata": {"next_cursor": more}}

    def _reactions_add(self, args: Row) -> Row:
        row = self._world.row(self._unarchived(args).id, str(args.get("timestamp")))
        if row is None:
            raise Refusal("message_not_found")
        names = row.setdefault("reactions", [])
        if args.get("name") in names:
            raise Refusal("already_reacted")
        names.append(args.get("name"))
        return {}

    def _triggered(self, args: Row) -> None:
        trigger = str(args.get("trigger_id"))
        if trigger not in self._world.triggers:
            raise Refusal("invalid_trigger_id")
        if trigger in self._world.used_triggers:
            raise Refusal("exchanged_trigger_id")
        if time.monotonic() - self._world.triggers[trigger] > self._world.trigger_lasts:
            raise Refusal("expired_trigger_id")
        self._world.used_triggers.add(trigger)

    def _view(self, args: Row, surface: str) -> Row:
        error, messages = validate.view(args.get("view"))
        view = args.get("view")
        view = json.loads(view) if isinstance(view, str) else view
        if error or view["type"] != surface:
            raise Refusal(error or "invalid_arguments", messages)
        return view

    def _views_open(self, args: Row) -> Row:
        view = self._view(args, "modal")
        self._triggered(args)
        made = {**view, "id": self._world.id("V"), "hash": self._world.stamp(), "trigger": args["trigger_id"]}
        self._world.views[made["id"]] = made
        return {"view": made}

    def _views_update(self, args: Row) -> Row:
        if str(args.get("view_id")) not in self._world.views:
            raise Refusal("not_found")
        self._world.views[args["view_id"]].update(self._view(args, "modal"))
        return {"view": self._world.views[args["view_id"]]}

    def _views_publish(self, args: Row) -> Row:
        if not self._world.manifest.home:
            raise Refusal("not_enabled")
        self._world.homes[str(args.get("user_id"))] = self._view(args, "home")
        return {"view": args["view"]}

    def _files_get_upload_urlexternal(self, args: Row) -> Row:
        if not args.get("filename") or int(args.get("length") or 0) <= 0:
            raise Refusal("invalid_arguments", ["filename and length are needed"])
        name = self._world.id("F")
        self._world.files[name] = {
            "id": name, "name": args["filename"], "title": args["filename"], "size": int(args["length"]),
            "user": self._world.bot, "mimetype": "application/octet-stream", "alt_txt": args.get("alt_txt", ""),
            "shares": {}, "complete": False,
            "url_private": f"{self._base()}/files/{name}/{args['filename']}",
        }  # fmt: skip
        return {"upload_url": f"{self._base()}/upload/{name}", "file_id": name}

    def _files_complete_upload_external(self, args: Row) -> Row:
        listed = json.loads(args["files"]) if isinstance(args.get("files"), str) else args.get("files") or []
        for one in listed:
            file = self._world.files.get(one.get("id"))
            if file is None or file["complete"] or one["id"] not in self._world.contents:
                raise Refusal("file_not_found")
        channel = self._unarchived(args)
        root = self._root(channel, args).get("thread_ts", "")
        for one in listed:
            self._world.files[one["id"]] |= {"complete": True, "title": one.get("title") or ""}
        self._share([one["id"] for one in listed], channel, root, str(args.get("initial_comment") or ""))
        return {"files": [self._world.files[one["id"]] for one in listed]}

    def _files_delete(self, args: Row) -> Row:
        """Its messages lose it, and those that were nothing else go with it."""
        file = self._world.files.pop(str(args.get("file")), None)
        if file is None or file.get("user") != self._world.bot:
            raise Refusal("file_not_found" if file is None else "cant_delete_file")
        for channel in self._world.channels.values():
            for row in [r for r in channel.rows if r.get("files")]:
                row["files"] = [f for f in row["files"] if f["id"] != file["id"]]
                if not row["files"] and not row["text"]:
                    channel.rows.remove(row)
        return {}

    def _files_info(self, args: Row) -> Row:
        if (file := self._world.files.get(str(args.get("file")))) is None:
            raise Refusal("file_not_found")
        return {"file": file}


def manifest_kind(channel: Channel) -> str:
    return {"public": "channels", "private": "groups", "im": "im", "mpim": "mpim"}[channel.kind]
