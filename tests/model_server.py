"""A strict local server that speaks OpenAI's chat protocol over real HTTP.

It refuses what the real one refuses, answers with a pluggable brain, breaks on purpose when asked to, and remembers
every request. In a test:

    async with serving(scripted([Reply(text="hi")])) as server:
        ... Endpoint(api_base=server.url, api_key=KEY) ...

Or by hand: `python -m tests.model_server --port 8899 --rehearsal http://127.0.0.1:8800/rehearsal`.
"""

import argparse
import asyncio
import json
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from agents.models.rehearsal.model import Rehearsal
from orchestrator.domain.ids import CallId, digest
from orchestrator.domain.model_messages import Prompt, Reply
from orchestrator.domain.tool_calls import Call
from tests.loopback_app import on_loopback
from tests.model_protocol import BadRequest, checked, chunks, completion, prompt_of, taking_turns
from tests.server_clock import LONG, ServerClock

KEY = "sk-test-0123456789abcdef"
Brain = Callable[[Prompt], Awaitable[Reply]]
Fault = Literal[
    "ok",
    "429",
    "500",
    "503",
    "malformed-arguments",
    "wrong-arguments",
    "unknown-tool",
    "empty",
    "cut",
    "hang",
    "no-tool-choice",
    "too-long",
    "no-credit",
    "dict-arguments",
    "no-ids",
]


def scripted(replies: Iterable[Reply]) -> Brain:
    """Says the replies in order; asked for more, it repeats the last."""
    left = list(replies)

    async def brain(prompt: Prompt) -> Reply:
        return left.pop(0) if len(left) > 1 else left[0]

    return brain


def rehearsal(base_url: str) -> Brain:
    """The rehearsal model behind HTTP, so that the whole product can run through litellm."""
    model = Rehearsal(base_url)

    async def brain(prompt: Prompt) -> Reply:
        return (await model.complete(prompt)).reply

    return brain


def seeded(
    rate: float, seed: int, kinds: Sequence[Fault] = ("429", "500", "malformed-arguments")
) -> Callable[[], Fault]:
    """A fault with probability `rate` on each request, the same ones for the same seed."""
    dice = random.Random(seed)
    return lambda: dice.choice(kinds) if dice.random() < rate else "ok"


def listed(*faults: Fault) -> Callable[[], Fault]:
    """These faults in order, then none."""
    left = list(faults)
    return lambda: left.pop(0) if left else "ok"


@dataclass(frozen=True)
class Seen:
    """One request, as it came in. `fingerprint` is of its model, messages and tools."""

    fingerprint: str
    body: dict[str, Any]
    fault: Fault
    status: int


