"""Discord's HTTP side: the few calls the adapter makes, through discord.py's rate-limited client."""

import asyncio
import io
import json
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple, cast

import discord
from discord.http import HTTPClient, Route

from bot.discord.components import SUPPRESS_EMBEDS, V2, DiscordMessage, Payload
from bot.discord.errors import ANSWERED, ARCHIVED, Rejected, discord_errors
from bot.discord.gateway import Network
from bot.discord.global_rate_limit import GlobalRateLimit
from orchestrator.domain.ids import digest

PATIENCE = 90.0
"""Seconds for one call, including waiting for rate limits."""
_MENTIONS: Payload = {"parse": [], "replied_user": False}


class UploadPart(NamedTuple):
    """A file as it is sent."""

    name: str
    content: bytes
    alt: str = ""


class Rest:
    """Logs in with the first call. One per platform, whatever happens to the gateway's connection."""

    def __init__(self, token: str, network: Network | None = None) -> None:
        self._token = token
        self._network = network or Network()
        self._client: discord.Client | None = None
        self.pace = GlobalRateLimit()
        self._lock = asyncio.Lock()  # one login, however many calls come first

    async def send(
        self, channel: str, message: DiscordMessage, files: Sequence[UploadPart], *, nonce: str, answers: str = ""
    ) -> Payload:
        """Posts a new message. With the same nonce within a few minutes, Discord returns the first one."""
        body = _body(message, files) | {"flags": V2 | SUPPRESS_EMBEDS, "nonce": nonce, "enforce_nonce": True}
        body["allowed_mentions"] = _MENTIONS | ({"users": list(message.pings)} if message.pings else {})
        if answers:
            body["message_reference"] = {"channel_id": channel, "message_id": answers, "fail_if_not_exists": False}
        route = Route("POST", "/channels/{channel_id}/messages", channel_id=channel)
        return await self._call(route, body, files, may_repeat=False)

    async def edit(
        self, channel: str, message_id: str, message: DiscordMessage, files: Sequence[UploadPart] | None
    ) -> None:
        """`files` None: the attachments stay; otherwise these replace them."""
        body = _body(message, files or ())
        if files is None:
            del body["attachments"]
        route = Route(
            "PATCH", "/channels/{channel_id}/messages/{message_id}", channel_id=channel, message_id=message_id
        )
        await self._call(route, body, files or ())

    async def get(self, path: str) -> Any:
        """Returns the resource at a path without parameters, e.g. `/users/@me/guilds`."""
        return await self._call(Route("GET", path))

    async def direct(self, user: str) -> str:
        """Returns the direct conversation with a person."""
        return str((await self._call(Route("POST", "/users/@me/channels"), {"recipient_id": user}))["id"])

    async def message(self, channel: str, message_id: str) -> Payload:
        return await self._call(_message("GET", channel, message_id))

    async def recent(self, channel: str) -> list[Payload]:
        """Returns the last hundred messages, newest first."""
        route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel)
        return cast(list[Payload], await self._call(route, params={"limit": 100}))

    async def earlier(self, channel: str, before: str, *, most: int = 100) -> list[Payload]:
        """Returns up to `most` messages before that one, newest first."""
        route = Route("GET", "/channels/{channel_id}/messages", channel_id=channel)
        return cast(list[Payload], await self._call(route, params={"limit": most, "before": before}))

    async def open_thread(self, channel: str, message_id: str, name: str) -> None:
        """Creates a thread from that message, kept open for a week."""
        route = Route(
            "POST", "/channels/{channel_id}/messages/{message_id}/threads", channel_id=channel, message_id=message_id
        )
        await self._call(route, {"name": name, "auto_archive_duration": 10080})

    async def opened(self, channel: str, do: Callable[[], Awaitable[None]]) -> None:
        """Does it, even in a thread that was archived. If that can't be undone, the archived thread is the reason."""
        try:
            await do()
        except Rejected as error:
            if error.number != ARCHIVED:
                raise
            try:
                await self._call(Route("PATCH", "/channels/{channel_id}", channel_id=channel), {"archived": False})
            except Rejected as no:
                raise error from no
            await do()

    async def react(self, channel: str, message_id: str, emoji: str, *, on: bool = True) -> None:
        path = "/channels/{channel_id}/messages/{message_id}/reactions/{emoji}/@me"
        await self._call(Route("PUT" if on else "DELETE", path, channel_id=channel, message_id=message_id, emoji=emoji))

    async def type(self, channel: str) -> None:
        await self._call(Route("POST", "/channels/{channel_id}/typing", channel_id=channel))

    async def set_commands(self, application: int, wanted: list[Payload]) -> None:
        """Registers the commands if they differ from what is registered."""
        path = "/applications/{application_id}/commands"
        known = cast(list[Payload], await self._call(Route("GET", path, application_id=application)))
        if {_shape(c) for c in known} != {_shape(c) for c in wanted}:
            await self._call(Route("PUT", path, application_id=application), wanted)

    async def respond(self, interaction: int, token: str, kind: int, data: Payload | None = None) -> Payload:
        """Sends the first answer to an interaction, and returns the message it made."""
        path = "/interactions/{interaction_id}/{webhook_token}/callback"
        route = Route("POST", path, interaction_id=interaction, webhook_token=token)
        body = {"type": kind, **({} if data is None else {"data": data})}
        try:
            return await self._call(route, body, params={"with_response": "true"})
        except Rejected as error:
            if error.number != ANSWERED:  # it was answered, and the response was lost
                raise
            return {}

    async def answer(self, application: int, token: str) -> Payload:
        """The first answer as a message."""
        path = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
        return await self._call(Route("GET", path, webhook_id=application, webhook_token=token))

    async def follow_up(self, application: int, token: str, data: Payload) -> None:
        path = "/webhooks/{webhook_id}/{webhook_token}"
        await self._call(Route("POST", path, webhook_id=application, webhook_token=token), data, may_repeat=False)

    async def change_answer(self, application: int, token: str, data: Payload | None) -> None:
        """Replaces the first answer's text, or deletes the answer."""
        path = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"
        method = "DELETE" if data is None else "PATCH"
        await self._call(Route(method, path, webhook_id=application, webhook_token=token), data)

    async def close(self) -> None:
        if self._client is not None:
            await self._client.close()
            self._client = None

    async def _http(self) -> HTTPClient:
        async with self._lock:
            if self._client is None:
                client = discord.Client(intents=discord.Intents(guilds=True), max_ratelimit_timeout=30.0)
                try:
                    await self._network.log_in(client, self._token)
                except BaseException:
                    await client.close()
                    raise
                self._client = client
            return self._client.http

    async def _call(
        self, route: Route, body: Any = None, files: Sequence[UploadPart] = (), *, may_repeat: bool = True,
        params: dict[str, Any] | None = None,
    ) -> Any:  # fmt: skip
        """Makes one request, retried by discord.py as far as that is safe."""
        more: dict[str, Any] = {} if params is None else {"params": params}
        if files:
            more |= _multipart(body, files)
        elif body is not None:
            more["json"] = body
        with discord_errors():
            http = await self._http()
        if not route.path.startswith(("/interactions/", "/webhooks/")):  # these don't count
            await self.pace.wait()
        with discord_errors(may_repeat=may_repeat):
            async with asyncio.timeout(PATIENCE):
                return await http.request(route, **more)


