"""What the real chat endpoint demands of a request, and how it words its answers. Pure."""

import base64
import hashlib
import io
import itertools
import json
import re
from functools import cache
from typing import Any, NamedTuple

import jsonschema
from PIL import Image

from agents.models.openai_format import FAILED
from orchestrator.domain.ids import CallId, Sha, digest
from orchestrator.domain.model_messages import Message, Prompt, Reply, Returned, Said
from orchestrator.domain.tool_calls import Call, ToolSpec

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FIELDS = {
    "model", "messages", "tools", "tool_choice", "stream", "stream_options", "parallel_tool_calls",
    "temperature", "max_tokens", "max_completion_tokens", "user", "seed", "stop", "response_format",
}  # fmt: skip


class BadRequest(Exception):
    """The request is not one that the real endpoint takes."""

    def __init__(self, status: int, message: str, code: str = "invalid_request_error") -> None:
        super().__init__(message)
        self.status, self.code = status, code

    def body(self) -> dict[str, Any]:
        return {"error": {"message": str(self), "type": "invalid_request_error", "code": self.code, "param": None}}


def checked(body: Any, *, key: str | None, models: tuple[str, ...], seeing: tuple[str, ...] = ()) -> dict[str, Any]:
    """The body if it is right. `seeing`: the models that take pictures. Raises BadRequest."""
    if not key or not key.startswith("Bearer sk-test-"):
        raise BadRequest(401, f"Incorrect API key provided: {key}.", "invalid_api_key")
    if not isinstance(body, dict):
        raise BadRequest(400, "the body has to be an object")
    if unknown := set(body) - _FIELDS:
        raise BadRequest(400, f"Unrecognized request arguments supplied: {sorted(unknown)}")
    if body.get("model") not in models:
        raise BadRequest(404, f"The model `{body.get('model')}` does not exist", "model_not_found")
    _check_messages(body.get("messages"), sees=body["model"] in seeing)
    for tool in body.get("tools", ()):
        _check_tool(tool)
    if "tool_choice" in body and not body.get("tools"):
        raise BadRequest(400, "'tool_choice' is only allowed when 'tools' are specified")
    if body.get("tools") == []:
        raise BadRequest(400, "[] is too short - 'tools'")
    return body


def _check_messages(messages: Any, *, sees: bool) -> None:
    if not isinstance(messages, list) or not messages:
        raise BadRequest(400, "'messages' has to be a list with at least one message")
    open_calls: set[str] = set()
    for number, message in enumerate(messages):
        role = message.get("role")
        if role not in ("system", "user", "assistant", "tool"):
            raise BadRequest(400, f"Invalid value: '{role}' in messages[{number}].role")
        if role == "tool":
            if not isinstance(message.get("content"), str):
                raise BadRequest(400, f"messages[{number}]: only text is supported in role 'tool'")
            if message.get("tool_call_id") not in open_calls:
                raise BadRequest(400, f"messages[{number}] of role 'tool' must answer a preceding 'tool_calls'")
            open_calls.discard(message["tool_call_id"])
            continue
        if open_calls:
            raise BadRequest(400, f"tool_call_ids did not have response messages: {sorted(open_calls)}")
        if role == "assistant":
            open_calls = _check_calls(number, message)
        elif role == "user" and isinstance(message.get("content"), list):
            _check_parts(number, message["content"], sees=sees)
        elif not isinstance(message.get("content"), str):
            raise BadRequest(400, f"Invalid type for messages[{number}].content")
    if open_calls:
        raise BadRequest(400, f"tool_call_ids did not have response messages: {sorted(open_calls)}")


def taking_turns(messages: Any) -> None:
    """What Mistral's server refuses beyond that. Raises BadRequest."""
    roles = [message["role"] for message in messages]
    for before, role in itertools.pairwise(roles):
        if role == "user" and before in ("user", "tool"):
            raise BadRequest(400, f"Unexpected role 'user' after role '{before}'", "invalid_request_message_order")


def _check_parts(number: int, parts: list[Any], *, sees: bool) -> None:
    if not parts:
        raise BadRequest(400, f"messages[{number}].content is empty")
    for part in parts:
        match part:
            case {"type": "text", "text": str()}:
                pass
            case {"type": "image_url", "image_url": {"url": str(url)}}:
                if not sees:
                    raise BadRequest(400, "Invalid content type. image_url is only supported by certain models.")
                try:
                    picture(url)
                except ValueError as error:
                    raise BadRequest(400, f"Invalid image data in messages[{number}]: {error}") from error
            case _:
                raise BadRequest(400, f"Invalid part in messages[{number}].content")


