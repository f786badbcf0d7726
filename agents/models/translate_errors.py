"""Translates a vendor's errors into ours, only here. No message contains a key; only one without a known cause quotes
the vendor."""

import asyncio
import math
import re
from collections.abc import Callable, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from types import ModuleType

from agents.models.classify_error_text import Trouble, names_model, says_template, trouble
from agents.models.model_errors import TOO_LONG, Busy, Crashed, Down, Silent, UnexplainedRefusal
from agents.models.overflow_error_text import window_in
from agents.models.read_vendor_error import VendorFault
from agents.models.retry_after_text import duration, reset_in, wait_in
from orchestrator.domain.plural import in_seconds
from orchestrator.errors import (
    ModelDeclined,
    ModelDown,
    ModelElsewhere,
    ModelFailed,
    ModelNoCredit,
    ModelNoTools,
    ModelRefusedKey,
    ModelTooLong,
    ModelUnknown,
    ModelUnusable,
)


def translated(fault: VendorFault, model: str, now: Callable[[], datetime], *, address: str = "") -> ModelFailed:
    """Returns the error as one of ours. `address`: the server's, if it's one of the user's."""
    status, text = fault.status, fault.words
    wait = asked_wait(fault.headers, text, now)
    match trouble(status, text):
        case "busy":
            return Busy(f"The provider for {model!r} is rate-limiting us. {_retry_in(wait)}", retry_after=wait)
        case "overloaded":
            words = _retry_in(wait, "Press Retry in a few minutes.")
            return Down(f"The provider for {model!r} is overloaded. {words}", retry_after=wait)
        case "loading":
            words = f"The server for {model!r} is still loading the model. {_retry_in(wait)}"
            return Down(words, retry_after=5.0 if wait is None else wait, patient=True)
        case "daily" if wait is not None and wait > _SOON:
            return ModelNoCredit(f"Today's quota for {model!r} is used up. {_retry_in(wait)}")
        case "too-long":
            return ModelTooLong(TOO_LONG.format(model=repr(model)), window=window_in(text))
        case "not-api":
            return _not_api(model, address)
        case "unknown-model" if address and status == 404 and not names_model(text, model):
            return _not_api(model, address)
        case "crashed":
            return Crashed(
                f"The server for {model!r} crashed. Check its log, or choose a smaller model; then press Retry."
            )
        case None if status == 405:
            return _not_api(model, address)
        case None:
            return _unexplained(fault, model, wait)
        case firm:
            kind, words = _FIRM[firm]
            return kind(words.format(model=repr(model)))


def _unexplained(fault: VendorFault, model: str, wait: float | None) -> ModelFailed:
    """Returns the error for a cause that nobody knows, with the vendor's own words."""
    status, quoted = fault.status, f": “{fault.said}”" if fault.said else ""
    if status is None:
        return Down(
            f"The model {model!r} can't be reached or is down. Check THREADWORK_MODELS__API_BASE and the network, then "
            "press Retry.",
            retry_after=wait,
        )
    if status in (400, 422) or (status == 500 and says_template(fault.words)):
        return UnexplainedRefusal(f"The provider for {model!r} rejected the request{quoted}. Choose another model.")
    returned = f"The provider for {model!r} returned status {status}{quoted}."
    if 400 <= status < 500 and status not in (408, 409, 425):
        return ModelFailed(f"{returned} Choose another model.")
    return Down(f"{returned} {_retry_in(wait, 'Press Retry in a minute, or choose another model.')}", retry_after=wait)


def translated_body(fault: VendorFault, model: str, now: Callable[[], datetime], *, address: str) -> ModelFailed:
    """Returns the error for a successful response without a reply; asking once more may help."""
    if isinstance(fault.body, str) or _NO_PATH.search(fault.words):
        return _not_api(model, address)
    if fault.status is not None or trouble(None, fault.words) is not None:
        return translated(fault, model, now, address=address)
    return Down(
        f"The server for {model!r} sent an answer that can't be read. Press Retry, or choose another model.",
        silent=True,
    )


_NO_PATH = re.compile(r"unexpected endpoint|(?:unknown|invalid) (?:endpoint|path|url|route)|no such (?:path|route)")
_SOON = 120.0
"""Seconds."""


def _retry_in(wait: float | None, usual: str = "Press Retry in a minute.") -> str:
    """Returns when to press Retry, if the provider has named a long wait."""
    if wait is None or wait <= _SOON:
        return usual
    units = ((86_400, "days"), (3600, "hours"), (60, "minutes"))
    seconds, unit = next(row for row in units if wait > 1.5 * row[0])
    return f"Press Retry in {math.ceil(wait / seconds)} {unit}, or choose another model."


def _not_api(model: str, address: str) -> ModelFailed:
    if not address:
        return ModelUnusable(
            f"The reply for {model!r} didn't come from its provider. Check the network's proxy, then press Retry."
        )
    often = "" if address.rstrip("/").endswith("/v1") else " (it often has to end in /v1)"
    return ModelUnusable(
        f"The server at {address!r} doesn't offer the API for {model!r}. Check THREADWORK_MODELS__API_BASE{often} and "
        "the network's proxy, then press Retry."
    )


