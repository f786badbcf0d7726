"""Reads decoded JSON by names instead of keys, as the library's objects are read. Pure."""

from collections.abc import Mapping
from typing import Any, cast

_CALL_PIECE = ("index", "id", "type", "function")


class Fields(dict[str, Any]):
    """A JSON object whose names can be read as attributes; one that is missing is None."""

    def __getattr__(self, name: str) -> Any:
        return self.get(name)

    @property
    def model_extra(self) -> Mapping[str, Any]:
        """Returns what a piece of a call holds beyond the protocol."""
        return {name: value for name, value in self.items() if name not in _CALL_PIECE}


def fields(value: Any) -> Any:
    """Returns decoded JSON with its objects as Fields."""
    if isinstance(value, dict):
        return Fields((name, fields(inner)) for name, inner in cast("dict[str, Any]", value).items())
    return [fields(inner) for inner in cast("list[Any]", value)] if isinstance(value, list) else value
