"""The server as a test holds it: people do things, and what the bot did can be looked at."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.discord_server import interactions as act
from tests.discord_server import rules
from tests.discord_server.gateway import Gateway
from tests.discord_server.handlers import Handlers, in_guild, starter
from tests.discord_server.interactions import Interaction, Interactions
from tests.discord_server.rates import Rates
from tests.discord_server.rest import Fault, Kind, Rest
from tests.discord_server.world import DM, Payload, Someone, World, stamp
from tests.slack_server.server import spoilt

TOKEN = "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs"


@dataclass
class DiscordServer:
    """`api_url` and `gateway_url` are what an adapter is pointed at; `guild` has a first `channel`."""

    world: World
    gateway: Gateway
    rest: Rest
    handlers: Handlers
    interactions: Interactions
    guild: Payload
    channel: Payload
    token: str = TOKEN
    spoiled: dict[str, str] = field(default_factory=dict[str, str])
    """How downloads go wrong, by file name: a status, `page`, `elsewhere` or `larger`."""
    fetched: list[str] = field(default_factory=list[str])
    """The names of files that were downloaded, or tried to."""

    @property
    def api_url(self) -> str:
        return f"{self.world.url}/api/v10"

    @property
    def gateway_url(self) -> str:
        return self.world.url.replace("http", "ws") + "/gateway/"

    @property
    def refusals(self) -> list[str]:
        return self.rest.refusals

    @property
    def limited(self) -> list[str]:
        return self.rest.limited

    # --- people -----------------------------------------------------------------------------------------------------

    def person(self, name: str = "Ada", **kind: bool) -> Someone:
        return self.world.person(name, **kind)

    def dm(self, someone: Someone) -> Payload:
        return self.world.dm(someone)

    @property
    def mention(self) -> str:
        return f"<@{self.world.bot.id}>"

    async def says(
        self, who: Someone, channel: Payload, text: str, *, files: Mapping[str, bytes] | None = None,
        attached: Sequence[Payload] = (), reply_to: Payload | None = None, heard: bool = True, **more: Any,
    ) -> Payload:  # fmt: skip
        """A message. Mentions are found in the text; a reply pings the author. `heard` False: the event gets lost.

        `attached`: files that are on the CDN already; `more`: other parts of the message, e.g. `embeds`."""
        me = self.world.bot
        pinged = me.id in text or (reply_to is not None and reply_to["author"]["id"] == me.id)
        named = [p.user() for p in self.world.people.values() if f"<@{p.id}>" in text]
        kept = [self.world.keep(channel["id"], n, c, "application/octet-stream") for n, c in (files or {}).items()]
        kept += attached
        parts: Payload = {"content": text, "attachments": kept,
                          "mentions": [*([me.user()] if pinged else []), *named], **more}  # fmt: skip
        if reply_to is not None:
            parts["message_reference"] = {"message_id": reply_to["id"], "channel_id": channel["id"], "type": 0}
            parts |= {"referenced_message": reply_to, "type": 19}
        made = self.world.message(channel, who, **parts)
        if channel["type"] == DM:
            event = made
        else:
            member = {k: v for k, v in who.member().items() if k != "user"}
            event = {**in_guild(channel, made), "member": member}
        if heard:
            await self.gateway.dispatch("MESSAGE_CREATE", event)
        return made

    async def opens_thread(self, who: Someone, message: Payload, name: str) -> Payload:
        """A thread on that message, with its starter in it; the message says that it has one."""
        parent = self.world.channels[message["channel_id"]]
        thread = self.world.thread(parent, message["id"], name, who.id)
        message["flags"] |= rules.HAS_THREAD
        message["thread"] = thread
        await self.gateway.dispatch("THREAD_CREATE", {**thread, "newly_created": True})
        self.world.message(thread, who, **starter(message))
        await self.gateway.dispatch("MESSAGE_UPDATE", in_guild(parent, message))
        return thread

    async def rewrites(self, who: Someone, message: Payload, text: str) -> None:
        me = self.world.bot
        mentions = [me.user()] if me.id in text else []
        mentions += [p.user() for p in self.world.people.values() if f"<@{p.id}>" in text]
        message |= {"content": text, "edited_timestamp": stamp(), "mentions": mentions}
        channel = self.world.channels[message["channel_id"]]
        await self.gateway.dispatch("MESSAGE_UPDATE", in_guild(channel, message))

    async def deletes(self, message: Payload) -> None:
        channel = self.world.channels[message["channel_id"]]
        del self.world.messages[channel["id"]][message["id"]]
        gone = {"id": message["id"], "channel_id": channel["id"]}
        await self.gateway.dispatch("MESSAGE_DELETE", in_guild(channel, gone))

    async def presses(
        self, who: Someone, message: Payload, custom_id: str, values: list[str] | None = None
    ) -> Interaction:
        """A press on a button, or a choice in a select, which must be there and enabled."""
        parts = [p for p in rules.walk(message["components"]) if p.get("custom_id") == custom_id]
        assert parts, f"no component {custom_id!r} on {ids(message)}"
        assert not parts[0].get("disabled"), f"{custom_id!r} is disabled"
        data: Payload = {"custom_id": custom_id, "component_type": parts[0]["type"], "id": parts[0]["id"]}
        if parts[0]["type"] == 3:
            known = {o["value"] for o in parts[0]["options"]}
            assert values and set(values) <= known, f"{values} not among {known}"
            data["values"] = values
        channel = self.world.channels[message["channel_id"]]
        return await self._interact(act.COMPONENT, who, channel, data, message)

    async def submits(
        self, opened: Interaction, values: Mapping[str, str | list[str]], *, files: Mapping[str, bytes] | None = None
    ) -> Interaction:
        """Sends the modal that `opened` was answered with. Fields not named keep what they were prefilled with."""
        return await self.submits_modal(opened.by, opened.channel, opened.modal, values, files=files,
                                        message=opened.message)  # fmt: skip

    async def submits_modal(
        self, who: Someone, channel: Payload, modal: Payload, values: Mapping[str, str | list[str]], *,
        files: Mapping[str, bytes] | None = None, message: Payload | None = None,
    ) -> Interaction:  # fmt: skip
        """The same with a modal kept from before, e.g. before the bot was restarted."""
        kept = [self.world.keep(channel["id"], n, c, "application/octet-stream") for n, c in (files or {}).items()]
        known = {p["custom_id"] for p in rules.walk(modal["components"]) if p.get("custom_id")}
        assert set(values) <= known, f"{set(values) - known} not among {known}"
        rows = [_filled(part, values, kept) for part in modal["components"]]
        data: Payload = {"custom_id": modal["custom_id"], "components": rows}
        if kept:
            data["resolved"] = {"attachments": {a["id"]: a for a in kept}}
        return await self._interact(act.MODAL, who, channel, data, message)

    async def commands(
        self, who: Someone, channel: Payload, name: str, options: Mapping[str, str] | None = None
    ) -> Interaction:
        """A slash command, which must have been registered with these options."""
        known = self._command(name, 1)
        by_name = {o["name"]: o for o in known.get("options") or []}
        missing = [n for n, o in by_name.items() if o.get("required") and n not in (options or {})]
        assert not missing, f"{missing} required"
        rows = [{"name": n, "type": by_name[n]["type"], "value": v} for n, v in (options or {}).items()]
        data = {"id": known["id"], "name": name, "type": 1, "options": rows}
        return await self._interact(act.COMMAND, who, channel, data, None)

    async def menu(self, who: Someone, message: Payload, name: str) -> Interaction:
        """A command of the message's context menu."""
        known = self._command(name, 3)
        data = {"id": known["id"], "name": name, "type": 3, "target_id": message["id"],
                "resolved": {"messages": {message["id"]: message}}}  # fmt: skip
        return await self._interact(act.COMMAND, who, self.world.channels[message["channel_id"]], data, None)

    def _command(self, name: str, kind: int) -> Payload:
        rows = [c for c in self.world.commands if c["name"] == name and c["type"] == kind]
        assert rows, f"no command {name!r} among {[c['name'] for c in self.world.commands]}"
        return rows[0]

    async def _interact(
        self, kind: int, who: Someone, channel: Payload, data: Payload, message: Payload | None
    ) -> Interaction:
        it = self.interactions.open(kind, who, channel, data, message)
        await self.gateway.dispatch("INTERACTION_CREATE", self.interactions.payload(it))
        return it

    # --- what is there ----------------------------------------------------------------------------------------------

    def history(self, channel: Payload | str) -> list[Payload]:
        """Messages of a channel or thread, oldest first, without the thread's starter."""
        id_ = channel if isinstance(channel, str) else channel["id"]
        rows = self.world.messages.get(id_, {}).values()
        return sorted((m for m in rows if m["type"] != 21), key=lambda m: int(m["id"]))

    def ours(self, channel: Payload | str) -> list[Payload]:
        return [m for m in self.history(channel) if m["author"]["id"] == self.world.bot.id]

    def reactions(self, message: Payload) -> list[str]:
        return self.handlers.reactions.get(message["id"], [])

    def content(self, attachment: Payload) -> bytes:
        return self.world.files[attachment["id"]][1]

    # --- trouble ----------------------------------------------------------------------------------------------------

    def fails(self, method: str, path: str, kind: Kind, *, times: int = 1, seconds: float = 0.0) -> None:
        """The next requests that fit are broken in this way; no method and no path fit all."""
        self.rest.faults.append(Fault(method, path, kind, times, seconds))

    def expire_links(self) -> None:
        """Links made so far answer 404; a message asked for anew has fresh ones."""
        self.world.links += 1

    async def _file(self, request: web.Request) -> web.Response:
        path, content = self.world.files.get(request.match_info["id"], ("", b""))
        if path != request.path or request.query.get("ex") != str(self.world.links):
            return web.Response(status=404, text="This content is no longer available.")
        self.fetched.append(request.match_info["name"])
        bad = spoilt(self.spoiled.get(request.match_info["name"], ""), content)
        return bad or web.Response(body=content, content_type="application/octet-stream")


