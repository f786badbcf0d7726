"""Reads from a server's list of models how many tokens prompt and reply of one may have. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

_LOADED = ("loaded_context_length", "max_model_len", "n_ctx", "num_ctx", "context_size")
"""As the server runs it now."""
_ABLE = (
    "context_length", "context_window", "max_context_length", "max_context_window", "max_input_tokens",
    "max_sequence_length",
)  # fmt: skip
"""As the model was made, or as the service offers it."""
_LEAST, _MOST = 256, 100_000_000


def served_window(listing: object, model: str) -> int | None:
    """Returns the tokens of prompt and reply that a `/models` listing gives for `model`; None if it doesn't say."""
    for row in _rows(listing):
        if model in (row.get("id"), row.get("name"), row.get("model"), row.get("key")):
            found = _first(row, _LOADED) or _first(row, _ABLE)
            if found:
                return found
    return None


def _rows(listing: object) -> Iterator[Mapping[str, Any]]:
    table = _table(listing)
    yield from _tables((table.get("data") or table.get("models")) if table else listing)


def _first(row: Mapping[str, Any], names: Sequence[str]) -> int | None:
    """Returns the first of the fields that has a number, also one level below (`meta`, `top_provider`)."""
    loaded = [_table(one.get("config")) for one in _tables(row.get("loaded_instances"))]
    for place in loaded:
        if found := _fitting(place.get("context_length")):
            return found
    for place in (row, *map(_table, row.values())):
        for name in names:
            if found := _fitting(place.get(name)):
                return found
    return None


def _table(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}


def _tables(value: object) -> list[Mapping[str, Any]]:
    rows = cast("list[object]", value) if isinstance(value, list) else []
    return [table for one in rows if (table := _table(one))]


def _fitting(value: object) -> int | None:
    if isinstance(value, str) and value.isdecimal():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and _LEAST <= value <= _MOST else None
