"""What a vendor's words mean: every kind of trouble by its own wording, and the waits and numbers in it."""

import pytest

from agents.models.classify_error_text import trouble
from agents.models.overflow_error_text import prompt_in, window_in
from agents.models.retry_after_text import wait_in

OVERFLOWS = [
    "this model's maximum context length is 128000 tokens. however, your messages resulted in 204308 tokens",
    "prompt is too long: 208310 tokens > 200000 maximum",
    'the request exceeds the available context size, "n_prompt_tokens": 1407, "n_ctx": 256',
    "context size has been exceeded.",
    "trying to keep the first 15857 tokens when context the overflows. the model is loaded with only 8192 tokens",
    "cannot truncate prompt with n_keep (15028) >= n_ctx (7424)",
    "prompt exceeds max length",
    "your request exceeded model token limit: 262144 (requested: 269030)",
    "the input token count (2845475) exceeds the maximum number of tokens allowed (1048576).",
    "prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
    "input is too long for requested model.",
    "range of input length should be [1, 30720]",
    "the input length exceeds the context length",
    "the input (40000 tokens) is longer than the model's context length (32768 tokens).",
]


@pytest.mark.parametrize("text", OVERFLOWS)
@pytest.mark.parametrize("status", [400, 500])
def test_an_overflow_is_one_in_every_vendors_words(status: int, text: str) -> None:
    assert trouble(status, text) == "too-long"


@pytest.mark.parametrize(
    ("status", "text", "kind"),
    [
        (413, "request too large for model x on tokens per minute (tpm): limit 6000, requested 8000", "too-long"),
        (429, "request too large for x on tokens per min (tpm): limit 30000, requested 45000", "too-long"),
        (429, "rate limit reached on tokens per min (tpm): limit 30000, used 29000, requested 5000", "busy"),
        (429, "you exceeded your current quota, please check your plan and billing. please retry in 36.4s", "busy"),
        (429, "you exceeded your current quota, please check your plan and billing details", "no-credit"),
        (429, "insufficient_quota", "no-credit"),
        (429, "quota exceeded for metric: free_tier_requests, limit: 0. please retry in 9s", "no-credit"),
        (429, "quota exceeded for metric: requests_per_model_per_day, limit: 250, please retry in 9s", "daily"),
        (400, "your credit balance is too low", "no-credit"),
        (402, "this request requires more credits, or fewer max_tokens", "no-credit"),
        (403, "country, region, or territory not supported", "elsewhere"),
        (400, "user location is not supported for the api use.", "elsewhere"),
        (403, "project does not have access to model gpt-5", "no-access"),
        (403, "nothing more", "key"),
        (401, "incorrect api key provided", "key"),
        (529, "", "overloaded"),
        (503, "the model is overloaded", "overloaded"),
        (503, "loading model", "loading"),
        (503, "model mistralai/mistral-7b-instruct-v0.3 is currently loading", "loading"),
        (503, "model 'x' is being loaded, please wait", "loading"),
        (503, "the model x is not ready for inference yet", "loading"),
        (503, "model version is not ready yet", "loading"),
        (503, "the model is starting up", "loading"),
        (503, "deployment_scaling_up", "loading"),
        (503, "workers are initializing, please retry later", "loading"),
        (503, "model m is cold starting; expected in 40 seconds", "loading"),
        (503, "the model was scaled to zero and is paused", None),
        (400, "the response was filtered due to the prompt triggering the content management policy", "filtered"),
        (400, "output blocked by content filtering policy", "filtered"),
        (400, '"auto" tool choice requires --enable-auto-tool-choice', "no-tools-vllm"),
        (500, "tools param requires --jinja flag", "no-tools-llamacpp"),
        (400, "library/gemma does not support tools", "no-tools"),
        (404, "no endpoints found that support tool use.", "no-tools"),
        (404, 'model "llama9" not found, try pulling it first', "not-pulled"),
        (404, "", "unknown-model"),
        (500, "model requires more system memory (8.4 gib) than is available (4 gib)", "memory"),
        (500, "the server had an error", None),
        (400, "this model does not support image input; a function", None),
    ],
)
def test_each_trouble_has_its_own_kind(status: int, text: str, kind: str | None) -> None:
    assert trouble(status, text) == kind


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("please retry in 36.38s.", 36.38),
        ('"retrydelay": "36s"', 36),
        ("retry in 36 s", 36),
        ("try again in 1m2.5s", 62.5),
        ("try again in 20ms", 0.02),
        ("please wait 30 seconds", 30),
        ("try again in 1 minute and 5 seconds", 65),
        ("resets in 2h3m", 7380),
        ("try again later", None),
        ("limit 30000, requested 45000", None),
    ],
)
def test_a_wait_is_read_in_every_form(text: str, seconds: float | None) -> None:
    assert wait_in(text) == (None if seconds is None else pytest.approx(seconds))


def test_the_window_and_the_prompt_are_read_where_they_are_named() -> None:
    both = "input length and `max_tokens` exceed context limit: 178959 + 64000 > 200000"
    assert (window_in(both), prompt_in(both)) == (200000, 178959)
    assert [window_in(text) for text in OVERFLOWS[:6]] == [128000, 200000, 256, None, 8192, 7424]
    assert prompt_in(OVERFLOWS[2]) == 1407


OTHER_LIMITS = [
    "max_completion_tokens is too large: 50000. this model supports at most 16384 completion tokens",
    "invalid 'tools': array too long. expected an array with maximum length 128, but got an array with length 140",
    "[{'type': 'less_than_equal', 'loc': ('body', 'top_p'), 'msg': 'input should be less than or equal to 1'}]",
    "messages.0.content.1.image.source.base64: image exceeds 5 mb maximum: 5316852 bytes > 5242880 bytes",
    "top_logprobs must be less than 20",
    "thinking.budget_tokens must be less than max_tokens",
    "a maximum of 4 blocks with cache_control may be provided. found 5.",
    "prompt_cache_key too long: at most 64 characters",
    "unexpected token '<', \"<html>\" is not valid json",
    "failed to parse input at pos 24: <tool_call>",
    "tool schema exceeds maximum nesting depth of 5",
    "the prompt contains an invalid token",
]


@pytest.mark.parametrize("text", OTHER_LIMITS)
def test_another_limit_is_not_an_overflow(text: str) -> None:
    assert trouble(400, text) is None


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("prompt too long; exceeded max context length by 928 tokens", None),
        ("prompt exceeds max length\ncode: 1261", None),
        ("invalid params, context window exceeds limit (2013)", None),
        ("<html><head><title>413 request entity too large</title>", None),
        ("prompt length 9120 is greater than max_seq_len 8192", 8192),
        ("expected max length of 8192 tokens, got 9120", 8192),
        ("`inputs` tokens + `max_new_tokens` must be <= 8192. given: 9120", 8192),
        ("prompt token count of 9120 exceeds the limit of 8192", 8192),
    ],
)
def test_only_the_window_itself_is_taken_for_one(text: str, window: int | None) -> None:
    assert window_in(text) == window
