"""Reads what a vendor sent: the message, and the reason for its end. Pure."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from agents.models.native_stop_reasons import own_reason
from agents.models.read_vendor_error import NoAnswer


class VendorAnswer(NamedTuple):
    """What a vendor sent: the message, and why it ended (empty if it didn't say)."""

    message: Mapping[str, Any]
    finish: str = ""
    refusal: str = ""


def whole_answer(response: Any) -> VendorAnswer:
    """Returns an answer that wasn't streamed; the library keeps a vendor's own reason beside its translation."""
    if not response.choices:
        return VendorAnswer({})
    choice = response.choices[0]
    message: dict[str, Any] = choice.message.model_dump(warnings=False)
    own: Mapping[str, Any] = getattr(choice, "provider_specific_fields", None) or {}
    more: Mapping[str, Any] = message.get("provider_specific_fields") or {}
    finish = own_reason(own.get("native_finish_reason") or choice.finish_reason)
    return VendorAnswer(message, finish, str(more.get("refusal") or ""))


def plain_answer(body: Any) -> VendorAnswer | None:
    """Returns the reply in the body of a response that the library can't read; None if nothing came.

    Raises NoAnswer if something else came.
    """
    if body is None:
        return None
    try:
        first: Mapping[str, Any] = body["choices"][0]
        message: Mapping[str, Any] = {**first["message"]}
    except (TypeError, LookupError):
        raise NoAnswer(body) from None
    return VendorAnswer(message, str(first.get("finish_reason") or ""), str(message.get("refusal") or ""))
