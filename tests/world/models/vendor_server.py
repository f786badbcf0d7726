"""A strict local server in the protocols of OpenAI, Anthropic and Gemini, which answers what a test scripted."""

import asyncio
import json
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.loopback_app import on_loopback
from tests.server_clock import LONG, ServerClock
from tests.world.models.answers import Answer, Broken, Plain, Protocol, Raw, Refused, Said, Slow, sse

THOUGHTS = frozenset({"reasoning_content", "reasoning", "reasoning_details", "thinking_blocks"})
_FIELDS = frozenset({"role", "content", "tool_calls", "tool_call_id"})


@dataclass
class VendorServer:
    """One vendor. `takes`: fields of earlier turns that it accepts besides the format's own; a server that takes none
    refuses them. `thinks`: whether it demands thoughts with every turn that has calls. `most`: its output limit, if it
    has one.
    """

    streams: bool
    answers: list[Answer | Callable[[dict[str, Any]], Answer]] = field(default_factory=list[Any])
    takes: frozenset[str] = THOUGHTS
    thinks: bool = False
    most: int | None = None
    window: int | None = None
    """Characters of messages that it can hold."""
    url: str = ""
    clock: ServerClock = field(default_factory=ServerClock)
    """Measures silence for those that ask this server."""
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """Lets silent answers go."""
    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    """The bodies it answered, or refused for another reason than how they stream."""

    async def chat(self, request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = await request.json()
        return await self._respond(request, body, "openai", streamed=bool(body.get("stream")))

    async def messages(self, request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = await request.json()
        return await self._respond(request, body, "anthropic", streamed=bool(body.get("stream")))

    async def generate(self, request: web.Request) -> web.StreamResponse:
        streamed = "streamGenerateContent" in request.path
        return await self._respond(request, await request.json(), "gemini", streamed=streamed)

    async def _respond(
        self, request: web.Request, body: dict[str, Any], protocol: Protocol, *, streamed: bool
    ) -> web.StreamResponse:
        if streamed and not self.streams:
            return web.json_response(Refused(400, "This server can't stream.").body(protocol), status=400)
        self.requests.append(body)
        problem = self._problem(body, protocol)
        answer = problem or (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])
        answer = answer(body) if callable(answer) else answer
        match answer:
            case Refused():
                return web.json_response(answer.body(protocol), status=answer.status, headers=dict(answer.headers))
            case Raw():
                rows = sse(answer.events, done=answer.done)
                return await _stream(request, rows) if streamed else web.json_response(answer.whole)
            case Plain(body=str(page)):
                return web.Response(text=page, content_type="text/html")
            case Plain():
                return web.json_response(answer.body)
            case Slow():
                return await self._slow(request, answer, protocol, streamed=streamed)
            case Broken():
                return await self._broken(request, answer, protocol, streamed=streamed)
            case Said():
                whole = answer.whole(protocol)
                return await _stream(request, answer.stream(protocol)) if streamed else web.json_response(whole)

    async def _slow(
        self, request: web.Request, answer: Slow, protocol: Protocol, *, streamed: bool
    ) -> web.StreamResponse:
        kind = "text/event-stream" if streamed else "application/json"
        response = web.StreamResponse(headers={"Content-Type": kind})
        await response.prepare(request)
        for _ in range(answer.signs):
            await response.write(b": waiting\n\n" if streamed else b"\n")
            await self.clock.passes(answer.every)
        whole = [json.dumps(answer.said.whole(protocol))]
        for piece in answer.said.stream(protocol) if streamed else whole:
            await response.write(piece.encode())
        return response

    async def _broken(
        self, request: web.Request, answer: Broken, protocol: Protocol, *, streamed: bool
    ) -> web.StreamResponse:
        pieces = answer.said.stream(protocol) if streamed else [json.dumps(answer.said.whole(protocol))]
        text = "".join(pieces)
        kind = "text/event-stream" if streamed else "application/json"
        response = web.StreamResponse(headers={"Content-Type": kind})
        if not streamed:
            response.headers["Content-Length"] = str(len(text.encode()))
        await response.prepare(request)
        for piece in pieces[: int(len(pieces) * answer.share)] if streamed else [text[: len(text) // 2]]:
            await response.write(piece.encode())
        if answer.how == "silent":
            await self.clock.passes(LONG)
            await self.released.wait()
        if answer.how == "reset" and request.transport is not None:
            request.transport.abort()
        if answer.how == "closed" and not streamed and request.transport is not None:
            request.transport.close()  # the rest of the promised length never comes
        return response

    def _problem(self, body: dict[str, Any], protocol: Protocol) -> Refused | None:
        room = body.get("max_tokens") or 0
        if self.most is not None and room > self.most:
            return Refused(400, f"max_tokens: {room} > {self.most}, which is the maximum allowed")
        if protocol != "openai":
            return None
        said = body["messages"]
        if self.window is not None and len(json.dumps(said)) > self.window:
            return Refused(400, "The request exceeds the available context size.")
        return openai_problem(said, self.takes, thinks=self.thinks)


def openai_problem(said: list[dict[str, Any]], takes: frozenset[str], *, thinks: bool) -> Refused | None:
    """What a strict server finds wrong with the messages."""
    waiting: list[str] = []
    for number, message in enumerate(said):
        if strange := set(message) - _FIELDS - takes:
            return Refused(422, f"messages.{number}.{min(strange)}: Extra inputs are not permitted")
        if message["role"] == "tool":
            if message["tool_call_id"] not in waiting:
                return Refused(400, f"messages.{number}: a result without its call")
            waiting.remove(message["tool_call_id"])
            continue
        if waiting:
            return Refused(400, f"messages.{number}: results are missing for {waiting}")
        for one in message.get("tool_calls") or ():
            if not isinstance(json.loads(one["function"]["arguments"]), dict) or one["id"] in waiting:
                return Refused(400, f"messages.{number}: arguments or id of a call")
            waiting.append(one["id"])
        if thinks and message.get("tool_calls") and not message.get("reasoning_content"):
            words = f"thinking is enabled but reasoning_content is missing in assistant message at index {number}"
            return Refused(400, words)
    return None


async def _stream(request: web.Request, pieces: list[str]) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for piece in pieces:
        await response.write(piece.encode())
    await response.write_eof()
    return response


@asynccontextmanager
async def vendor_serving(*, streams: bool) -> AsyncGenerator[VendorServer]:
    """A running server on loopback."""
    server = VendorServer(streams)
    app = web.Application(client_max_size=64 * 1024**2)
    app.router.add_post("/v1/chat/completions", server.chat)
    app.router.add_post("/v1/messages", server.messages)
    app.router.add_post("/{rest:.*}", server.generate)
    async with on_loopback(app) as server.url:
        try:
            yield server
        finally:
            server.released.set()