def _message(method: str, channel: str, id_: str) -> Route:
    return Route(method, "/channels/{channel_id}/messages/{message_id}", channel_id=channel, message_id=id_)


def private(message: DiscordMessage, *, fresh: bool = True) -> Payload:
    """Formats a message as an answer that only one person sees."""
    body: Payload = {"components": list(message.components), "allowed_mentions": _MENTIONS}
    return {**body, "flags": V2 | (64 if fresh else 0)}


def public(message: DiscordMessage) -> Payload:
    """Formats a message as an answer that everyone sees."""
    return {"components": list(message.components), "allowed_mentions": _MENTIONS, "flags": V2 | SUPPRESS_EMBEDS}


def _body(message: DiscordMessage, files: Sequence[UploadPart]) -> Payload:
    listed = [
        {"id": str(n), "filename": f.name} | ({"description": f.alt[:1000]} if f.alt else {})
        for n, f in enumerate(files)
    ]
    return {"components": list(message.components), "allowed_mentions": _MENTIONS, "attachments": listed}


def _multipart(body: Any, files: Sequence[UploadPart]) -> dict[str, Any]:
    made = [discord.File(io.BytesIO(f.content), filename=f.name) for f in files]
    form: list[dict[str, Any]] = [
        {"name": "payload_json", "value": json.dumps(body), "content_type": "application/json"}
    ]
    form += [
        {"name": f"files[{n}]", "value": f.fp, "filename": f.filename, "content_type": "application/octet-stream"}
        for n, f in enumerate(made)
    ]
    return {"form": form, "files": made}


def _shape(command: Payload) -> str:
    """Returns the part of a command that we define, without what Discord fills in."""
    given = cast(list[Payload], command.get("options") or [])
    options = [{k: o.get(k) for k in ("type", "name", "description")} | {"required": bool(o.get("required"))}
               for o in given]  # fmt: skip
    return digest(json.dumps([command.get("type", 1), command["name"], command.get("description") or "", options]))
