"""What the real chat endpoint demands of a request, and how it words its answers. Pure."""

import json
import re
from typing import Any

import jsonschema

from agents.models.wire import FAILED
from orchestrator.domain.calls import Call, ToolSpec
from orchestrator.domain.ids import CallId, digest
from orchestrator.domain.talk import Message, Prompt, Reply, Returned, Said

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


def checked(body: Any, *, key: str | None, models: tuple[str, ...]) -> dict[str, Any]:
    """The body if it is right. Raises BadRequest."""
    if not key or not key.startswith("Bearer sk-test-"):
        raise BadRequest(401, f"Incorrect API key provided: {key}.", "invalid_api_key")
    if not isinstance(body, dict):
        raise BadRequest(400, "the body has to be an object")
    if unknown := set(body) - _FIELDS:
        raise BadRequest(400, f"Unrecognized request arguments supplied: {sorted(unknown)}")
    if body.get("model") not in models:
        raise BadRequest(404, f"The model `{body.get('model')}` does not exist", "model_not_found")
    _check_messages(body.get("messages"))
    for tool in body.get("tools", ()):
        _check_tool(tool)
    if "tool_choice" in body and not body.get("tools"):
        raise BadRequest(400, "'tool_choice' is only allowed when 'tools' are specified")
    if body.get("tools") == []:
        raise BadRequest(400, "[] is too short - 'tools'")
    return body


def _check_messages(messages: Any) -> None:
    if not isinstance(messages, list) or not messages:
        raise BadRequest(400, "'messages' has to be a list with at least one message")
    open_calls: set[str] = set()
    for number, message in enumerate(messages):
        role = message.get("role")
        if role not in ("system", "user", "assistant", "tool"):
            raise BadRequest(400, f"Invalid value: '{role}' in messages[{number}].role")
        if role == "tool":
            if message.get("tool_call_id") not in open_calls:
                raise BadRequest(400, f"messages[{number}] of role 'tool' must answer a preceding 'tool_calls'")
            open_calls.discard(message["tool_call_id"])
            continue
        if open_calls:
            raise BadRequest(400, f"tool_call_ids did not have response messages: {sorted(open_calls)}")
        if role == "assistant":
            open_calls = _check_calls(number, message)
        elif not isinstance(message.get("content"), str):
            raise BadRequest(400, f"Invalid type for messages[{number}].content")
    if open_calls:
        raise BadRequest(400, f"tool_call_ids did not have response messages: {sorted(open_calls)}")


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


def _check_tool(tool: Any) -> None:
    function = tool.get("function", {}) if tool.get("type") == "function" else {}
    name = function.get("name", "")
    if not _NAME.fullmatch(name):
        raise BadRequest(400, f"Invalid 'tools[].function.name': {name!r}")
    if set(function) - {"name", "description", "parameters", "strict"}:
        raise BadRequest(400, f"Unknown fields in tool {name!r}")
    parameters = function.get("parameters", {})
    try:
        jsonschema.Draft202012Validator.check_schema(parameters)
    except jsonschema.SchemaError as error:
        raise BadRequest(400, f"Invalid schema for function {name!r}: {error.message}") from error
    if parameters.get("type") != "object":
        raise BadRequest(400, f"Invalid schema for function {name!r}: schema must have type 'object'")


def prompt_of(body: dict[str, Any]) -> Prompt:
    """The request in our words, for a brain."""
    names: dict[str, str] = {}
    said: list[Message] = []
    for message in body["messages"]:
        content = message.get("content") or ""
        if message["role"] == "assistant":
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
    prompt = len(json.dumps(body["messages"])) // 4
    said = max(1, len(reply.model_dump_json()) // 4)
    return {"prompt_tokens": prompt, "completion_tokens": said, "total_tokens": prompt + said}
