"""Answers of servers in the three protocols, each whole or as a stream."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Protocol = Literal["openai", "anthropic", "gemini"]
_PIECE = 7
"""Characters in a piece of a stream: small enough to cut through every mark."""


@dataclass(frozen=True)
class Refused:
    """An error of the server."""

    status: int
    message: str
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    more: Mapping[str, Any] = field(default_factory=dict[str, Any])

    def body(self, protocol: Protocol) -> dict[str, Any]:
        error = {"message": self.message, "type": "invalid_request_error", "code": self.status, **self.more}
        return {"type": "error", "error": error} if protocol == "anthropic" else {"error": error}


@dataclass(frozen=True)
class Raw:
    """A stream, event by event; `whole` is what the same server answers without one."""

    events: tuple[dict[str, Any], ...]
    whole: dict[str, Any]
    done: bool = True


@dataclass(frozen=True)
class Plain:
    """A successful response with this body, whether or not a stream was asked for: JSON, or a page."""

    body: Any


@dataclass(frozen=True)
class Slow:
    """Signs of life, one `every` so many seconds, and then the answer."""

    said: "Said"
    signs: int
    every: float


@dataclass(frozen=True)
class Broken:
    """The first part of an answer, after which the connection is reset, goes silent, or ends as if all were well.
    `share`: of the pieces of a stream."""

    said: "Said"
    how: Literal["reset", "silent", "closed"] = "reset"
    share: float = 0.8


@dataclass(frozen=True)
class Said:
    """An answer with the protocol's own message: OpenAI's message, Anthropic's blocks, Gemini's parts."""

    message: Mapping[str, Any] = field(default_factory=dict[str, Any])
    blocks: Sequence[Mapping[str, Any]] = ()
    finish: str | None = "stop"

    def whole(self, protocol: Protocol) -> dict[str, Any]:
        if protocol == "anthropic":
            return {**_ANTHROPIC, "content": [*self.blocks], "stop_reason": self.finish}
        if protocol == "gemini":
            return _gemini(self.blocks, self.finish)
        choice = {"index": 0, "message": {"role": "assistant", **self.message}, "finish_reason": self.finish}
        return {
            "id": "c1",
            "object": "chat.completion",
            "created": 1,
            "model": "m",
            "choices": [choice],
            "usage": _USED,
        }

    def stream(self, protocol: Protocol) -> list[str]:
        if protocol == "anthropic":
            return [f"event: {e['type']}\ndata: {json.dumps(e)}\n\n" for e in _anthropic_events(self)]
        if protocol == "gemini":
            return [f"data: {json.dumps(row)}\r\n\r\n" for row in _gemini_events(self)]
        return sse([*openai_chunks(self.message, self.finish), usage_chunk()])


_USED = {"prompt_tokens": 50, "completion_tokens": 40, "total_tokens": 90}
_ANTHROPIC: Mapping[str, Any] = {
    "id": "msg_1", "type": "message", "role": "assistant", "model": "m", "stop_sequence": None,
    "usage": {"input_tokens": 50, "output_tokens": 40},
}  # fmt: skip


def _gemini(parts: Sequence[Mapping[str, Any]], finish: str | None) -> dict[str, Any]:
    used = {"promptTokenCount": 50, "candidatesTokenCount": 40, "totalTokenCount": 90}
    row: dict[str, Any] = {"content": {"role": "model", "parts": [*parts]}, "index": 0}
    row |= {"finishReason": finish} if finish else {}
    return {"candidates": [row], "usageMetadata": used}


def _gemini_events(said: Said) -> list[dict[str, Any]]:
    """Plain words come in pieces; everything else as a whole, with the end."""
    if not (said.blocks and set(said.blocks[0]) == {"text"}):
        return [_gemini(said.blocks, said.finish)]
    text: str = said.blocks[0]["text"]
    pieces = [text[at : at + 40] for at in range(0, len(text), 40)]
    rows = [_gemini([{"text": piece}], None) for piece in pieces[:-1]]
    return [*rows, _gemini([{"text": pieces[-1]}, *said.blocks[1:]], said.finish)]


def chunk(delta: Mapping[str, Any], finish: str | None = None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m", "choices": [choice]}


def usage_chunk() -> dict[str, Any]:
    return {**chunk({}), "choices": [], "usage": _USED}


def sse(events: Sequence[Mapping[str, Any]], *, done: bool = True) -> list[str]:
    return [f"data: {json.dumps(e)}\n\n" for e in events] + (["data: [DONE]\n\n"] if done else [])


def openai_chunks(message: Mapping[str, Any], finish: str | None) -> list[dict[str, Any]]:
    """Words, thoughts and arguments in pieces that cut through marks."""
    rows = [chunk({"role": "assistant", "content": ""})]
    for name in ("reasoning_content", "reasoning", "refusal", "content"):
        if isinstance(text := message.get(name), str):
            rows += [chunk({name: text[at : at + _PIECE]}) for at in range(0, len(text), _PIECE)]
        elif text is not None:
            rows.append(chunk({name: text}))
    rows += [chunk({name: message[name]}) for name in ("reasoning_details", "thinking_blocks") if name in message]
    if "function_call" in message:
        rows.append(chunk({"function_call": message["function_call"]}))
    given: Sequence[Mapping[str, Any]] = message.get("tool_calls") or ()
    for number, one in enumerate(given):
        arguments: Any = one["function"].get("arguments")
        start: dict[str, Any] = {**one, "index": number, "function": {**one["function"], "arguments": ""}}
        rows.append(chunk({"tool_calls": [start]}))
        if isinstance(arguments, str):
            pieces = [arguments[at : at + _PIECE] for at in range(0, len(arguments), _PIECE)]
            rows += [chunk({"tool_calls": [{"index": number, "function": {"arguments": p}}]}) for p in pieces]
    return [*rows, chunk({}, finish)]


def _anthropic_events(said: Said) -> list[dict[str, Any]]:
    start: dict[str, Any] = {**_ANTHROPIC, "content": [], "stop_reason": None}
    rows: list[dict[str, Any]] = [{"type": "message_start", "message": start}]
    for number, block in enumerate(said.blocks):
        at = {"index": number}
        rows.append({"type": "content_block_start", **at, "content_block": _empty(block)})
        rows += [{"type": "content_block_delta", **at, "delta": delta} for delta in _deltas(block)]
        rows.append({"type": "content_block_stop", **at})
    end = {"stop_reason": said.finish, "stop_sequence": None}
    return [*rows, {"type": "message_delta", "delta": end, "usage": {"output_tokens": 40}}, {"type": "message_stop"}]


def _empty(block: Mapping[str, Any]) -> Mapping[str, Any]:
    match block["type"]:
        case "text":
            return {"type": "text", "text": ""}
        case "thinking":
            return {"type": "thinking", "thinking": "", "signature": ""}
        case "tool_use":
            return {**block, "input": {}}
        case _:
            return block


def _deltas(block: Mapping[str, Any]) -> list[dict[str, Any]]:
    match block["type"]:
        case "text":
            return [{"type": "text_delta", "text": block["text"]}]
        case "thinking":
            half = len(block["thinking"]) // 2
            parts = [block["thinking"][:half], block["thinking"][half:]]
            thoughts = [{"type": "thinking_delta", "thinking": part} for part in parts]
            return [*thoughts, {"type": "signature_delta", "signature": block["signature"]}]
        case "tool_use":
            return [{"type": "input_json_delta", "partial_json": json.dumps(block["input"])}]
        case _:
            return []


Answer = Said | Refused | Raw | Broken | Plain | Slow


def words(text: str, *, finish: str | None = "stop", **more: Any) -> Said:
    """Plain words in OpenAI's protocol; `more`: other fields of the message."""
    return Said({"content": text, **more}, finish=finish)


def call(tool: str, arguments: object, *, name: str | None = "c1", **more: Any) -> dict[str, Any]:
    """One call in OpenAI's protocol; arguments that aren't text are sent as JSON in a text."""
    text = arguments if isinstance(arguments, str) or arguments is None else json.dumps(arguments)
    return {"id": name, "type": "function", "function": {"name": tool, "arguments": text}, **more}


def calls(*rows: Mapping[str, Any], text: str | None = None, finish: str | None = "tool_calls", **more: Any) -> Said:
    """Calls in OpenAI's protocol."""
    return Said({"content": text, "tool_calls": [*rows], **more}, finish=finish)
