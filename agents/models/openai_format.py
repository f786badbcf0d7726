"""Converts our conversation to OpenAI-style JSON, and a vendor's message to a Reply. Pure."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from agents.models import round_trip_fields, text_calls, thinking_text
from agents.models.cut_at_end_of_turn import own_turn
from agents.models.glued_arguments import apart
from agents.models.match_tool_name import tool_named
from agents.models.text_call_forms import Unclear
from orchestrator.domain import clean_outside_text
from orchestrator.domain.ids import CallId, Sha, digest
from orchestrator.domain.model_messages import Message, Prompt, Reply, Returned, Said
from orchestrator.domain.tool_calls import Call, ToolSpec

FAILED = "[failed] "
"""Prefix of a failed call's result; the format has no field for it."""


def short_id(call: CallId) -> str:
    """Nine letters and digits: the most that the strictest vendor accepts."""
    return digest(call, length=9)


BLIND = (
    "[You can't see pictures. Use the file's text (document_read, sheet_read, slides_read, browser_snapshot) and the "
    "checks; ask a person if appearance matters.]"
)
NO_THOUGHTS = "(made by another model)"
"""What a thinking model reads in place of the thoughts of a turn that isn't its own."""
GONE = "[{} of the pictures can no longer be shown; look again if you need them.]"


@dataclass(frozen=True)
class Reader:
    """The model that reads the conversation: the vendor's name for it, and litellm's name for the vendor.

    `takes_thoughts`: whether its server accepts earlier thoughts back. `wants_thoughts`: whether it refuses a turn with
    calls that comes without; such a turn is another model's.
    """

    model: str = ""
    provider: str = ""
    takes_thoughts: bool = True
    wants_thoughts: bool = False


def messages(
    prompt: Prompt, pictures: Mapping[Sha, str] | None = None, *, reader: Reader | None = None
) -> list[dict[str, Any]]:
    """Returns the conversation. `pictures` are data URLs by hash; None if the model can't see (it gets a note)."""
    return [_message(m, pictures, reader or Reader()) for m in prompt.messages]


