"""Socket Mode: links used once, envelopes, acknowledgements, redelivery."""

import asyncio
import itertools
import random
import secrets
import weakref
from collections.abc import Sequence
from typing import Any

from aiohttp import WSMsgType, web

from tests.slack_server.posting import Posting

LINK_LIMIT = 10


class Sockets:
    """`redelivery`: seconds until an unacknowledged event is sent again, each in turn. `patience`: seconds in which an
    envelope must be acknowledged."""

    def __init__(self, *, redelivery: Sequence[float], patience: float) -> None:
        self._redelivery, self._patience = redelivery, patience
        self._links: set[str] = set()
        self._open: list[web.WebSocketResponse] = []
        self._requests: weakref.WeakKeyDictionary[web.WebSocketResponse, web.Request] = weakref.WeakKeyDictionary()
        self._silent: weakref.WeakSet[web.WebSocketResponse] = weakref.WeakSet()
        self._waiting: dict[str, asyncio.Future[Any]] = {}
        self._turn = itertools.count()
        self._tasks: set[asyncio.Task[None]] = set()
        self.enabled = True
        self.posting: Posting | None = None
        """Where Slack posts to instead."""
        self.connected = 0
        self.acked: list[tuple[dict[str, Any], float]] = []
        self.unacknowledged: list[dict[str, Any]] = []
        self.twice = False
        self.lossy = False
        """What nobody hears is never sent again."""
        self.jumble: random.Random | None = None
        """Events of a second arrive in any order."""
        self.held: list[dict[str, Any]] | None = None
        """Events that wait to be sent in another order; None: sent at once."""

    @property
    def open(self) -> bool:
        return bool(self._open)

    @property
    def acks(self) -> list[float]:
        return [seconds for _, seconds in self.acked]

    def link(self) -> str:
        ticket = secrets.token_hex(8)
        self._links.add(ticket)
        return ticket

    async def serve(self, request: web.Request) -> web.StreamResponse:
        ticket = request.match_info["ticket"]
        if ticket not in self._links or not self.enabled:
            return web.Response(status=404, text="used or unknown link")
        self._links.discard(ticket)
        socket = web.WebSocketResponse(autoping=False)
        await socket.prepare(request)
        if len(self._open) >= LINK_LIMIT:
            await socket.send_json({"type": "disconnect", "reason": "too_many_websockets"})
            await socket.close()
            return socket
        await socket.send_json(
            {"type": "hello", "num_connections": len(self._open) + 1, "connection_info": {"app_id": "A0APP"}}
        )
        self._open.append(socket)
        self._requests[socket] = request
        self.connected += 1
        try:
            async for message in socket:
                if message.type == WSMsgType.PING and socket not in self._silent:
                    await socket.pong(message.data)
                elif message.type == WSMsgType.TEXT:
                    self._acknowledged(message.json())
        finally:
            if socket in self._open:
                self._open.remove(socket)
        return socket

    def _acknowledged(self, said: dict[str, Any]) -> None:
        future = self._waiting.pop(str(said.get("envelope_id")), None)
        if future is not None and not future.done():
            future.set_result(said.get("payload"))

    def event(self, payload: dict[str, Any]) -> None:
        """Delivers an event until it is acknowledged."""
        if self.held is not None:
            self.held.append(payload)
            return
        for _ in range(2 if self.twice else 1):
            task = asyncio.get_running_loop().create_task(self._deliver(payload))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def reordered(self) -> None:
        """Sends what was held back, last first."""
        held, self.held = self.held or [], None
        for payload in reversed(held):
            self.event(payload)

    async def _deliver(self, payload: dict[str, Any]) -> None:
        reason = ""
        for attempt, pause in enumerate((0.0, *(() if self.lossy else self._redelivery))):
            if self.jumble is not None:
                pause += self.jumble.uniform(0, 1)
            await asyncio.sleep(pause)
            retry = {"retry_attempt": attempt, "retry_reason": reason} if attempt else {}
            try:
                await self._send("events_api", payload, accepts=False, **retry)
                return
            except TimeoutError:
                reason = "timeout"
        self.unacknowledged.append(payload)

    async def interaction(self, kind: str, payload: dict[str, Any]) -> Any:
        """Sent once. What the acknowledgement carried; TimeoutError when there was none in time."""
        try:
            return await self._send(kind, payload, accepts=True)
        except TimeoutError:
            self.unacknowledged.append(payload)
            raise

    async def _send(self, kind: str, payload: dict[str, Any], *, accepts: bool, **more: Any) -> Any:
        if self.posting is not None:
            answer = await self.posting.send(kind, payload, **more)
            self.acks.append(self.posting.took)
            return answer
        if not self._open:
            raise TimeoutError
        socket = self._open[next(self._turn) % len(self._open)]
        envelope = secrets.token_hex(12)
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[envelope] = future
        now = asyncio.get_running_loop().time
        began = now()
        try:
            said = {"envelope_id": envelope, "type": kind, "payload": payload, "accepts_response_payload": accepts}
            if socket not in self._silent:
                await socket.send_json({**said, **more})
        except ConnectionError as error:
            raise TimeoutError from error
        async with asyncio.timeout(self._patience):
            answer = await future
        self.acked.append((payload, now() - began))
        return answer

    async def refresh(self, reason: str = "refresh_requested") -> None:
        """As Slack does every few hours: says so, and ends the connection; after a mere `warning` it stays."""
        for socket in list(self._open):
            await socket.send_json({"type": "disconnect", "reason": reason, "debug_info": {"host": "local"}})
            if reason == "warning":
                continue
            self._open.remove(socket)
            if reason == "link_disabled":
                await socket.close()

    def fall_silent(self) -> None:
        """The open connections stay open, and nothing passes through them."""
        self._silent.update(self._open)

    def cut(self) -> None:
        """The network fails: no word of good-bye."""
        for socket in list(self._open):
            self._open.remove(socket)
            if (request := self._requests.get(socket)) is not None and request.transport is not None:
                request.transport.abort()

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for socket in list(self._open):
            await socket.close()