class Picture(NamedTuple):
    content: bytes
    media: str
    width: int
    height: int


def picture(url: str) -> Picture:
    """The picture in a data URL, decoded whole. Raises ValueError: another address, type, damage, or too large."""
    match = re.fullmatch(r"data:(image/(?:png|jpeg|gif|webp));base64,([A-Za-z0-9+/]+={0,2})", url)
    if match is None:
        raise ValueError(f"not a base64 data URL of a picture: {url[:40]!r}")
    content = base64.b64decode(match[2], validate=True)
    if len(match[2]) > 5 << 20:
        raise ValueError(f"{len(match[2])} bytes, more than 5 MB")
    try:
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            size, media = image.size, Image.MIME.get(image.format or "")
    except (OSError, SyntaxError) as error:
        raise ValueError(f"cannot be decoded: {error}") from error
    if media != match[1]:
        raise ValueError(f"it is {media} but says {match[1]}")
    if max(size) > 8000:
        raise ValueError(f"{size} is more than 8000 pixels")
    return Picture(content, match[1], *size)


def pictures(body: dict[str, Any]) -> list[Picture]:
    """Every picture of a request, in order."""
    parts = [p for m in body["messages"] if isinstance(m.get("content"), list) for p in m["content"]]
    return [picture(p["image_url"]["url"]) for p in parts if p["type"] == "image_url"]


def _check_calls(number: int, message: dict[str, Any]) -> set[str]:
    calls = message.get("tool_calls")
    if calls is None:
        if not isinstance(message.get("content"), str):
            raise BadRequest(400, f"messages[{number}]: content or tool_calls must be given")
        return set()
    ids = [call.get("id") for call in calls]
    if not calls or len(set(ids)) != len(ids):
        raise BadRequest(400, f"messages[{number}].tool_calls is empty or has an id twice")
    for call in calls:
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", call.get("id") or ""):
            raise BadRequest(400, f"messages[{number}].tool_calls: invalid id {call.get('id')!r}")
        function = call.get("function", {})
        if not _NAME.fullmatch(function.get("name", "")) or not isinstance(function.get("arguments"), str):
            raise BadRequest(400, f"messages[{number}].tool_calls: name or arguments are invalid")
        json.loads(function["arguments"])
    return set(ids)


@cache
def _wrong_schema(schema: str) -> str:
    """What is wrong with a JSON schema, or nothing. Kept, because each turn brings the same ones."""
    try:
        jsonschema.Draft202012Validator.check_schema(json.loads(schema))
    except jsonschema.SchemaError as error:
        return error.message
    return ""


def _check_tool(tool: Any) -> None:
    function = tool.get("function", {}) if tool.get("type") == "function" else {}
    name = function.get("name", "")
    if not _NAME.fullmatch(name):
        raise BadRequest(400, f"Invalid 'tools[].function.name': {name!r}")
    if set(function) - {"name", "description", "parameters", "strict"}:
        raise BadRequest(400, f"Unknown fields in tool {name!r}")
    parameters = function.get("parameters", {})
    if wrong := _wrong_schema(json.dumps(parameters)):
        raise BadRequest(400, f"Invalid schema for function {name!r}: {wrong}")
    if parameters.get("type") != "object":
        raise BadRequest(400, f"Invalid schema for function {name!r}: schema must have type 'object'")


def prompt_of(body: dict[str, Any]) -> Prompt:
    """The request in our words, for a brain."""
    names: dict[str, str] = {}
    said: list[Message] = []
    for message in body["messages"]:
        content = message.get("content") or ""
        if isinstance(content, list):
            said.append(_said(content))
        elif message["role"] == "assistant":
            calls = tuple(_call_of(raw) for raw in message.get("tool_calls") or ())
            names.update({c.id: c.tool for c in calls})
            said.append(Reply(text=content, calls=calls))
        elif message["role"] == "tool":
            ok = not content.startswith(FAILED)
            call = message["tool_call_id"]
            said.append(Returned(call=CallId(call), tool=names[call], text=content.removeprefix(FAILED), ok=ok))
        else:
            said.append(Said(role=message["role"], text=content))
    tools = tuple(_spec_of(tool["function"]) for tool in body.get("tools", ()))
    must = body.get("tool_choice") == "required"
    return Prompt(model=body["model"], messages=tuple(said), tools=tools, must_call=must)


