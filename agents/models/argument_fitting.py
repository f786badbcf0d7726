"""Fits arguments that a model wrote in another form to the tool's schema, where only one reading is possible. Pure."""

import ast
import json
from collections.abc import Mapping
from typing import Any, cast

from agents.explain_argument_errors import misfit
from orchestrator.domain import clean_outside_text

_WRAPPERS = ("arguments", "parameters", "args", "input", "properties")


def fitted(schema: Mapping[str, Any], args: dict[str, Any]) -> dict[str, Any]:
    """Returns arguments that fit the schema, or the same ones if they already do or can't be fitted exactly."""
    if not misfit(schema, args):
        return args
    for given in (args, _unwrapped(schema, args)):
        if given is None:
            continue
        found = _fit(schema, given, schema)
        if isinstance(found, dict) and not misfit(schema, found):
            return cast("dict[str, Any]", found)
    return args


def _unwrapped(schema: Mapping[str, Any], args: dict[str, Any]) -> dict[str, Any] | None:
    """Returns the arguments inside a wrapper that the schema doesn't know."""
    if len(args) != 1:
        return None
    name, inner = next(iter(args.items()))
    known: Mapping[str, Any] = schema.get("properties") or {}
    if name in known or name not in _WRAPPERS:
        return None
    found = _parsed(inner) if isinstance(inner, str) else inner
    return cast("dict[str, Any]", found) if isinstance(found, dict) else None


def _fit(schema: Any, value: Any, root: Mapping[str, Any]) -> Any:
    branches = list(_branches(schema, root))
    kinds = {kind for branch in branches for kind in _kinds(branch)}
    if isinstance(value, str) and kinds and "string" not in kinds:
        value = _typed(value, kinds)
    elif isinstance(value, int | float) and not isinstance(value, bool) and kinds == {"string"}:
        return json.dumps(value)
    if isinstance(value, dict):
        return _fields(branches, cast("dict[str, Any]", value), root)
    if isinstance(value, list):
        items = next((b["items"] for b in branches if isinstance(b.get("items"), dict)), None)
        rows = cast("list[Any]", value)
        return [_fit(items, row, root) for row in rows] if items is not None else rows
    return value


def _fields(branches: list[Mapping[str, Any]], value: dict[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    shapes = [b for b in branches if b.get("properties")]
    shape = next((b for b in shapes if _named(b, value)), None) or next(iter(shapes), None)
    if shape is None:
        return value
    known: Mapping[str, Any] = shape["properties"]
    needed = shape.get("required") or ()
    found: dict[str, Any] = {}
    for name, one in value.items():
        fit = _fit(known[name], one, root) if name in known else one
        if (
            fit in (None, "")
            and name in known
            and name not in needed
            and misfit({"$defs": root.get("$defs", {}), **known[name]}, fit)
        ):
            continue  # an optional argument that the model filled with nothing
        found[name] = fit
    return found


def _named(branch: Mapping[str, Any], value: Mapping[str, Any]) -> bool:
    """Returns whether the value has the words by which this branch is told from others."""
    fields: Mapping[str, Any] = branch["properties"]
    fixed = {name: fields.get(name, {}) for name in branch.get("required", ())}
    words = {
        name: field.get("enum") or [field["const"]] for name, field in fixed.items() if {*field} & {"enum", "const"}
    }
    return all(value.get(name) in allowed for name, allowed in words.items())


def _branches(schema: Any, root: Mapping[str, Any], depth: int = 8) -> Any:
    """Yields the forms that a value may have."""
    if not isinstance(schema, dict) or depth == 0:
        return
    one = cast("dict[str, Any]", schema)
    if isinstance(ref := one.get("$ref"), str) and ref.startswith("#/"):
        target: Any = root
        for part in ref[2:].split("/"):
            target = cast("dict[str, Any]", target).get(part, {}) if isinstance(target, dict) else {}
        yield from _branches(target, root, depth - 1)
    for branch in (*one.get("anyOf", ()), *one.get("oneOf", ()), *one.get("allOf", ())):
        yield from _branches(branch, root, depth - 1)
    yield one


def _kinds(branch: Mapping[str, Any]) -> tuple[str, ...]:
    kind: Any = branch.get("type", ())
    values: list[Any] = branch.get("enum", [])
    named = ("string",) if any(isinstance(value, str) for value in values) else ()
    return (*named, kind) if isinstance(kind, str) else (*named, *kind)


def _typed(text: str, kinds: set[str]) -> Any:
    """Returns what the text says, if it is of one of the kinds; else the text."""
    found: Any = _parsed(text)
    if isinstance(found, float) and found.is_integer() and "number" not in kinds:
        found = int(found)
    kind = (
        "null" if found is None
        else "boolean" if isinstance(found, bool)
        else "integer" if isinstance(found, int)
        else "number" if isinstance(found, float)
        else "array" if isinstance(found, list)
        else "object" if isinstance(found, dict)
        else "string"
    )  # fmt: skip
    if kind == "null" and text.strip().lower() in ("null", "none"):
        return None
    return cast(Any, found) if kind in kinds or (kind == "integer" and "number" in kinds) else text


def _parsed(text: str) -> Any:
    """Returns the JSON or the Python literal in a text; the text itself if it is neither."""
    plain = text.strip()
    try:
        return clean_outside_text.parsed(plain.lower() if plain.lower() in ("true", "false", "null") else plain)
    except clean_outside_text.Unfit:
        pass
    if plain == "None" or plain[:1] in ("[", "{"):
        try:
            return clean_outside_text.data(ast.literal_eval(plain))
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            pass
    return text
