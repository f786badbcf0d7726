"""Learns what a model's server refuses or demands beyond the format, so that it is asked wrongly only once. Pure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from agents.models.classify_error_text import says_template, trouble
from agents.models.overflow_error_text import prompt_in, window_in
from agents.models.read_vendor_error import VendorFault
from agents.models.thinking_text import unopened

_THOUGHTS = re.compile(r"reasoning(_content|_details)?\b|thinking|thought|signature|extra_content")
_EFFORT = re.compile(
    r"effort|thinking[ _]?(?:budget|level|mode)|budget[ _]tokens|budget \d+ is invalid|(?:thinking|reasoning) is not"
    r"|not support (?:thinking|reasoning)"
)
_NEEDED = re.compile(r"missing|required|must|passed back|provide")
_ROOM = (
    "max_tokens",
    "max_completion_tokens",
    "maxtokens",
    "max_new_tokens",
    "maxoutputtokens",
    "max_output_tokens",
    "completion",
)
_STREAM_OPTIONS = re.compile(r"stream[_ ]?options|include_usage")
_NO_FIELD = re.compile(
    r"unsupported|unrecognized|unknown|unexpected|extra (?:inputs|fields)|extra_forbidden|not (?:permitted|supported"
    r"|allowed|recognized)|invalid (?:param|argument|field)|additional propert"
)
_NO_SYSTEM = re.compile(
    r"system\W{1,3}(?:role|messages?|prompts?|instructions?)?[^.]{0,40}(?:not|n't|un) ?(?:be )?(?:supported|allowed"
    r"|enabled|permitted|accepted|available|valid)|developer instruction is not"
    r"|(?:unsupported|unknown|invalid) role\W+system"
    r"|only (?:supports? )?(?:the )?user(?:,| and| or) (?:assistant|model)|not support\w* (?:the )?\W?system"
)
_NUMBER = re.compile(r"\d[\d,_]*")
LEAST_ROOM = 256


@dataclass(frozen=True)
class ServerHabits:
    """One model's server. The defaults are what the format allows."""

    forces: bool = True
    """Whether it accepts a required tool call; if not, requests omit it."""
    takes_system: bool = True
    """Whether it accepts a system message; if not, the first message of the user starts with it."""
    left_out: frozenset[str] = frozenset()
    """Optional fields that it has refused."""
    alternates: bool = False
    """Whether user and assistant have to take turns."""
    sees: bool = True
    """Whether it accepts pictures, whatever the table says; if not, the model gets a note that it can't see."""
    streams: bool = True
    """Whether it streams; if not, its replies are bounded by length instead of silence."""
    ends_well: bool = False
    """Whether its streams end with a reason; one that doesn't has then broken off."""
    takes_thoughts: bool = True
    """Whether it accepts earlier thoughts back."""
    wants_thoughts: bool = False
    """Whether it demands thoughts with every turn that has calls."""
    refused_efforts: frozenset[str] = frozenset()
    """Thinking efforts that it has refused."""
    takes_marks: bool = True
    """Whether it accepts marks of what to keep of a prompt."""
    thinks_aloud: bool | None = None
    """Whether its replies start with thoughts that only have an end mark, which a template can cause. Not known before
    the first reply, so people don't read that one while it is written."""
    room_field: str = "max_tokens"
    """What it calls the limit of a reply."""
    most_room: int | None = None
    """The largest limit it accepts, once it has refused one."""


def after_reply(habits: ServerHabits, text: str) -> ServerHabits:
    """Returns what a whole reply teaches; once seen, such thoughts are expected of every reply."""
    aloud = bool(habits.thinks_aloud) or unopened(text)
    return habits if habits.thinks_aloud == aloud else replace(habits, thinks_aloud=aloud)