def ids(message: Payload) -> list[str]:
    """The custom ids of a message."""
    return [p["custom_id"] for p in rules.walk(message["components"]) if p.get("custom_id")]


def texts(message: Payload) -> str:
    """Everything one can read in a message."""
    shown = [p["content"] for p in rules.walk(message["components"]) if p["type"] == 10]
    return "\n".join([message["content"], *shown]).strip()


async def until(fact: Callable[[], object], timeout: float = 60) -> None:
    """Waits for a fact to become true."""
    for _ in range(int(timeout / 0.01)):
        if fact():
            return
        await asyncio.sleep(0.01)
    raise TimeoutError("it did not become true")


def _filled(part: Payload, values: Mapping[str, Any], kept: list[Payload]) -> Payload:
    """A modal's top component as a submission carries it; refuses what Discord's own client would not send."""
    if part["type"] != 18:
        return {"type": part["type"], "id": part.get("id", 1)}
    field = part["component"]
    name, kind, needed = field["custom_id"], field["type"], field.get("required", True)
    sent: Payload = {"type": kind, "id": field.get("id", 1), "custom_id": name}
    if kind == 4:
        value = values.get(name, field.get("value") or "")
        assert len(value) <= field.get("max_length", 4000), f"{name} is too long"
        assert value or not needed, f"{name} is required"
        sent["value"] = value
    elif kind == 19:
        assert kept or not needed, f"{name} needs a file"
        sent["values"] = [a["id"] for a in kept]
    else:
        chosen = values.get(name, [o["value"] for o in field["options"] if o.get("default")])
        chosen = [chosen] if isinstance(chosen, str) else chosen
        assert set(chosen) <= {o["value"] for o in field["options"]}, f"{name}: {chosen} is no option"
        assert len(chosen) >= (field.get("min_values", 1) if needed else 0), f"{name}: choose"
        assert len(chosen) <= field.get("max_values", 1), f"{name}: too many chosen"
        sent["values"] = chosen
    return {"type": 18, "id": part.get("id", 1), "component": sent}


@asynccontextmanager
async def serving(*, rates: bool = True, setup: Callable[[World], None] | None = None) -> AsyncIterator[DiscordServer]:
    """A Discord of one's own on a free port. `rates` False: nothing is counted."""
    world = World()
    gateway, acts = Gateway(world, TOKEN), Interactions(world)
    rest = Rest(world, TOKEN, rates=Rates(enforced=rates))
    handlers = Handlers(world, gateway, acts)
    handlers.install(rest)
    guild = world.guild()
    server = DiscordServer(world, gateway, rest, handlers, acts, guild, world.channel(guild, "general"))
    if setup is not None:
        setup(world)
    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_get("/gateway/", gateway.connect)
    app.router.add_get("/attachments/{channel}/{id}/{name}", server._file)
    app.router.add_route("*", "/api/v10/{path:.*}", rest.serve)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    world.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await gateway.disconnect(1001)
        await asyncio.wait_for(runner.cleanup(), 60)
