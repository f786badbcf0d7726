"""A strict local server in Anthropic's protocol that keeps what was marked of a prompt, and bills as the real one does.

A mark makes it keep the prompt up to there. A prompt is read from what was kept if, up to one of its own marks or at
most twenty blocks before one, it is the same. Below a least size nothing is kept.
"""

import json
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from aiohttp import web

from orchestrator.domain.ids import digest
from orchestrator.domain.model_messages import Prompt, Reply, Said
from orchestrator.domain.tool_calls import ToolSpec
from tests.loopback_app import on_loopback
from tests.model_server import Brain

MOST_MARKS = 4
LOOKBACK = 20
LEAST = 1024


class Block(NamedTuple):
    """A piece of a prompt. `upto`: a hash of the prompt up to and with it."""

    upto: str
    tokens: int
    marked: bool


class Bill(NamedTuple):
    """Tokens of one prompt: read at full price, kept, and read from what was kept before."""

    fresh: int
    written: int
    cached: int


@dataclass
class CachingVendor:
    """What tests look at."""

    brain: Brain
    takes_marks: bool = True
    url: str = ""
    bills: list[Bill] = field(default_factory=list[Bill])
    prompts: list[list[Block]] = field(default_factory=list[list[Block]])
    bodies: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    refused: list[str] = field(default_factory=list[str])
    _kept: set[str] = field(default_factory=set[str])

    async def messages(self, request: web.Request) -> web.StreamResponse:
        body: dict[str, Any] = await request.json()
        blocks = list(_blocks(body))
        marks = sum(block.marked for block in blocks)
        problem = f"A maximum of {MOST_MARKS} blocks with cache_control may be provided. Found {marks}."
        if marks > MOST_MARKS or (marks and not self.takes_marks):
            words = problem if self.takes_marks else "cache_control: Extra inputs are not permitted"
            self.refused.append(words)
            error = {"type": "error", "error": {"type": "invalid_request_error", "message": words}}
            return web.json_response(error, status=400)
        self.bodies.append(body)
        self.prompts.append(blocks)
        self.bills.append(self._bill(blocks))
        return await _stream(request, _events(await self.brain(_prompt(body)), self.bills[-1]))

    def _bill(self, blocks: list[Block]) -> Bill:
        marks = [i for i, block in enumerate(blocks) if block.marked]
        near = {i for mark in marks for i in range(max(0, mark - LOOKBACK), mark + 1)}
        hit = max((i for i in near if blocks[i].upto in self._kept), default=-1)
        end = marks[-1] if marks else -1
        self._kept |= {blocks[i].upto for i in marks if _tokens(blocks[: i + 1]) >= LEAST}
        cached = _tokens(blocks[: hit + 1])
        written = _tokens(blocks[hit + 1 : end + 1]) if _tokens(blocks[: end + 1]) >= LEAST else 0
        return Bill(_tokens(blocks) - cached - written, written, cached)

    def reusable(self) -> float:
        """Returns the share of all prompts' tokens with which the same prompt before them began."""
        same = 0
        for before, after in zip(self.prompts, self.prompts[1:], strict=False):
            known = {block.upto for block in before}
            same += sum(block.tokens for block in after if block.upto in known)
        return same / sum(_tokens(prompt) for prompt in self.prompts)


def _tokens(blocks: list[Block]) -> int:
    return sum(block.tokens for block in blocks)


def _blocks(body: dict[str, Any]) -> Iterator[Block]:
    """Yields tools, system and messages in the order in which the vendor reads them."""
    upto = ""
    for part in _parts(body):
        plain = {k: v for k, v in part.items() if k != "cache_control"}
        text = json.dumps(plain, sort_keys=True)
        upto = digest(upto, text, length=32)
        if "cache_control" in part and part.get("type") == "text" and not part["text"]:
            raise web.HTTPBadRequest(text="cache_control cannot be set for empty text blocks")
        yield Block(upto, max(1, len(text) // 4), "cache_control" in part)


def _parts(body: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield from body.get("tools", ())
    yield from _content(body.get("system", ()))
    for message in body["messages"]:
        yield from ({**part, "role": message["role"]} for part in _content(message["content"]))


def _content(content: Any) -> list[dict[str, Any]]:
    return [{"type": "text", "text": content}] if isinstance(content, str) else list(content)


def _prompt(body: dict[str, Any]) -> Prompt:
    """Returns what a brain may look at: the tools' names, and the last thing that the user said."""
    last = _content(body["messages"][-1]["content"])[-1]
    tools = tuple(
        ToolSpec(name=tool["name"], description="", parameters={}, effects=frozenset())
        for tool in body.get("tools", ())
    )
    return Prompt(model=body["model"], messages=(Said(role="user", text=str(last.get("text", ""))),), tools=tools)


def _events(reply: Reply, bill: Bill) -> Iterator[dict[str, Any]]:
    usage = {
        "input_tokens": bill.fresh,
        "cache_creation_input_tokens": bill.written,
        "cache_read_input_tokens": bill.cached,
        "output_tokens": 1,
    }
    message = {"id": "msg_1", "type": "message", "role": "assistant", "model": "m", "content": [], "usage": usage}
    yield {"type": "message_start", "message": {**message, "stop_reason": None, "stop_sequence": None}}
    parts: list[tuple[dict[str, Any], dict[str, Any]]] = []
    if reply.text:
        parts.append(({"type": "text", "text": ""}, {"type": "text_delta", "text": reply.text}))
    for number, call in enumerate(reply.calls):
        start = {"type": "tool_use", "id": f"toolu_{number}_{bill.cached}", "name": call.tool, "input": {}}
        parts.append((start, {"type": "input_json_delta", "partial_json": json.dumps(call.args)}))
    for index, (start, delta) in enumerate(parts):
        yield {"type": "content_block_start", "index": index, "content_block": start}
        yield {"type": "content_block_delta", "index": index, "delta": delta}
        yield {"type": "content_block_stop", "index": index}
    stop = "tool_use" if reply.calls else "end_turn"
    said = max(1, len(reply.model_dump_json()) // 4)
    yield {
        "type": "message_delta",
        "delta": {"stop_reason": stop, "stop_sequence": None},
        "usage": {"output_tokens": said},
    }
    yield {"type": "message_stop"}


async def _stream(request: web.Request, events: Iterator[dict[str, Any]]) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    for event in events:
        await response.write(f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode())
    await response.write_eof()
    return response


@asynccontextmanager
async def caching(brain: Brain) -> AsyncGenerator[CachingVendor]:
    """A running server on loopback; it stops at the end of the block."""
    vendor = CachingVendor(brain)
    app = web.Application(client_max_size=64 * 1024**2)
    app.router.add_post("/v1/messages", vendor.messages)
    async with on_loopback(app) as vendor.url:
        yield vendor