def learned(habits: ServerHabits, fault: VendorFault, request: Mapping[str, Any], *, pictures: bool) -> ServerHabits:
    """Returns what this refusal of a request, made with these habits, teaches; the same habits if it's nothing new.

    `pictures`: whether the request held any.
    """
    text = fault.words
    if "cache_control" in text or "cachepoint" in text:
        return replace(habits, takes_marks=False)
    if (effort := request.get("reasoning_effort")) and _EFFORT.search(text):
        return replace(habits, refused_efforts=habits.refused_efforts | {effort})
    if _forced(request) and "tool_choice" in text:
        return replace(habits, forces=False)
    if (better := _about_roles(habits, text, request)) != habits:
        return better
    if (field := _field_named(habits, text, request)) is not None:
        return replace(habits, left_out=habits.left_out | {field})
    if habits.room_field in request and any(word in text for word in _ROOM):
        return _about_room(habits, text, int(request[habits.room_field]))
    if _THOUGHTS.search(text) and (better := _about_thoughts(habits, text, request)) != habits:
        return better
    if pictures and any(word in text for word in ("image", "vision", "multimodal", "picture")):
        return replace(habits, sees=False)
    if habits.streams and re.search(r"\bstream(ing|ed)?\b", text):
        return replace(habits, streams=False)
    return replace(habits, forces=False) if _forced(request) and _unexplained(fault) else habits


def _unexplained(fault: VendorFault) -> bool:
    """Returns whether this may be about a forced call; some servers call that an internal error."""
    if trouble(fault.status, fault.words) is not None:
        return False
    return fault.status in (400, 422) or says_template(fault.words)


def _field_named(habits: ServerHabits, text: str, request: Mapping[str, Any]) -> str | None:
    """Returns the optional field of the request that the refusal names, if it isn't one to send differently."""
    if habits.streams and "stream_options" not in habits.left_out and _STREAM_OPTIONS.search(text):
        return "stream_options"
    room = habits.room_field
    if room in request and re.search(rf"\b{room}\b", text) and _NO_FIELD.search(text) and "instead" not in text:
        return room
    return None


def _about_roles(habits: ServerHabits, text: str, request: Mapping[str, Any]) -> ServerHabits:
    order = "unexpected role" in text or "must alternate" in text
    if order and not habits.alternates:
        return replace(habits, alternates=True)
    if (order or _NO_SYSTEM.search(text)) and any(m["role"] == "system" for m in request["messages"]):
        return replace(habits, takes_system=False)
    return habits


def _forced(request: Mapping[str, Any]) -> bool:
    return "tool_choice" in request or "tool_choice" in request.get("extra_body", {})


def _about_room(habits: ServerHabits, text: str, asked: int) -> ServerHabits:
    if habits.room_field == "max_tokens" and "max_completion_tokens" in text and "instead" in text:
        return replace(habits, room_field="max_completion_tokens")
    most = room_left(text, asked)
    return habits if most is None else replace(habits, most_room=most)


def _about_thoughts(habits: ServerHabits, text: str, request: Mapping[str, Any]) -> ServerHabits:
    turns = [m for m in request["messages"] if m["role"] == "assistant"]
    bare = any(m.get("tool_calls") and "reasoning_content" not in m for m in turns)
    if bare and "reasoning_content" in text and _NEEDED.search(text):
        return replace(habits, wants_thoughts=True)
    return replace(habits, takes_thoughts=False) if any(map(_carries, turns)) else habits


def _carries(message: Mapping[str, Any]) -> bool:
    plain = {"role", "content", "tool_calls"}
    calls = message.get("tool_calls") or ()
    return bool(set(message) - plain) or any(set(call) - {"id", "type", "function"} for call in calls)


def room_left(text: str, asked: int) -> int | None:
    """Returns the largest limit of a reply that a refusal of `asked` tokens allows, if it says so in numbers.

    It names the window and the tokens of the prompt, which leave the rest, or else the model's limit.
    """
    window, prompt = window_in(text), prompt_in(text)
    if window and prompt:
        left = window - prompt
        return left if LEAST_ROOM <= left < asked else None
    numbers = [int(re.sub("[,_]", "", found)) for found in _NUMBER.findall(text)]
    return max((n for n in numbers if LEAST_ROOM <= n < asked), default=None)
