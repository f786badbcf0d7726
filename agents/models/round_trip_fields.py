"""Keeps what a vendor wants back with a turn, and returns it under the names that the vendor reads. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, cast

from agents.models.thought_fields import SENT
from orchestrator.domain import clean_outside_text
from orchestrator.domain.model_messages import VendorBaggage

_OURS = frozenset({"id", "type", "index", "function"})
_READ: Mapping[str, tuple[str, ...]] = {
    "anthropic": ("thinking_blocks",),
    "bedrock": ("thinking_blocks",),
    "vertex_ai": ("thinking_blocks", "provider_specific_fields"),
    "vertex_ai_beta": ("thinking_blocks", "provider_specific_fields"),
    "gemini": ("provider_specific_fields",),
    "mistral": (),
}
"""What litellm translates for vendors with a protocol of their own; Mistral's server refuses every field it doesn't
know."""


def taken(message: Mapping[str, Any], vendor_name: str) -> VendorBaggage | None:
    """Returns what came with the message of that model besides text and calls; None if nothing came."""
    fields = {name: message[name] for name in (*SENT, "provider_specific_fields") if message.get(name)}
    calls = [
        {name: value for name, value in call.items() if name not in _OURS and value}
        for call in cast("Sequence[dict[str, Any]]", message.get("tool_calls") or ())
    ]
    try:
        kept = cast("dict[str, Any]", clean_outside_text.data(_wanted(fields)))
        rows = tuple(cast("dict[str, Any]", clean_outside_text.data(call)) for call in calls)
    except clean_outside_text.Unfit:
        return None
    return VendorBaggage(model=vendor_name, message=kept, calls=rows) if kept or any(rows) else None


def _wanted(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Returns the fields under the names they had on the wire; litellm renames some and moves others."""
    moved: Mapping[str, Any] = fields.get("provider_specific_fields") or {}
    found = {k: v for k, v in fields.items() if k != "provider_specific_fields"}
    found |= {k: v for k, v in moved.items() if k in SENT and v and k not in found}
    if found.get("reasoning") and found["reasoning"] == found.get("reasoning_content"):
        del found["reasoning_content"]
    if signatures := moved.get("thought_signatures"):
        found["provider_specific_fields"] = {"thought_signatures": signatures}
    return found


def message_fields(baggage: VendorBaggage | None, vendor_name: str, provider: str) -> dict[str, Any]:
    """Returns what goes back with a message to that model: nothing if another one sent it."""
    if baggage is None or baggage.model != vendor_name:
        return {}
    names = _READ.get(provider, SENT)
    fields: dict[str, Any] = dict(baggage.message)
    if "reasoning_content" in names and provider in _READ and "reasoning" in fields:
        fields["reasoning_content"] = fields["reasoning"]
    return {name: fields[name] for name in names if name in fields}


def call_fields(baggage: VendorBaggage | None, vendor_name: str, number: int) -> dict[str, Any]:
    """The same for the call at that position."""
    if baggage is None or baggage.model != vendor_name or number >= len(baggage.calls):
        return {}
    return dict(baggage.calls[number])
