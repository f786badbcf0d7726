"""Reasons for the end of a reply, in the spellings that servers use."""

import pytest

from agents.models.stop_reasons import Stop, announces_a_call, stop_of

REASONS: dict[Stop, tuple[str | None, ...]] = {
    "whole": (
        None, "", "null", "stop", "STOP", "Stop", "end_turn", "EndTurn", "eos", "eos_token", "eosFound", "stop: eos",
        "<|im_end|>", "</s>", "COMPLETE", "completed", "finished", "matched_stop", "stop_sequence", "stopStringFound",
        "FinishReason.STOP", "tool_calls", "toolCalls", "tool-use", "function_call", "end_of_turn",
    ),
    "cut": (
        "length", "max_tokens", "MAX_TOKENS", "max_length", "model_max_length", "stop_length", "length: 4096", "limit",
        "maxPredictedTokensReached", "max-output-tokens", "token_limit", "incomplete", "truncated", "pause_turn",
        "incomplete: max_output_tokens", "max_time", "budget_exceeded",
    ),
    "window": ("model_context_window_exceeded", "context_length", "contextLengthReached", "error: context too long"),
    "refused": (
        "content_filter", "content_filtered", "content_filter: PROHIBITED_CONTENT", "content_filter: RECITATION",
        "ContentFilter", "contentFilter", "content-filter", "FinishReason.SAFETY", "blocked_by_safety", "risk_control",
        "policy_violation", "content_filter_error", "guardrail", "refusal", "sensitive", "IMAGE_SAFETY", "OTHER",
        "NO_IMAGE", "LANGUAGE", "SPII", "ERROR_TOXIC", "censored", "unsafe",
    ),
    "broken": (
        "error", "ERROR", "server_error", "internal-error", "error: upstream", "Failed", "out_of_memory", "overloaded",
        "rate_limit_exceeded", "worker-crashed", "timedOut", "timeout", "aborted", "user_cancel", "userStopped",
        "modelUnloaded", "insufficient_system_resource", "FINISH_REASON_UNSPECIFIED", "MALFORMED_RESPONSE",
        "broken-off",
    ),
    "lost-call": (
        "MALFORMED_FUNCTION_CALL", "function_call_filter: MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL",
        "function_call_filter: UNEXPECTED_TOOL_CALL", "tool-call-error", "InvalidToolCall", "malformed_tool_use",
        "too_many_tool_calls", "missing_thought_signature",
    ),
    "unknown": ("unknown", "zig_zag", "7", "?", "\u654f\u611f"),
}  # fmt: skip


@pytest.mark.parametrize(("stop", "reason"), [(stop, reason) for stop, many in REASONS.items() for reason in many])
def test_a_reason_means_the_same_in_every_spelling(stop: Stop, reason: str | None) -> None:
    assert stop_of(reason) == stop


def test_a_reply_that_ends_with_a_call_announces_it_in_every_spelling() -> None:
    assert all(map(announces_a_call, ("tool_calls", "TOOL_CALL", "toolUse", "function-call", "FunctionCall")))
    assert not any(map(announces_a_call, (None, "stop", "end_turn", "call_ended")))
