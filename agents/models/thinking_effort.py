"""Decides which thinking effort a request carries, so that no server refuses it for that. Pure."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from orchestrator.domain.model_messages import Effort

_STEPS: Mapping[Effort, tuple[str, ...]] = {
    "none": ("none", "minimal", "low"),
    "low": ("low",),
    "medium": ("medium",),
    "high": ("high",),
}
"""What to ask for, best first: some models can't stop thinking altogether."""


def effort_to_send(
    wanted: Effort | None, *, refused: Collection[str], claude: bool, said: Sequence[Mapping[str, Any]]
) -> str | None:
    """Returns the value for `reasoning_effort`; None: send none. `refused`: values that the model has refused.
    `claude`: the model is one of Anthropic's; `said`: the messages of the request.

    Claude thinks only where the last turn's calls came with their thoughts, which those of another model don't.
    """
    found = next((step for step in _STEPS[wanted] if step not in refused), None) if wanted else None
    return None if claude and found != "none" and _calls_without_thoughts(said) else found


def _calls_without_thoughts(said: Sequence[Mapping[str, Any]]) -> bool:
    last = next((m for m in reversed(said) if m["role"] == "assistant"), None)
    return last is not None and bool(last.get("tool_calls")) and not last.get("thinking_blocks")
