"""Tells from a vendor's words and status what is wrong; their classes and codes are too few to rely on. Pure."""

import re
from collections.abc import Callable
from typing import Literal

from agents.models.overflow_words import known_overflow, says_too_long

Trouble = Literal[
    "no-tools-vllm", "no-tools-llamacpp", "no-tools", "elsewhere", "filtered", "too-long", "no-credit", "daily",
    "busy", "overloaded", "loading", "memory", "not-pulled", "no-access", "unknown-model", "no-provider", "key",
]  # fmt: skip

_PER_MINUTE = re.compile(r"per[ -_]?min|perminute|\btpm\b|\brpm\b|per[ -_]?second|try again in|retry in|retrydelay")
_DAILY = re.compile(r"per[ -_]?day|perday|daily (?:limit|quota)|\b[tr]pd\b")
_TOO_LARGE = re.compile(r"request too large|reduce your message size|reduce the length|prompt is too long")
_LIMITED = re.compile(r"rate.?limit|too many requests|throttl|resource_exhausted|tokens per|requests per|slow down")


def _any(pattern: str) -> Callable[[str], object]:
    return re.compile(pattern).search


_WORDS: tuple[tuple[Trouble, Callable[[str], object]], ...] = (
    ("no-tools-vllm", _any(r"enable-auto-tool-choice|tool-call-parser")),
    ("no-tools-llamacpp", _any(r"--jinja")),
    (
        "no-tools",
        _any(
            r"(?:does ?n[o']t|not|cannot|can't|no endpoints found that) (?:yet )?support\w*(?: for)?[^.;]{0,40}"
            r"\b(?:tools?|function)\b|\b(?:tools?|tool (?:use|calling|calls?)|function calling)\b[^.]{0,20}"
            r"(?:is|are) not (?:supported|enabled|available)|unsupported param\w*:? .{0,10}tools"
        ),
    ),
    (
        "elsewhere",
        _any(
            r"unsupported_country|request not allowed|(?:country|region|territory"
            r"|location)\W[^.]{0,40}(?:is )?not (?:supported|available)"
            r"|not (?:supported|available) in (?:your|this) (?:country|region|location|territory)"
        ),
    ),
    (
        "filtered",
        _any(
            r"content[ _-]?filter|content[ _-]?(?:management|moderation)|content[ _-]?policy|safety system|usage polic"
            r"|data_inspection_failed|inappropriate content|content exists risk|considered high risk|\bflagged\b"
            r"|prohibited[ _]content|sensitive (?:content|words?)|unsafe (?:or sensitive )?content"
            r"|violat\w+ .{0,30}polic"
        ),
    ),
    ("memory", _any(r"more (?:system )?memory|out of memory|insufficient memory|not enough memory")),
    ("loading", _any(r"(?:loading (?:the )?model|model is (?:still |currently )?loading|warming up)")),
    (
        "no-credit",
        _any(
            r"insufficient[ _](?:quota|balance|credits?|funds)|(?:credit )?balance (?:is )?(?:too low|not enough"
            r"|exhausted)"
            r"|(?:more|no|out of|enough) credits|payment required|billing hard limit|exceeded_current_quota|arrear"
            r"|account (?:is )?(?:suspended|overdue|in debt)|quota exceeded.{0,200}limit: 0\b|\u4f59\u989d\u4e0d\u8db3"
        ),
    ),
    ("too-long", says_too_long),
    ("overloaded", _any(r"overloaded|at capacity|no capacity|capacity exceeded|server is busy|try again later")),
    ("not-pulled", _any(r"pulling it first|ollama pull")),
    (
        "no-access",
        _any(
            r"(?:not have|no|without|don't have) access to (?:the )?model|not (?:authorized|allowed"
            r"|permitted) to (?:use|access"
            r"|invoke)|access denied[^.]{0,40}model|model[^.]{0,40}(?:isn't|is not) (?:enabled|authorized) for"
        ),
    ),
    ("no-provider", _any(r"provider not provided")),
    (
        "unknown-model",
        _any(r"model_not_found|model[^.]{0,80}(?:does ?n[o']t exist|not exist|not found|is not a valid|unknown)"),
    ),
    ("key", _any(r"(?:invalid|incorrect|missing|expired|no)\b[^.]{0,20}\bapi.?key|invalid_api_key|unauthorized")),
)


