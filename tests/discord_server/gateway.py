"""The gateway: hello, identify, heartbeats, events, resume; and its ways to go wrong."""

import asyncio
import json
import secrets
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from aiohttp import WSMsgType, web

from tests.discord_server.world import THREADS, World

GUILDS, GUILD_MESSAGES, REACTIONS, DMS, CONTENT = 1, 1 << 9, 1 << 10, 1 << 12, 1 << 15
PRIVILEGED = (1 << 1) | (1 << 8) | CONTENT
_NEEDS = {"MESSAGE": (GUILD_MESSAGES, DMS), "THREAD": (GUILDS, 0), "CHANNEL": (GUILDS, GUILDS), "GUILD": (GUILDS, 0)}


@dataclass
class Session:
    """What RESUME continues. `sent` are the numbered events, the open socket or None."""

    id: str
    intents: int
    shard: tuple[int, int]
    sent: list[dict[str, Any]] = field(default_factory=list)
    link: "Link | None" = None
    lost: bool = False


class Link:
    """One WebSocket, compressed when the client asked for it."""

    def __init__(self, socket: web.WebSocketResponse, *, compressed: bool) -> None:
        self.socket = socket
        self.mute = False
        self._zlib = zlib.compressobj() if compressed else None

    async def send(self, payload: dict[str, Any]) -> None:
        if self.socket.closed or self.mute:
            return
        text = json.dumps(payload)
        if self._zlib is None:
            await self.socket.send_str(text)
        else:
            await self.socket.send_bytes(self._zlib.compress(text.encode()) + self._zlib.flush(zlib.Z_SYNC_FLUSH))


