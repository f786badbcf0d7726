"""Our conversation as OpenAI-style JSON, and a vendor's message back as a Reply. Pure."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from orchestrator.domain import foreign
from orchestrator.domain.calls import Call, ToolSpec
from orchestrator.domain.ids import CallId, Sha, digest
from orchestrator.domain.talk import Message, Prompt, Reply, Returned, Said

FAILED = "[failed] "
"""Stands before the result of a call that did not succeed; the format itself has no place for it."""


def short_id(call: CallId) -> str:
    """Nine letters and digits: all that the strictest vendor takes."""
    return digest(call, length=9)


BLIND = (
    "[You cannot see pictures. Use the text of the file (document_read, sheet_read, slides_read, browser_snapshot) "
    "and what the checks say; ask a person where looks matter.]"
)
GONE = "[{} of the pictures cannot be shown any more; look again if you need them.]"


def messages(prompt: Prompt, pictures: Mapping[Sha, str] | None = None) -> list[dict[str, Any]]:
    """The conversation. `pictures` are data URLs by hash; None: the model cannot see, and is told so."""
    return [_message(m, pictures) for m in prompt.messages]


def alternating(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The same for servers that want turns: neighbours of the user in one message, a word between a tool and a user."""
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


def _parts(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    content: Any = message["content"]
    return [{"type": "text", "text": content}] if isinstance(content, str) else content


def shows(prompt: Prompt) -> bool:
    """Whether there is a picture in it."""
    return any(isinstance(m, Said) and m.pictures for m in prompt.messages)


def tools(specs: Sequence[ToolSpec]) -> list[dict[str, Any]]:
    """The tools' schemas as a vendor takes them."""
    return [
        {
            "type": "function",
            "function": {"name": spec.name, "description": spec.description, "parameters": spec.parameters},
        }
        for spec in specs
    ]


def _message(message: Message, pictures: Mapping[Sha, str] | None) -> dict[str, Any]:
    match message:
        case Said(role=role):
            return {"role": role, "content": _content(message, pictures)}
        case Returned(call=call, text=text, ok=ok):
            return {"role": "tool", "tool_call_id": short_id(call), "content": text if ok else FAILED + text}
        case Reply(text=text, calls=calls):
            said: dict[str, Any] = {"role": "assistant", "content": text or None}
            if calls:
                said["tool_calls"] = [_call(c) for c in calls]
            elif not text:
                said["content"] = ""
            return said


def _content(said: Said, pictures: Mapping[Sha, str] | None) -> str | list[dict[str, Any]]:
    """Words, or words and pictures in parts.

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
class Read:
    """What could be read of a vendor's message, and what was wrong with it (empty: nothing)."""

    reply: Reply
    problem: str = ""


def read(message: Mapping[str, Any]) -> Read:
    """A vendor's message as a Reply. Forgives arguments that are an object already, and missing or doubled ids."""
    calls: list[Call] = []
    for number, raw in enumerate(message.get("tool_calls") or ()):
        function = raw.get("function") or {}
        name = foreign.text(str(function.get("name") or ""))
        args, problem = _arguments(function.get("arguments"))
        if problem:
            return Read(Reply(), f"the arguments of {name!r} are {problem}")
        given = foreign.text(str(raw.get("id") or ""))
        used = {c.id for c in calls}
        calls.append(Call(id=CallId(given if given and given not in used else f"call-{number}"), tool=name, args=args))
    text = _text(message.get("content"))
    if not calls and not text.strip():
        return Read(Reply(), "it was empty")
    return Read(Reply(text=text, calls=tuple(calls)))


def _text(content: object) -> str:
    """Words of a message; some servers send them in parts."""
    if isinstance(content, list):
        parts = cast("list[dict[str, Any]]", content)
        return foreign.text("".join(str(part.get("text") or "") for part in parts))
    return foreign.text(str(content or ""))


def _arguments(raw: object) -> tuple[dict[str, Any], str]:
    if raw is None or raw == "":
        return {}, ""
    try:
        found = foreign.parsed(raw) if isinstance(raw, str) else foreign.data(raw)
        if isinstance(found, str):  # encoded twice, as some servers do
            found = foreign.parsed(found)
    except foreign.Unfit as error:
        return {}, f"{error}: {_quoted(raw)}"
    if not isinstance(found, dict):
        return {}, f"not a JSON object: {_quoted(raw)}"
    return cast("dict[str, Any]", found), ""


def _quoted(raw: object) -> str:
    return repr(foreign.text(raw if isinstance(raw, str) else type(raw).__name__)[:120])