_TEMPLATE = re.compile(
    r"chat[ _-]?template|raise_exception|\bjinja|grammar|initialize samplers|guided (?:decoding|json)|json[ _]schema"
)
_LOST_CALL = re.compile(
    r"tool_use_failed|failed to call a function|tool call validation failed|failed to parse input at pos"
    r"|(?:pars\w*|decod\w*|extract\w*|understand) (?:the |a |model'?s? )*(?:tool|function)[ _-]?calls?\b"
    r"|(?:pars\w*|decod\w*) (?:the )?(?:model'?s?|generated|assistant'?s?) (?:output|response|reply|message|text)"
    r"|(?:malformed|unparsable|unparseable|invalid)[ _](?:tool|function)[ _-]?calls?\b"
    r"|(?:model|assistant) (?:produced|generated|returned|made|output)[^.]{0,30}(?:malformed|invalid|unparsable"
    r"|broken)[^.]{0,20}(?:calls?|json|arguments)"
)
_OF_REQUEST = re.compile(r"messages?\W{0,3}\d|request body|\brequest json|in the conversation|preceding")


def says_template(text: str) -> bool:
    """Returns whether the server couldn't make a prompt, or a grammar for the reply, of the request."""
    return _TEMPLATE.search(text) is not None


def says_lost_call(status: int | None, text: str) -> bool:
    """Returns whether the model replied, but its server couldn't read the call in the reply."""
    if status is not None and status not in (400, 422) and status < 500:
        return False
    return _LOST_CALL.search(text) is not None and not _OF_REQUEST.search(text)


def trouble(status: int | None, text: str) -> Trouble | None:
    """Returns what is wrong; None if neither says. `text`: the vendor's words, lower case."""
    if status == 429 or (status in (None, 500, 503) and _LIMITED.search(text)):
        return _limit(text)
    found: Trouble | None = next((kind for kind, says in _WORDS if says(text)), None)
    if status == 413:
        return "too-long"
    if status == 402:
        return "no-credit"
    if status == 529:
        return "overloaded"
    if found is None and status in (401, 403):
        return "key"
    if found is None and status == 404:
        return "unknown-model"
    return found


def _limit(text: str) -> Trouble:
    """Tells a limit that passes from an empty account and from a request that never fits into it."""
    if _TOO_LARGE.search(text):
        return "too-long"
    if re.search(r"limit: 0\b", text):
        return "no-credit"
    if _DAILY.search(text):
        return "daily"
    if _PER_MINUTE.search(text):
        return "busy"
    firm = dict(_WORDS)["no-credit"]
    empty = firm(text) or ("exceeded your current quota" in text) or "check your plan and billing" in text
    if empty:
        return "no-credit"
    return "too-long" if known_overflow(text) and not _LIMITED.search(text) else "busy"


_WAIT = re.compile(
    r"(?:\btry(?:ing)? again|\bretry(?:ing)?(?:delay)?|\bwait|\bresets?|\bavailable)\W+(?:(?:in|after|for|at least"
    r"|about"
    r"|approximately)\W+)*(?P<time>(?:\d+(?:\.\d+)?\s*(?:ms|milliseconds?|h(?:ou)?rs?|h|minutes?|mins?|m|seconds?"
    r"|secs?|s)\b\s*)"
    r"(?:(?:and |, )?\d+(?:\.\d+)?\s*(?:ms|minutes?|mins?|m|seconds?|secs?|s)\b\s*)*|(?:\d+(?:\.\d+)?(?:ms|h|m|s))+)"
)
_PART = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|milli|h|m|s)")
_SECONDS = {"ms": 0.001, "milli": 0.001, "h": 3600.0, "m": 60.0, "s": 1.0}


def wait_in(text: str) -> float | None:
    """Returns the seconds that the words ask us to wait, such as "try again in 1m2.5s"."""
    match = _WAIT.search(text)
    return duration(match["time"]) if match else None


def duration(text: str) -> float | None:
    """Returns the seconds of a duration such as "1m2.5s", "36 s" or "20ms"; None if it is none."""
    parts = _PART.findall(text)
    return sum(float(number) * _SECONDS[unit] for number, unit in parts) if parts else None