@dataclass
class Gateway:
    """`allowed`: privileged intents that are enabled. `trips` counts what happened: identify, resume, invalid …"""

    world: World
    token: str
    allowed: int = CONTENT
    interval: float = 41.25
    shards: int = 1
    duplicate: bool = False
    held: list[Callable[[], Any]] | None = None
    """While a list, events are kept here instead of sent: `reorder`, or an outage that is not noticed."""
    sessions: dict[str, Session] = field(default_factory=dict)
    trips: list[str] = field(default_factory=list)
    refuse_connections: int = 0
    garble_next_ready: bool = False
    changed: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def connect(self, request: web.Request) -> web.StreamResponse:
        if self.refuse_connections:
            self.refuse_connections -= 1
            return web.Response(status=503)
        if request.query.get("v") != "10" or request.query.get("encoding") != "json":
            return web.Response(status=400)
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        link = Link(socket, compressed=request.query.get("compress") == "zlib-stream")
        await link.send({"op": 10, "d": {"heartbeat_interval": int(self.interval * 1000)}, "s": None, "t": None})
        try:
            await self._hear(link)
        finally:
            for session in self.sessions.values():
                if session.link is link:
                    session.link = None
        return socket

    async def _hear(self, link: Link) -> None:
        session, times = None, []
        async for message in link.socket:
            if message.type is not WSMsgType.TEXT:
                continue
            times = [t for t in times if time.monotonic() - t < 60] + [time.monotonic()]
            if len(message.data) > 4096 or len(times) > 120:
                await link.socket.close(code=4008 if len(times) > 120 else 4002)
                return
            payload = json.loads(message.data)
            match payload["op"]:
                case 1:
                    await link.send({"op": 11, "d": None, "s": None, "t": None})
                case 2:
                    session = await self._identify(link, payload["d"])
                case 6:
                    session = await self._resume(link, payload["d"])
                case 3 | 4 | 8 if session is not None:
                    pass
                case _:
                    await link.socket.close(code=4003 if session is None else 4001)
                    return

    async def _identify(self, link: Link, d: dict[str, Any]) -> Session | None:
        await self._note("identify")
        shard = tuple(d.get("shard") or (0, 1))
        wrong = (
            4004 if d["token"] != self.token
            else 4013 if d["intents"] >> 26
            else 4014 if d["intents"] & PRIVILEGED & ~self.allowed
            else 4010 if not 0 <= shard[0] < shard[1]
            else 0
        )  # fmt: skip
        if wrong:
            await self._note(f"closed {wrong}")
            await link.socket.close(code=wrong)
            return None
        session = Session(secrets.token_hex(8), d["intents"], (shard[0], shard[1]), link=link)
        self.sessions[session.id] = session
        await self._greet(session)
        return session

    async def _greet(self, session: Session) -> None:
        mine = [g for g in self.world.guilds.values() if self._of_shard(session, g["id"])]
        ready = {
            "v": 10, "user": self.world.bot.user(), "session_id": session.id, "shard": list(session.shard),
            "resume_gateway_url": self.world.url.replace("http", "ws") + "/gateway/",
            "guilds": [{"id": g["id"], "unavailable": True} for g in mine],
            "application": {"id": self.world.bot.id, "flags": 1 << 19},
        }  # fmt: skip
        if self.garble_next_ready:
            self.garble_next_ready = False
            ready["guilds"] = [{"unavailable": True}]
        await self._send(session, "READY", ready)
        for guild in mine:
            channels = [c for c in self.world.channels.values() if c.get("guild_id") == guild["id"]]
            threads = [c for c in channels if c["type"] in THREADS and not c["thread_metadata"]["archived"]]
            payload = {**guild, "channels": [c for c in channels if c["type"] not in THREADS], "threads": threads}
            await self._send(session, "GUILD_CREATE", {**payload, "unavailable": False})

    async def _resume(self, link: Link, d: dict[str, Any]) -> Session | None:
        session = self.sessions.get(d["session_id"])
        if d["token"] != self.token or session is None or session.lost:
            await self._note("invalid")
            await link.send({"op": 9, "d": False, "s": None, "t": None})
            return None
        await self._note("resume")
        session.link = link
        for event in session.sent[d["seq"] :]:
            await link.send(event)
        await self._send(session, "RESUMED", {"_trace": []})
        return session

    async def dispatch(self, event: str, data: dict[str, Any]) -> None:
        """Sends an event to the sessions that should see it; kept for RESUME where the socket is gone."""
        for session in list(self.sessions.values()):
            if not self._wants(session, event, data):
                continue
            for _ in range(2 if self.duplicate else 1):
                if self.held is not None:
                    self.held.append(lambda s=session, e=event, d=data: self._send(s, e, d))
                else:
                    await self._send(session, event, data)

    async def release(self, *, backwards: bool = False) -> None:
        """Sends what was held, in order or the other way round."""
        held, self.held = self.held or [], None
        for send in reversed(held) if backwards else held:
            await send()

    async def _send(self, session: Session, event: str, data: dict[str, Any]) -> None:
        if event.startswith("MESSAGE_") and "content" in data:
            data = self._veiled(session, data)
        payload = {"op": 0, "t": event, "s": len(session.sent) + 1, "d": data}
        session.sent.append(payload)
        if session.link is not None:
            await session.link.send(payload)

    def _wants(self, session: Session, event: str, data: dict[str, Any]) -> bool:
        guild = data.get("guild_id")
        in_guild, in_dm = _NEEDS.get(event.partition("_")[0], (0, 0))
        if event.startswith("MESSAGE_REACTION"):
            in_guild = in_dm = REACTIONS
        needed = in_guild if guild else in_dm
        return not session.lost and session.intents & needed == needed and self._of_shard(session, guild)

    def _of_shard(self, session: Session, guild: str | None) -> bool:
        index, count = session.shard
        return index == ((int(guild) >> 22) % count if guild else 0)

    def _veiled(self, session: Session, data: dict[str, Any]) -> dict[str, Any]:
        """Without the intent, content is empty but in DMs, own messages and mentions."""
        me = self.world.bot.id
        open_ = "guild_id" not in data or data["author"]["id"] == me or any(m["id"] == me for m in data["mentions"])
        if session.intents & CONTENT or open_:
            return data
        return {**data, "content": "", "embeds": [], "attachments": [], "components": []}

    # --- trouble ----------------------------------------------------------------------------------------------------

    async def disconnect(self, code: int = 1006, *, forget: bool = False) -> None:
        """Ends every socket; `forget`: RESUME will be answered with an invalid session."""
        for session in list(self.sessions.values()):
            session.lost = session.lost or forget
            link, session.link = session.link, None
            if link is not None and code == 1006 and link.socket._req is not None:
                transport = link.socket._req.transport
                if transport is not None:
                    transport.close()
            elif link is not None:
                await link.socket.close(code=code)

    def fall_silent(self) -> None:
        """The sockets stay open, and nothing comes through them any more: what a lost route looks like."""
        for session in self.sessions.values():
            if session.link is not None:
                session.link.mute = True

    async def ask_to_reconnect(self) -> None:
        for session in list(self.sessions.values()):
            if session.link is not None:
                await session.link.send({"op": 7, "d": None, "s": None, "t": None})

    async def _note(self, what: str) -> None:
        async with self.changed:
            self.trips.append(what)
            self.changed.notify_all()

    async def tripped(self, what: str, times: int = 1, timeout: float = 60) -> None:
        """Waits until this happened so many times."""
        async with asyncio.timeout(timeout), self.changed:
            await self.changed.wait_for(lambda: self.trips.count(what) >= times)

    @property
    def connected(self) -> bool:
        return any(s.link is not None for s in self.sessions.values())
