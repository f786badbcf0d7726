"""Shortens the schema of a tool, which every turn sends to the model. Pure."""

from collections.abc import Mapping
from typing import Any, cast

from pydantic import JsonValue

_LITERAL = ("default", "enum", "const", "required", "examples")
"""Keywords whose value isn't a schema."""
_NAMED = ("properties", "$defs", "definitions")
"""Keywords whose value is schemas by name."""
_NULL = {"type": "null"}


def shortened(schema: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Returns the schema without titles, without defaults that say "nothing", and with each alternative once.

    An optional argument can be left out, so it needn't accept null as well. Alternatives that a field tells apart are
    `anyOf`, and a constant is an `enum`, because some vendors' formats have neither `oneOf` nor `const`.
    """
    return _schema(schema)


def _schema(schema: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    found = {name: _value(name, value) for name, value in schema.items() if name not in ("title", "const")}
    if "const" in schema:
        found["enum"] = [schema["const"]]
    if "default" in found and _says_nothing(found["default"]):
        del found["default"]
    match found.get("discriminator"):
        case {"propertyName": name}:
            found["discriminator"] = {"propertyName": name}  # the values are those of the alternatives
            found = {"anyOf" if key == "oneOf" else key: value for key, value in found.items()}
        case _:
            pass
    if isinstance(branches := found.get("anyOf"), list):
        optional = "default" in schema and schema["default"] is None
        rest = _alternatives(branches, without_null=optional)
        found["anyOf"] = rest
        if len(rest) == 1 and isinstance(only := rest[0], dict) and not found.keys() & (only.keys() - {"description"}):
            del found["anyOf"]
            found = {**only, **found}
    return found


def _says_nothing(default: JsonValue) -> bool:
    return default is None or default is False or default in ("", [], {})


def _value(name: str, value: JsonValue) -> JsonValue:
    if name in _LITERAL:
        return value
    if name in _NAMED and isinstance(value, dict):
        return {key: _schema(one) if isinstance(one, dict) else one for key, one in value.items()}
    if isinstance(value, dict):
        return _schema(value)
    if isinstance(value, list):
        return [_schema(one) if isinstance(one, dict) else one for one in value]
    return value


def _alternatives(branches: list[JsonValue], *, without_null: bool) -> list[JsonValue]:
    """Returns the branches; a number may always be whole."""
    kept = [one for one in branches if not (without_null and one == _NULL)]
    plain = [cast("dict[str, Any]", one) for one in kept if isinstance(one, dict)]
    return [one for one in kept if not (one == {"type": "integer"} and {"type": "number"} in plain)]