@dataclass
class Server:
    """What the tests look at. `released` lets hanging answers go when the server closes."""

    brain: Brain
    faults: Callable[[], Fault] = field(default=lambda: "ok")
    models: tuple[str, ...] = ("test-model", "other-model")
    seeing: tuple[str, ...] = ()
    """Those that take pictures; the others refuse them, as the real ones do."""
    ordered: bool = False
    """Whether user and assistant have to take turns, as at Mistral's."""
    more: dict[str, Any] = field(default_factory=dict)
    """What it lists about each of its models, besides the name."""
    latency: float = 0.0
    streams: Literal["yes", "ignored", "refused"] = "yes"
    """What it does with `stream`: an older server answers in one piece, or refuses it together with tools."""
    reports_usage: bool = True
    pace: float = 0.0
    """Seconds of its clock before each piece of a stream."""
    clock: ServerClock = field(default_factory=ServerClock)
    """Measures silence for those that ask this server with it."""
    retry_after: str = "7"
    url: str = ""
    log: list[Seen] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Requests to other paths, and everything that was not valid."""
    begun: int = 0
    """Requests that were accepted, also those that nobody waited for."""
    hanging: asyncio.Event = field(default_factory=asyncio.Event)
    released: asyncio.Event = field(default_factory=asyncio.Event)

    def answered_twice(self) -> list[str]:
        """Fingerprints of requests that were made again although they had been answered well."""
        good = [seen.fingerprint for seen in self.log if seen.status == 200 and seen.fault == "ok"]
        return sorted({f for f in good if good.count(f) > 1})

    async def chat(self, request: web.Request) -> web.StreamResponse:
        try:
            body = checked(
                await _body(request),
                key=request.headers.get("Authorization"),
                models=self.models,
                seeing=self.seeing,
            )
            if self.ordered:
                taking_turns(body["messages"])
        except BadRequest as error:
            self.refused.append(str(error))
            return web.json_response(error.body(), status=error.status)
        self.begun += 1
        fault = self.faults()
        if fault == "no-tool-choice" and "tool_choice" not in body:
            fault = "ok"
        if self.latency:
            await asyncio.sleep(self.latency)
        response = await self._respond(request, body, fault)
        print_of = digest(json.dumps([body["model"], body["messages"], body.get("tools")], sort_keys=True), length=24)
        self.log.append(Seen(print_of, body, fault, response.status))
        return response

    async def _respond(self, request: web.Request, body: dict[str, Any], fault: Fault) -> web.StreamResponse:
        if body.get("stream") and self.streams == "refused":
            return web.json_response({"error": {"message": "Cannot use tools with stream"}}, status=400)
        if fault in _REFUSALS:
            status, kind, words = _REFUSALS[fault]
            error = {"error": {"message": words, "type": kind, "code": kind, "param": None}}
            headers = {"Retry-After": self.retry_after} if fault == "429" else {}
            return web.json_response(error, status=status, headers=headers)
        if fault == "hang":
            self.hanging.set()
            await self.clock.passes(LONG)
            await self.released.wait()
        reply = spoiled(await self.brain(prompt_of(body)), fault)
        if body.get("stream") and self.streams == "yes":
            rows = [row for row in chunks(body, reply, fault) if self.reports_usage or "usage" not in row]
            return await _stream(request, rows, cut=fault == "cut", pause=lambda: self.clock.passes(self.pace))
        if fault == "cut":
            return await _half(request, completion(body, reply, fault))
        whole = completion(body, reply, fault)
        return web.json_response(whole if self.reports_usage else {**whole, "usage": None})

    async def list_models(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"object": "list", "data": [{"id": m, "object": "model", **self.more} for m in self.models]}
        )

    async def elsewhere(self, request: web.Request) -> web.Response:
        if (request.method, request.path) not in ASKED_WHICH_SERVER:
            self.refused.append(f"{request.method} {request.path}")
        return web.json_response({"error": {"message": "no such path"}}, status=404)


ASKED_WHICH_SERVER = {
    ("GET", f"/{path}") for path in ("api/v1/models", "api/v0/models", "api/tags", "api/ps", "api/version", "props")
}
"""What is asked of a server on this machine to find out whether it is LM Studio, Ollama or llama.cpp: this is none."""

_REFUSALS: dict[Fault, tuple[int, str, str]] = {
    "429": (429, "rate_limit_exceeded", f"Slow down, {KEY}."),
    "500": (500, "server_error", "Something broke."),
    "503": (503, "overloaded", "Overloaded."),
    "no-tool-choice": (400, "unsupported", "tool_choice 'required' is not supported here"),
    "too-long": (400, "context_length_exceeded", "This model's maximum context length is 8 tokens."),
    "no-credit": (429, "insufficient_quota", "You exceeded your current quota."),
}


def spoiled(reply: Reply, fault: Fault) -> Reply:
    """The reply with a fault that our own words can express; the others are made on the wire."""
    if fault == "empty":
        return Reply()
    if fault == "unknown-tool":
        return Reply(calls=(Call(id=CallId("x"), tool="no_such_tool", args={}),))
    if fault == "wrong-arguments" and reply.calls:
        return Reply(calls=(reply.calls[0].model_copy(update={"args": {"surprise": 1}}),))
    return reply


async def _body(request: web.Request) -> Any:
    try:
        return await request.json()
    except ValueError as error:
        raise BadRequest(400, f"the body is not JSON: {error}") from error


async def _stream(
    request: web.Request, pieces: list[dict[str, Any]], *, cut: bool, pause: Callable[[], Awaitable[None]]
) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for piece in pieces[: max(1, len(pieces) // 2)] if cut else pieces:
        await pause()
        await response.write(f"data: {json.dumps(piece)}\n\n".encode())
    if cut:
        _hang_up(request)
        return response
    await response.write(b"data: [DONE]\n\n")
    await response.write_eof()
    return response


async def _half(request: web.Request, whole: dict[str, Any]) -> web.StreamResponse:
    text = json.dumps(whole).encode()
    response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": str(len(text))})
    await response.prepare(request)
    await response.write(text[: len(text) // 2])
    _hang_up(request)
    return response


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()


@asynccontextmanager
async def serving(
    brain: Brain, *, faults: Callable[[], Fault] = lambda: "ok", latency: float = 0.0, port: int = 0
) -> AsyncIterator[Server]:
    """A running server on loopback; it stops at the end of the block."""
    server = Server(brain, faults, latency=latency)
    app = web.Application(client_max_size=64 * 1024**2)
    app.router.add_post("/v1/chat/completions", server.chat)
    app.router.add_get("/v1/models", server.list_models)
    app.router.add_route("*", "/{rest:.*}", server.elsewhere)
    async with on_loopback(app, port=port) as url:
        server.url = f"{url}/v1"
        try:
            yield server
        finally:
            server.released.set()


async def _forever(options: argparse.Namespace) -> None:
    faults = seeded(options.rate, options.seed)
    brain = rehearsal(options.rehearsal)
    async with serving(brain, faults=faults, latency=options.latency, port=options.port) as server:
        print(f"serving {server.url}, key {KEY}, models {', '.join(server.models)}", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    """The command line."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--port", type=int, default=0)
    words.add_argument("--rehearsal", default="http://127.0.0.1:8800/rehearsal", help="where the company sites are")
    words.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    words.add_argument("--rate", type=float, default=0.0, help="how often an answer is a fault, 0 to 1")
    words.add_argument("--seed", type=int, default=1)
    asyncio.run(_forever(words.parse_args()))


if __name__ == "__main__":
    main()
