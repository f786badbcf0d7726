"""Sorts the reasons that vendors give for the end of a reply. Pure."""

import re
from typing import Literal

Stop = Literal["whole", "cut", "window", "refused", "broken", "lost-call"]
"""How a reply ended: complete, at its output limit, at the end of the model's window, refused by the model or a filter,
by a fault of the server, or with a call that the server couldn't read."""

_CUT = ("length", "max_tokens", "max_output_tokens", "max_completion_tokens", "token_limit", "pause_turn", "compaction",
        "limit", "model_length", "incomplete", "truncated")  # fmt: skip
_WINDOW = ("model_context_window_exceeded", "context_length", "context_window")
_REFUSED = (
    "content_filter", "content_filtered", "content_policy", "refusal", "refused", "safety", "recitation", "blocklist",
    "prohibited_content", "spii", "sensitive", "guardrail_intervened", "image_safety", "language", "other", "blocked",
    "error_toxic", "moderation", "toxic", "escalation",
)  # fmt: skip
_BROKEN = ("error", "network_error", "insufficient_system_resource", "abort", "aborted", "cancelled", "canceled",
           "user_cancel", "timeout", "load", "unload", "finish_reason_unspecified", "malformed_response",
           "malformed_model_output", "broken-off")  # fmt: skip
_LOST = ("malformed_function_call", "malformed_tool_use", "unexpected_tool_call", "too_many_tool_calls",
         "invalid_tool_call", "missing_thought_signature")  # fmt: skip
_KINDS: dict[str, Stop] = {
    **dict.fromkeys(_CUT, "cut"),
    **dict.fromkeys(_WINDOW, "window"),
    **dict.fromkeys(_REFUSED, "refused"),
    **dict.fromkeys(_BROKEN, "broken"),
    **dict.fromkeys(_LOST, "lost-call"),
}
_SORRY = re.compile(
    r"\W*(?:(?:i'?m|i am)\s+(?:really |very |so )?(?:sorry|afraid)|sorry|unfortunately|apologies)?[\s,.;:—-]*"
    r"(?:but |that )*i(?: can'?t| cannot| can not| won'?t|(?:'?m| am) (?:not able|unable) to| must decline to)\s+"
    r"(?:assist|help|comply|fulfill|continue|engage|provide (?:assistance|help))(?: you)?(?:(?: with| to| in)?"
    r" (?:that|this|your|the)(?: (?:kind|type) of)?(?: \w+)?)?\W*",
    re.IGNORECASE,
)


def stop_of(reason: str | None) -> Stop:
    """Returns what a vendor's reason means; a reason that nobody knows counts as a complete reply."""
    return _KINDS.get((reason or "stop").strip().lower(), "whole")


def only_declines(text: str) -> bool:
    """Returns whether the whole reply is the stock sentence by which models refuse."""
    return len(text) < 200 and _SORRY.fullmatch(text.strip().replace("\u2019", "'")) is not None