_FIRM: Mapping[Trouble, tuple[type[ModelFailed], str]] = {
    "no-tools-vllm": (
        ModelNoTools,
        "The server for {model} was started without tool calling. Start vLLM with --enable-auto-tool-choice and the "
        "--tool-call-parser for this model, then press Retry.",
    ),
    "no-tools-llamacpp": (
        ModelNoTools,
        "The server for {model} was started without tool calling. Start llama-server with --jinja, then press Retry.",
    ),
    "no-tools": (ModelNoTools, "{model} can't call tools, and every step needs them. Choose a model that can."),
    "elsewhere": (
        ModelElsewhere,
        "The provider for {model} doesn't serve the region this machine is in. Choose another provider's model.",
    ),
    "filtered": (
        ModelDeclined,
        "The provider's content filter rejected the request to {model}. Change the step's instructions, or choose "
        "another model.",
    ),
    "no-credit": (
        ModelNoCredit,
        "The account behind the key for {model} has no credit left. Add some, then press Retry.",
    ),
    "spending-limit": (
        ModelNoCredit,
        "The account behind the key for {model} has reached its spending limit. Raise it, then press Retry.",
    ),
    "not-started": (
        ModelUnusable,
        "The server for {model} couldn't load the model. Check its log, or choose a smaller model; then press Retry.",
    ),
    "no-address": (
        ModelUnusable,
        "The provider for {model} doesn't accept requests from this machine's IP address. Allow it with the provider, "
        "then press Retry.",
    ),
    "settings": (
        ModelUnusable,
        "The account settings for the key exclude every provider for {model}. Change them with the provider, or choose "
        "another model.",
    ),
    "unverified": (
        ModelUnusable,
        "The provider for {model} requires the account behind the key to be verified. Verify it there, then press "
        "Retry.",
    ),
    "other-api": (
        ModelUnusable,
        "The provider offers {model} only through an API that threadwork doesn't use. Choose another model.",
    ),
    "not-loaded": (ModelUnusable, "No model is loaded on the server for {model}. Load it there, then press Retry."),
    "retired": (ModelUnknown, "The provider no longer offers {model}. Choose another model."),
    "daily": (
        ModelNoCredit,
        "Today's quota for {model} is used up. Press Retry when it resets, or choose another model.",
    ),
    "memory": (
        ModelUnusable,
        "{model} needs more memory than its server has. Choose a smaller model, or close other programs there and "
        "press Retry.",
    ),
    "not-pulled": (
        ModelUnknown,
        "The model {model} isn't on the Ollama server. Run `ollama pull` for it there, then press Retry.",
    ),
    "no-access": (
        ModelUnknown,
        "The key for {model} doesn't have access to this model. Enable it with the provider, or choose another model.",
    ),
    "unknown-model": (
        ModelUnknown,
        "The provider doesn't know the model {model}. Check THREADWORK_MODELS__DEFAULT, or choose another model under "
        "Edit plan and press Retry.",
    ),
    "no-provider": (
        ModelUnknown,
        "The name {model} doesn't include a provider. Use 'provider/model', or set THREADWORK_MODELS__API_BASE to your "
        "server.",
    ),
    "key": (
        ModelRefusedKey,
        "The provider rejected the key for {model}. Set THREADWORK_MODELS__API_KEY to a valid key and restart "
        "threadwork.",
    ),
}


def is_silence(library: ModuleType, error: Exception) -> bool:
    """Returns whether the server took the request and then sent nothing for too long."""
    return isinstance(error, (library.exceptions.Timeout, asyncio.TimeoutError))


def queueing(model: str, seconds: float) -> ModelDown:
    """Returns the error for a server that only showed for `seconds` that it's alive."""
    words = f"The server for {model!r} has queued the request and hasn't replied for {in_seconds(seconds)}."
    return Down(f"{words} Press Retry later, or choose another model.", silent=True)


def silent(model: str, seconds: float, *, own: bool) -> ModelDown:
    """Returns the error for a model that was silent for `seconds`. `own`: it runs on a server of the user's.

    Such a server often still works on the first request, so nothing starts the same generation again and again.
    """
    words = f"The model {model!r} didn't send anything for {in_seconds(seconds)}."
    if own:
        return Silent(f"{words} Check that its server isn't overloaded, or raise models.seconds; then press Retry.")
    return Down(f"{words} Press Retry, or raise models.seconds.", silent=True)


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


def asked_wait(headers: Mapping[str, str], text: str, now: Callable[[], datetime]) -> float | None:
    """Returns the seconds the provider asks us to wait: in a header, in its words, or until what is used up is back."""
    found = retry_after(headers, now)
    if found is None:
        found = wait_in(text)
    if found is None and (at := reset_in(text)) is not None:
        found = _until(at.upper(), now)
    return found if found is not None else _until_reset(headers, now)


def _until_reset(headers: Mapping[str, str], now: Callable[[], datetime]) -> float | None:
    """Returns the longest wait for a limit of which nothing is left."""
    waits: list[float] = []
    for name, value in headers.items():
        if "ratelimit" not in name or "reset" not in name:
            continue
        left = headers.get(name.replace("reset", "remaining"), "0")
        if left.strip() in ("0", "0.0") and (wait := _until(value, now)) is not None:
            waits.append(wait)
    return max(waits, default=None)


def _until(value: str, now: Callable[[], datetime]) -> float | None:
    """Reads a duration, seconds, a time in seconds or milliseconds since 1970, or a date."""
    if re.fullmatch(r"\d+(\.\d+)?", value):
        number = float(value)
        if number < 1e8:
            return number
        return max(0.0, (number / 1000 if number > 1e11 else number) - now().timestamp())
    if (seconds := duration(value)) is not None and re.fullmatch(r"(?:\d+(?:\.\d+)?(?:ms|h|m|s))+", value):
        return seconds
    try:
        return max(0.0, (datetime.fromisoformat(value) - now()).total_seconds())
    except (ValueError, TypeError):
        return None
