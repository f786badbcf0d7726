"""Reads what a call has used and what it cost. A model without a known price has its tokens counted apart."""

from collections.abc import Mapping
from types import ModuleType
from typing import Any, NamedTuple, cast

from agents.models.endpoint import Route
from orchestrator.domain.token_usage import Usage


class TurnBill(NamedTuple):
    """Tokens, and US dollars as far as the price is known."""

    usage: Usage
    cost: float


def in_library_form(lib: ModuleType, usage: Any) -> Any:
    """Returns a vendor's report as the library has it, which knows the names that vendors give to cached tokens."""
    try:
        if usage is None or isinstance(usage, lib.Usage):
            return cast(Any, usage)
        fields = cast("Mapping[str, Any]", usage if isinstance(usage, Mapping) else usage.model_dump())
        return lib.Usage(**fields)
    except (AttributeError, TypeError, ValueError):
        return cast(Any, usage)


def report_in(body: object) -> Any:
    """Returns the report in the body of a reply; None if there is none."""
    return cast("Mapping[str, Any]", body).get("usage") if isinstance(body, Mapping) else None


def reported(usage: Any) -> Usage:
    """Returns the tokens by the vendor's report; none if it made none. Those read from and written to the vendor's
    cache are part of the prompt's."""
    details = getattr(usage, "prompt_tokens_details", None)
    return Usage(
        prompt=getattr(usage, "prompt_tokens", 0) or 0,
        completion=getattr(usage, "completion_tokens", 0) or 0,
        cached=getattr(details, "cached_tokens", 0) or 0,
        written=getattr(details, "cache_creation_tokens", 0) or getattr(usage, "cache_creation_input_tokens", 0) or 0,
    )


def billed(lib: ModuleType, way: Route, usage: Usage, report: Any = None) -> TurnBill:
    """Prices the tokens by the model's row or the library's table. `report`: the vendor's own, which may say more."""
    if way.prices is not None:
        fresh = usage.prompt - usage.cached
        cost = fresh * way.prices.prompt + usage.cached * way.prices.cached + usage.completion * way.prices.completion
        return TurnBill(usage, cost)
    if not is_listed(lib, way.vendor_name):
        return TurnBill(usage.model_copy(update={"unpriced": usage.tokens}), 0.0)
    try:
        tokens: dict[str, Any] = (
            {"usage_object": report}
            if report is not None
            else {"prompt_tokens": usage.prompt, "completion_tokens": usage.completion}
        )
        return TurnBill(usage, float(sum(lib.cost_per_token(model=way.vendor_name, **tokens))))
    except (ValueError, KeyError, lib.exceptions.openai.OpenAIError):
        return TurnBill(usage.model_copy(update={"unpriced": usage.tokens}), 0.0)


def is_listed(lib: ModuleType, vendor_name: str) -> bool:
    """Returns whether the library's table has a price for the model, which may be 0."""
    names = (vendor_name, vendor_name.partition("/")[2] or vendor_name)
    rows: list[Mapping[str, Any]] = [lib.model_cost[name] for name in names if name in lib.model_cost]
    return any(value is not None for row in rows for name, value in row.items() if "cost_per" in name)