def _said(parts: list[dict[str, Any]]) -> Said:
    """Words and pictures; the hashes are of what was really sent."""
    shown = [picture(p["image_url"]["url"]).content for p in parts if p["type"] == "image_url"]
    hashes = tuple(Sha(hashlib.sha256(content).hexdigest()) for content in shown)
    return Said(role="user", text="\n".join(p["text"] for p in parts if p["type"] == "text"), pictures=hashes)


def _call_of(raw: dict[str, Any]) -> Call:
    function = raw["function"]
    return Call(id=CallId(raw["id"]), tool=function["name"], args=json.loads(function["arguments"]))


def _spec_of(function: dict[str, Any]) -> ToolSpec:
    return ToolSpec(
        name=function["name"],
        description=function.get("description", ""),
        parameters=function.get("parameters", {}),
        effects=frozenset(),
    )


def completion(body: dict[str, Any], reply: Reply, fault: str) -> dict[str, Any]:
    """The whole answer at once."""
    message: dict[str, Any] = {"role": "assistant", "content": reply.text or None, "refusal": None}
    if reply.calls:
        message["tool_calls"] = [_call(body, call, number, fault) for number, call in enumerate(reply.calls)]
    choice = {"index": 0, "message": message, "finish_reason": _finish(reply), "logprobs": None}
    return {**_head(body, "chat.completion"), "choices": [choice], "usage": _usage(body, reply)}


def chunks(body: dict[str, Any], reply: Reply, fault: str) -> list[dict[str, Any]]:
    """The answer as a stream: words in pieces, arguments of calls in pieces, then usage."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"content": piece} for piece in re.findall(r"\S+\s*|\s+", reply.text)]
    for number, call in enumerate(reply.calls):
        whole = _call(body, call, number, fault)
        arguments = whole["function"]["arguments"]
        start = {**whole, "index": number, "function": {"name": call.tool, "arguments": ""}}
        deltas.append({"tool_calls": [start]})
        text = arguments if isinstance(arguments, str) else json.dumps(arguments)
        deltas += [
            {"tool_calls": [{"index": number, "function": {"arguments": text[at : at + 24]}}]}
            for at in range(0, len(text), 24)
        ]
    head = _head(body, "chat.completion.chunk")
    rows = [{**head, "choices": [{"index": 0, "delta": d, "finish_reason": None}]} for d in deltas]
    rows.append({**head, "choices": [{"index": 0, "delta": {}, "finish_reason": _finish(reply)}]})
    if body.get("stream_options", {}).get("include_usage"):
        rows.append({**head, "choices": [], "usage": _usage(body, reply)})
    return rows


def _call(body: dict[str, Any], call: Call, number: int, fault: str) -> dict[str, Any]:
    text: Any = json.dumps(call.args)
    if fault == "malformed-arguments":
        text = text[:-1] + ', "broken'
    elif fault == "dict-arguments":
        text = call.args
    name = digest(json.dumps(body["messages"]), str(number), length=20)
    given = None if fault == "no-ids" else f"call_{name}"
    return {"id": given, "type": "function", "function": {"name": call.tool, "arguments": text}}


def _head(body: dict[str, Any], kind: str) -> dict[str, Any]:
    name = digest(json.dumps(body["messages"]), length=20)
    return {"id": f"chatcmpl-{name}", "object": kind, "created": 1_700_000_000, "model": body["model"]}


def _finish(reply: Reply) -> str:
    return "tool_calls" if reply.calls else "stop"


def _usage(body: dict[str, Any], reply: Reply) -> dict[str, Any]:
    shown = pictures(body)
    words = len(json.dumps(body["messages"])) - sum(4 * -(-len(p.content) // 3) for p in shown)
    prompt = words // 4 + sum(p.width * p.height // 750 for p in shown)
    said = max(1, len(reply.model_dump_json()) // 4)
    return {"prompt_tokens": prompt, "completion_tokens": said, "total_tokens": prompt + said}
