"""Translates a vendor's errors into ours, only here. No message contains a key or the vendor's raw text."""

import asyncio
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import ModuleType
from typing import Any

from agents.models.model_errors import Busy, Down
from orchestrator.errors import (
    ModelDown,
    ModelFailed,
    ModelRefusedKey,
    ModelSilent,
    ModelTooLong,
    ModelUnknown,
)


def translated(library: ModuleType, error: Exception, model: str, now: Callable[[], datetime]) -> ModelFailed:
    """Returns the error as one of ours. `library` is litellm, for its classes."""
    kinds = library.exceptions
    status = getattr(error, "status_code", None)
    text = str(error).lower()
    wait = retry_after(headers_of(error), now)
    match error:
        case kinds.AuthenticationError() | kinds.PermissionDeniedError():
            return ModelRefusedKey(
                f"The provider rejected the key for {model!r}. Set THREADWORK_MODELS__API_KEY to a valid key and "
                f"restart threadwork."
            )
        case kinds.ContextWindowExceededError():
            return ModelTooLong(
                f"The conversation is too long for {model!r}. Choose a model with a larger context window."
            )
        case kinds.RateLimitError() if "insufficient_quota" in text or "exceeded your current quota" in text:
            return ModelFailed(
                f"The account behind the key for {model!r} has no credit left. Add some, then press Retry."
            )
        case kinds.RateLimitError():
            return Busy(f"The provider of {model!r} is rate limiting us. Press Retry later.", retry_after=wait)
        case kinds.NotFoundError():
            return _unknown(model)
        case kinds.BadRequestError() if "provider not provided" in text:
            return ModelUnknown(
                f"The model {model!r} names no provider. Write it as 'provider/model', "
                "or set THREADWORK_MODELS__API_BASE to your server."
            )
        case kinds.BadRequestError() if _too_long(text):
            return ModelTooLong(
                f"The conversation is too long for {model!r}. Choose a model with a larger context window."
            )
        case kinds.BadRequestError() if "model_not_found" in text or "does not exist" in text:
            return _unknown(model)
        case kinds.BadRequestError() | kinds.UnprocessableEntityError():
            return ModelFailed(f"The provider of {model!r} rejected the request. Choose another model.")
        case _ if isinstance(status, int) and 400 <= status < 500 and status not in (408, 409, 425, 429):
            return ModelFailed(f"The provider of {model!r} answered with status {status}. Choose another model.")
        case _:
            return Down(
                f"The model {model!r} can't be reached or is down. Check THREADWORK_MODELS__API_BASE and the "
                f"network, then press Retry.",
                retry_after=wait,
            )


def is_silence(library: ModuleType, error: Exception) -> bool:
    """Returns whether the server took the request and then sent nothing for too long."""
    return isinstance(error, (library.exceptions.Timeout, asyncio.TimeoutError))


def silent(model: str, seconds: float, *, own: bool) -> ModelDown:
    """Returns the error for a model that was silent for `seconds`. `own`: it runs on a server of the user's.

    Such a server often still works on the first request, so nothing starts the same generation again and again.
    """
    words = f"The model {model!r} sent nothing for {seconds:g} seconds."
    if own:
        return ModelSilent(
            f"{words} Check that its server isn't overloaded, or raise models.seconds; then press Retry."
        )
    return Down(f"{words} Press Retry, or raise models.seconds.", silent=True)


def headers_of(error: Exception) -> Mapping[str, str]:
    """Returns the headers of the response behind the error, if there was one."""
    response: Any = getattr(error, "response", None)
    headers: Any = getattr(error, "litellm_response_headers", None) or getattr(response, "headers", None)
    return {str(k).lower(): str(v) for k, v in dict(headers or {}).items()}


def retry_after(headers: Mapping[str, str], now: Callable[[], datetime]) -> float | None:
    """Returns seconds to wait, from `retry-after-ms` or `retry-after` (seconds or a date)."""
    for name, factor in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = headers.get(name, "").strip()
        if re.fullmatch(r"\d+(\.\d+)?", value):
            return float(value) * factor
    try:
        at = parsedate_to_datetime(headers.get("retry-after", ""))
        return max(0.0, (at - now()).total_seconds())
    except (ValueError, TypeError):
        return None


def _too_long(text: str) -> bool:
    return "context_length_exceeded" in text or "maximum context length" in text


def _unknown(model: str) -> ModelUnknown:
    return ModelUnknown(
        f"The provider doesn't know the model {model!r}. Check THREADWORK_MODELS__DEFAULT, or choose another model "
        "under Edit plan and press Retry."
    )
