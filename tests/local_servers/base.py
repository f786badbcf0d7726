"""Strict local servers of the four kinds that people run models with, written from their documentation: Ollama, LM
Studio, llama.cpp and vLLM, and servers that are none of them. Each refuses what the real one refuses, and remembers
every request and every model that a request loaded.

    async with serving(Ollama([Weights("qwen3:8b")])) as server:
        ... server.url ...
"""

import asyncio
import json
from abc import abstractmethod
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeVar
from urllib.parse import urlsplit

from aiohttp import web

from tests.loopback_app import on_loopback

Body = dict[str, Any]
S = TypeVar("S", bound="LocalServer")


@dataclass
class Weights:
    """A model on disk. `tools`: whether its template has them. `calls`: whether it makes a call when asked to."""

    name: str
    most: int = 131_072
    loaded: bool = False
    chats: bool = True
    tools: bool = True
    calls: bool = True
    thinks: bool = False
    """Whether it thinks for longer than any room it's given."""
    num_ctx: int | None = None
    remote: bool = False
    lent: int | None = None
    """The window with which another program has loaded it."""


class Asked(NamedTuple):
    """One request."""

    method: str
    path: str
    body: Body


@dataclass
class LocalServer:
    """What the kinds have in common."""

    models: Sequence[Weights]
    window: int = 4096
    """Tokens that a model gets when it's loaded."""
    key: str | None = None
    url: str = ""
    asked: list[Asked] = field(default_factory=list[Asked])
    loads: list[str] = field(default_factory=list[str])
    released: asyncio.Event = field(default_factory=asyncio.Event)

    async def respond(self, request: web.Request) -> web.StreamResponse:
        body: Body = json.loads(await request.text() or "{}")
        self.asked.append(Asked(request.method, request.path_qs, body))
        if self.key and request.headers.get("Authorization") != f"Bearer {self.key}" and self.guarded(request.path):
            return web.json_response({"error": {"message": "Invalid API Key", "code": 401}}, status=401)
        return await self.answer(request, body)

    def guarded(self, path: str) -> bool:
        return path.startswith("/v1")

    @abstractmethod
    async def answer(self, request: web.Request, body: Body) -> web.StreamResponse: ...

    def of(self, name: object) -> Weights | None:
        return next((model for model in self.models if model.name == name), None)

    def load(self, model: Weights) -> None:
        if not model.loaded:
            self.loads.append(model.name)
        model.loaded, model.lent = True, None

    @property
    def chats(self) -> list[Body]:
        """The bodies of the chat requests."""
        return [one.body for one in self.asked if one.path.endswith("/chat/completions")]


def completion(model: Weights, body: Body) -> web.Response:
    """A reply in OpenAI's form: a call of the first tool, if the model makes calls."""
    message: Body = {"role": "assistant", "content": "Hello."}
    if body.get("tools") and model.calls:
        function = {"name": body["tools"][0]["function"]["name"], "arguments": "{}"}
        message = {"role": "assistant", "content": None, "tool_calls": [
            {"id": "call_1", "type": "function", "function": function}]}  # fmt: skip
    finish = "tool_calls" if "tool_calls" in message else "stop"
    if model.thinks:
        message, finish = {"role": "assistant", "content": None, "reasoning_content": "Hm. "}, "length"
    usage = {"prompt_tokens": 20, "completion_tokens": 5, "total_tokens": 25}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return web.json_response({"id": "c", "object": "chat.completion", "created": 1, "model": model.name,
                              "choices": [choice], "usage": usage})  # fmt: skip


def refused(status: int, message: str, kind: str = "invalid_request_error") -> web.Response:
    return web.json_response(
        {"error": {"message": message, "type": kind, "param": None, "code": status}}, status=status
    )


@asynccontextmanager
async def serving(server: S, host: str = "127.0.0.1", port: int = 0) -> AsyncGenerator[S]:
    """The server, running; it stops at the end of the block."""
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", server.respond)
    async with on_loopback(app, host, port) as server.url:
        try:
            yield server
        finally:
            server.released.set()


def port_of(url: str) -> int:
    """The port of a running server."""
    return urlsplit(url).port or 0
