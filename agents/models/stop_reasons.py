"""Sorts the reasons that vendors give for the end of a reply. Pure."""

import re
from typing import Literal

Stop = Literal["whole", "cut", "window", "refused", "broken", "lost-call", "unknown"]
"""How a reply ended: complete, at its output limit, at the end of the model's window, refused by the model or a filter,
by a fault of the server, with a call that the server couldn't read, or for a reason that isn't known."""

_EXACT: dict[str, Stop] = {
    **dict.fromkeys(("", "null", "none", "s", "tool_use", "eom_id"), "whole"),
    **dict.fromkeys(("pause_turn", "compaction"), "cut"),
    **dict.fromkeys(("language", "other", "escalation", "spii", "no_image", "image_other"), "refused"),
    **dict.fromkeys(("finish_reason_unspecified", "malformed_response", "malformed_model_output"), "broken"),
    "missing_thought_signature": "lost-call",
}
_PARTS: tuple[tuple[Stop, re.Pattern[str]], ...] = (
    (
        "lost-call",
        re.compile(
            r"(?:call|tool|function).*(?:malform|invalid|unexpected|error|fail|pars|broken|filter|unknown|bad)"
            r"|(?:malform|invalid|unexpected|too_many|lost|missing|bad|unknown|fail).*(?:call|tool|function)"
        ),
    ),
    ("window", re.compile(r"context|window|prompt_too|input_too")),
    (
        "refused",
        re.compile(
            r"filter|safe|polic|refus|declin|den(?:y|ied)|block|blacklist|prohibit|forbid|moderat|toxic|sensitiv|guard|recit"
            r"|violat|risk|harm|flagged|censor|copyright|jailbreak|complian|offens|abus"
        ),
    ),
    ("broken", re.compile(r"rate_limit|throttl|quota|memory|oom|time_?d?_?out|overload|capacity|resource|user")),
    ("cut", re.compile(r"length|max|limit|truncat|incomplete|partial|cut_?off|budget|exceed|too_long")),
    (
        "broken",
        re.compile(
            r"error|fail|abort|cancel|interrupt|crash|kill|load|network|disconnect|unavailable|internal|exhaust|busy"
            r"|evict|preempt|exception|fault|fatal|panic|malform|corrupt|expir|deadline|time|broken|lost|repeti|terminated"
        ),
    ),
)
"""In this order, because a filter can have an error, and a limit can be one of requests."""
_WHOLE = re.compile(
    r"_(?:stop|eos|eot|eom|end|endoftext|complete|completed|done|finish|finished|success|succeeded|ok|normal|natural"
    r"|tool_?calls?|function_?calls?)_"
)
_CALLS = re.compile(r"_(?:tool_?(?:calls?|use)|function_?calls?)_")
_SORRY = re.compile(
    r"\W*(?:(?:i'?m|i am)\s+(?:really |very |so )?(?:sorry|afraid)|sorry|unfortunately|apologies)?[\s,.;:—-]*"
    r"(?:but |that )*i(?: can'?t| cannot| can not| won'?t|(?:'?m| am) (?:not able|unable) to| must decline to)\s+"
    r"(?:assist|help|comply|fulfill|continue|engage|provide (?:assistance|help))(?: you)?(?:(?: with| to| in)?"
    r" (?:that|this|your|the)(?: (?:kind|type) of)?(?: \w+)?)?\W*",
    re.IGNORECASE,
)


def stop_of(reason: str | None) -> Stop:
    """Returns what a vendor's reason means, however it's spelled (`ContentFilter`, `content-filter: SAFETY`)."""
    plain = _plain(reason)
    if (plain or not (reason or "").strip()) and (found := _EXACT.get(plain)):
        return found
    words = f"_{plain}_"
    for stop, parts in _PARTS:
        if parts.search(words):
            return stop
    return "whole" if _WHOLE.search(words) else "unknown"


def announces_a_call(reason: str | None) -> bool:
    """Returns whether a reply with this reason must have a call."""
    return _CALLS.search(f"_{_plain(reason)}_") is not None


def _plain(reason: str | None) -> str:
    """Returns the reason's words in lower case, joined by underscores."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", reason or "")
    return re.sub(r"[^a-z0-9]+", "_", apart.lower()).strip("_")


def only_declines(text: str) -> bool:
    """Returns whether the whole reply is the stock sentence by which models refuse."""
    return len(text) < 200 and _SORRY.fullmatch(text.strip().replace("\u2019", "'")) is not None
