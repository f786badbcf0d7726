"""What each served operation does: channels, messages, threads, reactions, commands, interactions."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from tests.discord_server import rules
from tests.discord_server.gateway import CONTENT, Gateway
from tests.discord_server.interactions import Interactions, numbered
from tests.discord_server.refusal import Refusal, bad_form, unknown
from tests.discord_server.rest import Call, Rest
from tests.discord_server.world import DM, FORUM, THREADS, VOICE, Payload, World, stamp

_M = "/channels/{channel_id}/messages"
_W = "/webhooks/{webhook_id}/{webhook_token}"


@dataclass
class Handlers:
    """`pings`: messages of the bot that would have pinged somebody."""

    world: World
    gateway: Gateway
    interactions: Interactions
    nonces: dict[tuple[str, str], Payload] = field(default_factory=dict)
    pings: list[str] = field(default_factory=list)
    reactions: dict[str, list[str]] = field(default_factory=dict)
    """Message id -> emoji of the bot, in order."""
    typed: list[str] = field(default_factory=list)
    """Channels in which the bot was seen typing."""
    called: list[tuple[str, str]] = field(default_factory=list)
    """People whom a new message mentioned on purpose, with its channel."""
    answer_after_event: bool = True

    def install(self, rest: Rest) -> None:
        rest.handlers |= {
            ("GET", "/users/@me"): self._me,
            ("GET", "/users/{user_id}"): self._user,
            ("GET", "/guilds/{guild_id}/members/{user_id}"): self._member,
            ("GET", "/channels/{channel_id}/thread-members/{user_id}"): self._thread_member,
            ("GET", "/oauth2/applications/@me"): self._application,
            ("GET", "/gateway/bot"): self._gateway,
            ("GET", "/users/@me/guilds"): self._guilds,
            ("POST", "/users/@me/channels"): self._open_dm,
            ("GET", "/applications/{application_id}/commands"): self._commands,
            ("PUT", "/applications/{application_id}/commands"): self._set_commands,
            ("GET", "/channels/{channel_id}"): self._channel,
            ("PATCH", "/channels/{channel_id}"): self._change_channel,
            ("POST", "/channels/{channel_id}/typing"): self._typing,
            ("GET", "/guilds/{guild_id}/threads/active"): self._active,
            ("GET", _M): self._history,
            ("POST", _M): self._send,
            ("GET", _M + "/{message_id}"): self._message,
            ("PATCH", _M + "/{message_id}"): self._edit,
            ("DELETE", _M + "/{message_id}"): self._delete,
            ("POST", _M + "/{message_id}/threads"): self._thread,
            ("PUT", _M + "/{message_id}/reactions/{emoji_name}/@me"): self._react,
            ("DELETE", _M + "/{message_id}/reactions/{emoji_name}/@me"): self._unreact,
            ("POST", "/interactions/{interaction_id}/{interaction_token}/callback"): self._callback,
            ("POST", _W): self._follow_up,
            ("GET", _W + "/messages/@original"): self._original,
            ("PATCH", _W + "/messages/@original"): self._edit_original,
            ("DELETE", _W + "/messages/@original"): self._delete_original,
        }

    async def _me(self, call: Call) -> Payload:
        return {**self.world.bot.user(), "mfa_enabled": True, "verified": True, "flags": 0}

    async def _user(self, call: Call) -> Payload:
        if (found := self.world.people.get(call.parts[0])) is None:
            raise unknown("User", 10013)
        return found.user()

    async def _member(self, call: Call) -> Payload:
        if (found := self.world.people.get(call.parts[1])) is None:
            raise unknown("Member", 10007)
        return found.member() | {"roles": self.world.roles.get(found.id, [])}

    async def _thread_member(self, call: Call) -> Payload:
        if call.parts[1] not in self.world.the_channel(call.parts[0]).get("inside", ()):
            raise unknown("Member", 10007)
        return {"id": call.parts[0], "user_id": call.parts[1], "join_timestamp": stamp(), "flags": 0}

    async def _application(self, call: Call) -> Payload:
        return {
            "id": self.world.bot.id, "name": self.world.bot.name, "icon": None, "description": "", "bot_public": True,
            "bot_require_code_grant": False, "verify_key": "0" * 64, "summary": "", "team": None,
            "flags": 1 << 19 if self.gateway.allowed & CONTENT else 0,
            "owner": {**self.world.bot.user(), "bot": False}, "approximate_guild_count": len(self.world.guilds),
        }  # fmt: skip

    async def _guilds(self, call: Call) -> list[Payload]:
        return [self.world.membership(guild) for guild in self.world.guilds.values()]

    async def _gateway(self, call: Call) -> Payload:
        url = self.world.url.replace("http", "ws") + "/gateway/"
        limit = {"total": 1000, "remaining": 900, "reset_after": 1000, "max_concurrency": 1}
        return {"url": url, "shards": self.gateway.shards, "session_start_limit": limit}

    async def _open_dm(self, call: Call) -> Payload:
        someone = self.world.people.get(str(call.body.get("recipient_id")))
        if someone is None:
            raise unknown("User", 10013)
        return self.world.dm(someone)

    async def _commands(self, call: Call) -> list[Payload]:
        return self.world.commands

    async def _set_commands(self, call: Call) -> list[Payload]:
        rules.check_commands(call.body)
        version = self.world.snowflake()
        self.world.commands = [
            {
                "id": self.world.snowflake(), "application_id": self.world.bot.id, "version": version, "type": 1,
                "description": "", "default_member_permissions": None, "nsfw": False, "dm_permission": True, **command,
            }
            for command in call.body
        ]  # fmt: skip
        return self.world.commands

    async def _channel(self, call: Call) -> Payload:
        return self.world.the_channel(call.parts[0])

    async def _change_channel(self, call: Call) -> Payload:
        channel = self.world.the_channel(call.parts[0])
        if channel["type"] not in THREADS or channel["thread_metadata"]["locked"]:
            raise Refusal(403, 50013, "Missing Permissions")
        if "name" in call.body:
            channel["name"] = _thread_name(call.body)
        for name in ("archived", "locked", "auto_archive_duration"):
            if name in call.body:
                channel["thread_metadata"][name] = call.body[name]
        await self.gateway.dispatch("THREAD_UPDATE", channel)
        return channel

    async def _typing(self, call: Call) -> None:
        self.typed.append(self.world.the_channel(call.parts[0])["id"])

    async def _active(self, call: Call) -> Payload:
        mine = [c for c in self.world.channels.values() if c["type"] in THREADS and c["guild_id"] == call.parts[0]]
        return {"threads": [c for c in mine if not c["thread_metadata"]["archived"]], "members": []}

    async def _history(self, call: Call) -> list[Payload]:
        self.world.the_channel(call.parts[0])
        rows = sorted(self.world.messages[call.parts[0]].values(), key=lambda m: int(m["id"]), reverse=True)
        most = int(call.query.get("limit", 50))
        if not 1 <= most <= 100:
            raise bad_form("limit", "int value should be between 1 and 100.")
        if after := call.query.get("after"):
            return [self._now(m) for m in rows if int(m["id"]) > int(after)][-most:]
        if before := call.query.get("before"):
            rows = [m for m in rows if int(m["id"]) < int(before)]
        return [self._now(m) for m in rows[:most]]

    def _now(self, message: Payload) -> Payload:
        """With what it refers to as that is now; None if it is gone."""
        refers = message.get("message_reference")
        if not refers or refers.get("type", 0) != 0:
            return message
        found = self.world.messages.get(str(refers.get("channel_id")), {}).get(str(refers["message_id"]))
        return {**message, "referenced_message": found}

    async def _message(self, call: Call) -> Payload:
        message = self.world.the_message(call.parts[0], call.parts[1])
        for attachment in message["attachments"]:
            attachment["url"] = self.world.link(self.world.files[attachment["id"]][0])
        return self._now(message)

    async def _send(self, call: Call) -> Payload:
        channel, body = self.world.the_channel(call.parts[0]), call.body
        if channel["type"] == FORUM:
            raise Refusal(400, 50024, "Cannot execute action on this channel type")
        known = self.nonces.get((channel["id"], str(body.get("nonce"))))
        if body.get("enforce_nonce") and known is not None:
            return known
        self.world.refuse(channel, "send")
        self._check(body, call, ())
        if channel["type"] in THREADS and channel["thread_metadata"]["locked"]:
            archived = channel["thread_metadata"]["archived"]
            raise (
                Refusal(403, 50083, "Tried to perform an operation on an archived thread")
                if archived
                else Refusal(403, 160005, "Thread is locked")
            )
        if channel["type"] in THREADS and channel["thread_metadata"]["archived"]:
            channel["thread_metadata"]["archived"] = False
            await self.gateway.dispatch("THREAD_UPDATE", channel)
        made = self.world.message(
            channel, self.world.bot, content=body.get("content") or "", components=numbered(body.get("components")),
            flags=body.get("flags") or 0, attachments=self._uploads(channel["id"], body, call), **self._reference(body),
        )  # fmt: skip
        self.called += [(user, channel["id"]) for user in body.get("allowed_mentions", {}).get("users", [])]
        made["type"] = 19 if "message_reference" in made else 0
        _resolve(made)
        answer = {**made, "nonce": body["nonce"]} if body.get("nonce") else made
        if body.get("nonce"):
            self.nonces[channel["id"], str(body["nonce"])] = answer
        await self.gateway.dispatch("MESSAGE_CREATE", in_guild(channel, answer))
        return answer

    def _reference(self, body: Payload) -> Payload:
        wanted = body.get("message_reference")
        if not wanted:
            return {}
        channel = str(wanted.get("channel_id") or "")
        found = self.world.messages.get(channel, {}).get(str(wanted["message_id"]))
        if found is None and wanted.get("fail_if_not_exists", True):
            raise bad_form("message_reference", "Unknown message")
        return {"message_reference": {"channel_id": channel, "message_id": str(wanted["message_id"]), "type": 0},
                "referenced_message": found}  # fmt: skip

    async def _edit(self, call: Call) -> Payload:
        channel, body = self.world.the_channel(call.parts[0]), call.body
        message = self.world.the_message(call.parts[0], call.parts[1])
        if message["author"]["id"] != self.world.bot.id:
            raise Refusal(403, 50005, "Cannot edit a message authored by another user")
        if channel["type"] in THREADS and channel["thread_metadata"]["archived"]:
            raise Refusal(400, 50083, "Tried to perform an operation on an archived thread")
        kept = message["attachments"]
        if body.get("attachments") is not None:
            wanted = {str(a["id"]) for a in body["attachments"]}
            kept = [a for a in kept if a["id"] in wanted]
        flags = message["flags"] | (body.get("flags") or 0)
        if flags & rules.V2 and not message["flags"] & rules.V2 and message["content"] and body.get("content", "x"):
            raise bad_form("content", "content must be null when a message becomes V2")
        self._check({**body, "flags": flags & ~rules.HAS_THREAD}, call, [a["filename"] for a in kept])
        message["flags"] = flags
        message["attachments"] = [*kept, *self._uploads(channel["id"], body, call)]
        if "components" in body:
            message["components"] = numbered(body["components"])
        if "content" in body:
            message["content"] = body["content"] or ""
        message["edited_timestamp"] = stamp()
        _resolve(message)
        await self.gateway.dispatch("MESSAGE_UPDATE", in_guild(channel, message))
        return message

    def _check(self, body: Payload, call: Call, kept: Any) -> None:
        files = {name: len(content) for name, content, _ in call.files}
        rules.check_message(body, files, kept, v2=bool((body.get("flags") or 0) & rules.V2))
        if body.get("allowed_mentions", {"parse": None}).get("parse") != []:
            parts = rules.walk(body.get("components") or [])
            text = (body.get("content") or "") + "".join(p.get("content", "") for p in parts if p["type"] == 10)
            if "@everyone" in text or "@here" in text or "<@" in text:
                self.pings.append(text)

    def _uploads(self, channel: str, body: Payload, call: Call) -> list[Payload]:
        listed = {str(a["id"]): a for a in body.get("attachments") or []}
        found: list[Payload] = []
        for number, (name, content, media) in enumerate(call.files):
            given = listed.get(str(number), {})
            found.append(self.world.keep(channel, given.get("filename") or name, content, media))
        return found

    async def _delete(self, call: Call) -> None:
        message = self.world.the_message(call.parts[0], call.parts[1])
        del self.world.messages[call.parts[0]][message["id"]]
        channel = self.world.channels[call.parts[0]]
        gone = {"id": message["id"], "channel_id": channel["id"], "guild_id": channel.get("guild_id")}
        await self.gateway.dispatch("MESSAGE_DELETE", {k: v for k, v in gone.items() if v})

    async def _thread(self, call: Call) -> Payload:
        parent, message = self.world.the_channel(call.parts[0]), self.world.the_message(*call.parts[:2])
        self.world.refuse(parent, "threads")
        if parent["type"] in (*THREADS, DM, VOICE):
            raise Refusal(400, 50024, "Cannot execute action on this channel type")
        if message["flags"] & rules.HAS_THREAD:
            raise Refusal(400, 160004, "A thread has already been created for this message")
        if call.body.get("auto_archive_duration", 1440) not in (60, 1440, 4320, 10080):
            raise bad_form("auto_archive_duration", "Value must be one of {60, 1440, 4320, 10080}.")
        minutes = call.body.get("auto_archive_duration", 1440)
        thread = self.world.thread(parent, message["id"], _thread_name(call.body), self.world.bot.id, minutes)
        message["flags"] |= rules.HAS_THREAD
        message["thread"] = thread
        await self.gateway.dispatch("THREAD_CREATE", {**thread, "newly_created": True})
        first = self.world.message(thread, self.world.bot, **starter(message))
        await self.gateway.dispatch("MESSAGE_CREATE", in_guild(thread, first))
        await self.gateway.dispatch("MESSAGE_UPDATE", in_guild(parent, message))
        return thread

    async def _react(self, call: Call) -> None:
        channel, message = self.world.the_channel(call.parts[0]), self.world.the_message(*call.parts[:2])
        if channel["type"] in THREADS and channel["thread_metadata"]["archived"]:
            raise Refusal(400, 50083, "Tried to perform an operation on an archived thread")
        mine, emoji = self.reactions.setdefault(message["id"], []), unquote(call.parts[2])
        if emoji.isascii():
            raise Refusal(400, 10014, "Unknown Emoji")
        if emoji not in mine:
            mine.append(emoji)

    async def _unreact(self, call: Call) -> None:
        self.world.the_message(*call.parts[:2])
        mine, emoji = self.reactions.get(call.parts[1], []), unquote(call.parts[2])
        if emoji not in mine:
            raise Refusal(404, 10014, "Unknown Emoji")
        mine.remove(emoji)

    async def _callback(self, call: Call) -> Payload | None:
        it, public = self.interactions.respond(call.parts[0], call.parts[1], call.body)
        if public is not None:
            await self.gateway.dispatch("MESSAGE_CREATE", in_guild(it.channel, public))
        if call.query.get("with_response") != "true":
            return None
        made = {} if it.original is None else {"resource": {"type": call.body["type"], "message": it.original}}
        return {"interaction": {"id": it.id, "type": it.kind}, **made}

    async def _follow_up(self, call: Call) -> Payload:
        return self.interactions.follow_up(call.parts[1], call.body)

    async def _original(self, call: Call) -> Payload:
        it = self.interactions.by_token(call.parts[1])
        if it.original is None or it.gone:
            raise unknown("Message", 10008)
        return it.original

    async def _edit_original(self, call: Call) -> Payload:
        return self.interactions.edit_original(call.parts[1], call.body)

    async def _delete_original(self, call: Call) -> None:
        self.interactions.delete_original(call.parts[1])


def in_guild(channel: Payload, message: Payload) -> Payload:
    """A message as an event carries it."""
    return {**message, "guild_id": channel["guild_id"]} if channel.get("guild_id") else dict(message)


def starter(message: Payload) -> Payload:
    """What a thread's first message says: only which message the thread hangs on."""
    hangs_on = {"type": 0, "channel_id": message["channel_id"], "message_id": message["id"]}
    return {"type": 21, "message_reference": hangs_on, "referenced_message": message}


def _thread_name(body: Payload) -> str:
    if not 1 <= rules.length(str(body.get("name") or "")) <= 100:
        raise bad_form("name", "Must be between 1 and 100 in length.")
    return body["name"]


def _resolve(message: Payload) -> None:
    """attachment:// references become links to the CDN."""
    links = {a["filename"]: a for a in message["attachments"]}
    for part in rules.walk(message["components"]):
        media = [part.get("file"), part.get("media"), *[i.get("media") for i in part.get("items") or []]]
        for one in media:
            name = (one or {}).get("url", "").removeprefix("attachment://")
            if one and name in links:
                one["url"], one["attachment_id"] = links[name]["url"], links[name]["id"]