def alternating(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns the same with alternating turns: joins adjacent user messages and puts a word between a tool and a
    user."""
    turns: list[dict[str, Any]] = []
    for message in messages:
        before = turns[-1]["role"] if turns else ""
        if message["role"] == before == "user":
            turns[-1] = {"role": "user", "content": [*_parts(turns[-1]), *_parts(message)]}
            continue
        if message["role"] == "user" and before == "tool":
            turns.append({"role": "assistant", "content": "I see."})
        turns.append(message)
    return turns


def without_system(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns the same without system messages: the user's first message starts with their text."""
    told = [part for m in messages if m["role"] == "system" for part in _parts(m)]
    rest = [m for m in messages if m["role"] != "system"]
    if not told or not rest or rest[0]["role"] != "user":
        return [{"role": "user", "content": told}, *rest] if told else rest
    text = "\n\n".join(part["text"] for part in told)
    first = rest[0]["content"]
    content = f"{text}\n\n{first}" if isinstance(first, str) else [{"type": "text", "text": text}, *first]
    return [{"role": "user", "content": content}, *rest[1:]]


def _parts(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    content: Any = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def shows(prompt: Prompt) -> bool:
    """Returns whether it contains a picture."""
    return any(isinstance(m, Said) and m.pictures for m in prompt.messages)


def tools(specs: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    """Returns the tools' schemas in the vendor's format."""
    return [
        {
            "type": "function",
            "function": {"name": spec.name, "description": spec.description, "parameters": spec.parameters},
        }
        for spec in specs
    ]


def _message(message: Message, pictures: Mapping[Sha, str] | None, reader: Reader) -> dict[str, Any]:
    match message:
        case Said(role=role):
            return {"role": role, "content": _content(message, pictures)}
        case Returned(call=call, text=text, ok=ok):
            return {"role": "tool", "tool_call_id": short_id(call), "content": text if ok else FAILED + text}
        case Reply():
            return _reply(message, reader)


def _reply(reply: Reply, reader: Reader) -> dict[str, Any]:
    baggage = reply.baggage if reader.takes_thoughts else None
    said: dict[str, Any] = {"role": "assistant", "content": reply.text or None}
    if reply.calls:
        said["tool_calls"] = [
            _call(call) | round_trip_fields.call_fields(baggage, reader.model, number)
            for number, call in enumerate(reply.calls)
        ]
    elif not reply.text:
        said["content"] = ""
    said |= round_trip_fields.message_fields(baggage, reader.model, reader.provider)
    if reader.wants_thoughts and reply.calls:
        said.setdefault("reasoning_content", NO_THOUGHTS)
    return said


def _content(said: Said, pictures: Mapping[Sha, str] | None) -> str | list[dict[str, Any]]:
    """Returns text, or text and pictures in parts.

    Only messages of the user may have parts with pictures: OpenAI's format takes text alone from a tool, and litellm
    turns a tool's pictures into something else for some vendors and passes them on to be refused for others.
    """
    if not said.pictures:
        return said.text
    if pictures is None:
        return f"{said.text}\n{BLIND}"
    urls = [pictures[sha] for sha in said.pictures if sha in pictures]
    gone = len(said.pictures) - len(urls)
    text = f"{said.text}\n{GONE.format(gone)}" if gone else said.text
    return [{"type": "text", "text": text}, *({"type": "image_url", "image_url": {"url": url}} for url in urls)]


def _call(call: Call) -> dict[str, Any]:
    arguments = json.dumps(call.args, ensure_ascii=False)
    return {
        "id": short_id(call.id),
        "type": "function",
        "function": {"name": call.tool, "arguments": arguments},
    }


@dataclass(frozen=True)
class ReadReply:
    """Returns what could be parsed of a vendor's message, and what was wrong with it (empty if nothing).

    `cut`: whether it ends in the middle.
    """

    reply: Reply
    problem: str = ""
    cut: bool = False


def read(message: Mapping[str, Any], tools: Collection[str] = ()) -> ReadReply:
    """Converts a vendor's message to a Reply. Accepts arguments that are already an object, missing or duplicate ids,
    calls of these tools written into the text, and thoughts left in it."""
    calls: list[Call] = []
    for number, raw in enumerate(_calls_of(message)):
        function: Mapping[str, Any] = raw.get("function") or {}
        name = tool_named(clean_outside_text.text(str(function.get("name") or "")), tools)
        rows, problem = _arguments(function.get("arguments"))
        if problem:
            return ReadReply(Reply(), f"the arguments to {name!r} are {problem}", cut=_cut_off(function["arguments"]))
        for args in rows:
            given, used = clean_outside_text.text(str(raw.get("id") or "")), {c.id for c in calls}
            own = CallId(given) if given and given not in used else _new_id(number, used)
            calls.append(Call(id=own, tool=name, args=args))
    thoughts, text = thinking_text.separated(_text(message.get("content")))
    text = own_turn(text)
    if not calls:
        try:
            text, written = text_calls.read(text, tools)
        except Unclear as error:
            return ReadReply(Reply(), str(error))
        calls += written
    if not calls and not text.strip():
        only = thoughts or message.get("reasoning_content") or message.get("thinking_blocks")
        return ReadReply(
            Reply(), "it contained only reasoning, with no text and no tool call" if only else "it was empty"
        )
    return ReadReply(Reply(text=text.strip(), calls=tuple(calls)))


def _new_id(number: int, used: Collection[CallId]) -> CallId:
    names = (CallId(f"call-{number}{more and f'-{more}'}") for more in ("", *map(str, range(1, len(used) + 1))))
    return next(name for name in names if name not in used)


def _calls_of(message: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """Returns the calls; one in the older form counts if there is no other."""
    older = message.get("function_call")
    return message.get("tool_calls") or ([{"function": older}] if older else [])


def _cut_off(raw: object) -> bool:
    """Returns whether this JSON only lacks its end."""
    if not isinstance(raw, str):
        return False
    try:
        json.loads(raw)
    except json.JSONDecodeError as error:
        return error.pos >= len(raw.rstrip()) or "Unterminated string" in error.msg
    except (RecursionError, ValueError):
        return False
    return False


def _text(content: object) -> str:
    """Returns the text of a message; some servers send it in parts."""
    if isinstance(content, list):
        return clean_outside_text.text(thinking_text.parts_text(cast("list[Any]", content)))
    return clean_outside_text.text(str(content or ""))


def _apart(raw: str) -> Sequence[dict[str, Any]]:
    """Returns the arguments of several calls that were glued together; empty if they aren't that, or unfit."""
    try:
        return [cast("dict[str, Any]", clean_outside_text.data(row)) for row in apart(raw)]
    except clean_outside_text.Unfit:
        return []


def _arguments(raw: object) -> tuple[Sequence[dict[str, Any]], str]:
    """Returns the arguments: of one call, or of several that a server glued together."""
    if raw is None or (isinstance(raw, str) and raw.strip() in ("", "null")):
        return [{}], ""
    try:
        found = clean_outside_text.parsed(raw) if isinstance(raw, str) else clean_outside_text.data(raw)
        if isinstance(found, str) and found.strip():  # encoded twice, as some servers do
            found = clean_outside_text.parsed(found)
    except clean_outside_text.Unfit as error:
        rows: Sequence[dict[str, Any]] = _apart(raw) if isinstance(raw, str) else []
        return rows, "" if rows else f"{error}: {_quoted(raw)}"
    if found is None or found == "":
        return [{}], ""
    if not isinstance(found, dict):
        return [], f"not a JSON object: {_quoted(raw)}"
    return [cast("dict[str, Any]", found)], ""


def _quoted(raw: object) -> str:
    return repr(clean_outside_text.text(raw if isinstance(raw, str) else type(raw).__name__)[:120])
