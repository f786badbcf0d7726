"""Marks where a vendor may keep what it has read of a prompt, for those that want to be told. Pure.

Others (OpenAI, Gemini, DeepSeek, most servers) reuse the start of an earlier prompt on their own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

_MARK = {"type": "ephemeral"}
_BY_MARKS = frozenset({
    "anthropic", "bedrock", "bedrock_converse", "vertex_ai", "vertex_ai-anthropic_models", "azure_ai", "databricks",
    "openrouter",
})  # fmt: skip
"""Providers that reuse only what was marked, at least for some of their models."""


def wants_marks(provider: str, name: str, row: Mapping[str, Any] | None) -> bool:
    """Returns whether this model reuses only marked prompts. `row`: the model's, of the library's table."""
    provider = provider or str((row or {}).get("litellm_provider") or "")
    if provider not in _BY_MARKS:
        return False
    return "claude" in name or (provider.startswith("bedrock") and bool((row or {}).get("supports_prompt_caching")))


def marked(messages: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Returns the messages with at most four marks, the most that a vendor takes.

    After who the agent is and after its assignment, which outlast every compaction; where the last request ended, so
    that it is found again; and at the end, for the next one.
    """
    replies = [i for i, m in enumerate(messages) if m["role"] == "assistant"]
    last = replies[-1] - 1 if replies else -1
    wanted = {i for i in (0, 1, last, len(messages) - 1) if 0 <= i < len(messages)}
    return [_with_mark(m) if i in wanted and m["role"] != "assistant" else m for i, m in enumerate(messages)]


def _with_mark(message: dict[str, Any]) -> dict[str, Any]:
    """Returns the message with a mark at its end; a vendor refuses marks on empty texts."""
    if not message["content"]:
        return message
    if message["role"] == "tool":
        return {**message, "cache_control": _MARK}
    content: Any = message["content"]
    parts = [{"type": "text", "text": content}] if isinstance(content, str) else list(content)
    return {**message, "content": [*parts[:-1], {**parts[-1], "cache_control": _MARK}]}
