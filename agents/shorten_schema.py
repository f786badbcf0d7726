"""Shortens the schema of a tool, which every turn sends to the model. Pure."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, cast

from pydantic import JsonValue

_LITERAL = ("default", "enum", "const", "required", "examples")
"""Keywords whose value isn't a schema."""
_NAMED = ("properties", "$defs", "definitions")
"""Keywords whose value is schemas by name."""
_NULL = {"type": "null"}
_PLACE = "#/$defs/"


def shortened(schema: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Returns the schema without titles, without defaults that say "nothing", and with each alternative once.

    An optional argument can be left out, so it needn't accept null as well. Alternatives that a field tells apart are
    `anyOf`, and a constant is an `enum`, because some vendors' formats have neither `oneOf` nor `const`.
    What is defined for one place only is written there.
    """
    return _inlined(_schema(schema))


def _inlined(schema: dict[str, JsonValue]) -> dict[str, JsonValue]:
    """Returns the schema with each definition that is used once in its place."""
    defined = schema.get("$defs")
    if not isinstance(defined, dict):
        return schema
    uses = Counter(_used(schema))
    once = {f"{_PLACE}{name}": one for name, one in defined.items() if uses[f"{_PLACE}{name}"] == 1}
    once = {ref: one for ref, one in once.items() if ref not in _used(one)}
    kept = {name: one for name, one in defined.items() if f"{_PLACE}{name}" not in once}
    found = _placed({name: value for name, value in schema.items() if name != "$defs"}, once)
    assert isinstance(found, dict)
    return {"$defs": _placed(kept, once), **found} if kept else found


def _placed(value: JsonValue, once: Mapping[str, JsonValue]) -> JsonValue:
    match value:
        case {"$ref": str(ref), **more} if ref in once:
            there = _placed(once[ref], once)
            return {**there, **more} if isinstance(there, dict) else there
        case dict():
            return {name: _placed(one, once) for name, one in value.items()}
        case list():
            return [_placed(one, once) for one in value]
        case _:
            return value


def _used(value: JsonValue) -> Iterator[str]:
    """Yields what the schema refers to."""
    if isinstance(value, dict):
        if isinstance(ref := value.get("$ref"), str):
            yield ref
        for one in value.values():
            yield from _used(one)
    elif isinstance(value, list):
        for one in value:
            yield from _used(one)


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
