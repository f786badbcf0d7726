"""Tells from a vendor's words and status what is wrong; their classes and codes are too few to rely on. Pure."""

import re
from collections.abc import Callable
from typing import Literal

from agents.models.billing_error_text import money_trouble
from agents.models.overflow_error_text import known_overflow, says_too_long

Trouble = Literal[
    "no-tools-vllm", "no-tools-llamacpp", "no-tools", "elsewhere", "filtered", "too-long", "no-credit", "daily",
    "busy", "overloaded", "loading", "memory", "not-pulled", "no-access", "unknown-model", "no-provider", "key",
    "spending-limit", "crashed", "not-started", "no-address", "settings", "unverified", "other-api", "not-loaded",
    "retired", "not-api",
]  # fmt: skip

_PER_MINUTE = re.compile(r"per[ -_]?min|perminute|\btpm\b|\brpm\b|per[ -_]?second|try again in|retry in|retrydelay")
_DAILY = re.compile(
    r"per[ -_]?day|perday|byday\b|\bdaily\b|\b[tr]pd\b|per (?:86,?400 ?s|24 ?h)|24.hours?|per (?:1 )?d\b"
)
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
    (
        "memory",
        _any(
            r"more (?:system )?memory|out of memory|insufficient memory|not enough memory"
            r"|unable to allocate|failed to allocate|malloc failed"
        ),
    ),
    (
        "crashed",
        _any(
            r"model (?:has )?crashed|(?:runner|worker|engine|backend) (?:process )?(?:has )?(?:unexpectedly )?"
            r"(?:terminated|crashed|died|exited|stopped)|process has terminated|segmentation fault|cuda error"
            r"|enginedeaderror|engine (?:is )?dead"
        ),
    ),
    (
        "not-started",
        _any(
            r"timed? ?out waiting for [^.]{0,30}(?:runner|server|model)"
            r"|(?:fail(?:ed|ure)|error|unable|could ?n[o']t) (?:to )?load(?:ing)? (?:the )?model"
        ),
    ),
    (
        "no-address",
        _any(
            r"\bips?\b(?: address)?.{0,60}?(?:n't|\bnot|\bun) ?(?:be )?(?:allowed|authorized|permitted|whitelisted"
            r"|recognized)|\bip\b[^.]{0,40}(?:block|den|restrict|forbid)|ip_not_authorized|ip (?:allow|white)-?list"
        ),
    ),
    (
        "settings",
        _any(
            r"data policy|no allowed providers|guardrail restrictions|provider preferences"
            r"|all providers[^.]{0,40}ignored"
        ),
    ),
    (
        "unverified",
        _any(
            r"must (?:first )?be verified|verify (?:your )?(?:organi[sz]ation|identity|account|phone)"
            r"|(?:verification|real-name authentication) (?:is )?required"
        ),
    ),
    (
        "other-api",
        _any(
            r"only (?:supported|available|works?) (?:in|with|through|via|on) (?:the )?\W?(?:v1/)?(?:responses"
            r"|completions|realtime|messages|batch)|use (?:the )?\W?/?v1/(?:responses|completions|realtime)"
            r"|not a chat model|not (?:supported|available) (?:in|with|on|by) (?:the )?\W?/?(?:v1/chat/completions"
            r"|chat completions?)"
        ),
    ),
    (
        "not-loaded",
        _any(r"no models? (?:is |are )?(?:currently )?loaded|load a model|model (?:is )?(?:not loaded|unloaded)"),
    ),
    (
        "retired",
        _any(
            r"model_decommissioned|model[^.\n]{0,80}(?:decommissioned|retired|no longer (?:supported|available|offered"
            r"|exists|served)|discontinued|(?:has been|is|was) deprecated(?! (?:for|on|in))|shut ?down|sunset"
            r"|end.of.life)"
        ),
    ),
    (
        "loading",
        _any(
            r"(?:loading (?:the )?model|warming up|cold.?start|scaling.up"
            r"|(?:model|deployment|server|worker|replica|instance|endpoint|engine)s?\b[^\n]{0,100}?"
            r"(?:\b(?:is|are) (?:still |currently |now )*(?:being loaded|(?:loading|starting|initiali[sz]ing|booting"
            r"|waking up|spinning up)\b)|\bnot (?:yet )?ready\b))"
        ),
    ),
    ("spending-limit", lambda text: money_trouble(text) == "spending-limit"),
    ("no-credit", lambda text: money_trouble(text) == "no-credit"),
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
        _any(
            r"model_not_found|invalid model\b|model[^.]{0,80}(?:does ?n[o']t exist|not exist|not found|is not a valid"
            r"|unknown)"
        ),
    ),
    (
        "key",
        _any(
            r"(?:invalid|incorrect|missing|expired|no)\b[^.]{0,20}\bapi.?key|invalid_api_key|unauthorized"
            r"|login fail|\bapi secret key|authentication (?:failed|fails|error)|unauthenticated|not authenticated"
        ),
    ),
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
    if status in _NO_API and _HTML.search(text):
        return "not-api"
    if found is None and status in (401, 403):
        return "key"
    if found is None and status == 404:
        return "unknown-model"
    return found


_HTML = re.compile(r"^(?:error code: \d+ - )?\s*<(?:!doctype html|html|head|body)")
_NO_API = (400, 401, 403, 404, 405, 406, 407, 410, 418, 451)
"""Statuses with which a page is refused."""


def names_model(text: str, name: str) -> bool:
    """Returns whether an error is about a model at all."""
    return "model" in text or "deployment" in text or name.rpartition("/")[2].lower() in text


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
    money = None if _LIMITED.search(text) and not re.search("insufficient|arrear|quota", text) else money_trouble(text)
    if money is not None:
        return money
    if "exceeded your current quota" in text or "check your plan and billing" in text:
        return "no-credit"
    return "too-long" if known_overflow(text) and not _LIMITED.search(text) else "busy"
