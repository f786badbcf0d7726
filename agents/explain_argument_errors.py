"""Explains what is wrong with the arguments of a call so that a model can correct them. Pure."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any

import jsonschema
from jsonschema.exceptions import ValidationError
from jsonschema.protocols import Validator

_MOST = 5
_MOST_NAMES = 24
_KINDS = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
    "null": "null",
}
_UNIONS = ("anyOf", "oneOf")


def is_schema(schema: Mapping[str, Any]) -> bool:
    """Returns whether this is a valid JSON Schema, so that checking against it can't fail."""
    try:
        jsonschema.Draft202012Validator.check_schema(schema)
    except jsonschema.SchemaError:
        return False
    return True


def misfit(schema: Mapping[str, Any], args: Any) -> str:
    """Returns each error with its place, without the values (they may be secret); empty if all is valid."""
    places: dict[str, list[ValidationError]] = defaultdict(list)
    for error in _flat(_compiled(json.dumps(schema)).iter_errors(args)):
        places[".".join(map(str, error.absolute_path))].append(error)
    return "; ".join(_words(place, errors) for place, errors in sorted(places.items())[:_MOST])


@lru_cache(maxsize=512)
def _compiled(schema: str) -> Validator:
    return jsonschema.Draft202012Validator(json.loads(schema))


def _flat(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Returns the errors of the branch that was meant, instead of "matches none of the branches"."""
    for error in errors:
        meant = _meant(error) if error.validator in _UNIONS else None
        if meant is None:
            yield error
        else:
            yield from _flat(meant)


def _meant(error: ValidationError) -> list[ValidationError] | None:
    """Returns the errors of the one branch whose kind and name are right; None if no branch stands out."""
    branches: dict[Any, list[ValidationError]] = defaultdict(list)
    for one in error.context or ():
        branches[one.schema_path[0]].append(one)
    tags = _tags(error)
    near = [those for those in branches.values() if not any(_another(error, one, tags) for one in those)]
    return min(near, key=len) if near else None


def _tags(union: ValidationError) -> dict[str, list[str]]:
    """Returns the discriminator field of the branches with its values; empty if there is none."""
    schema: Any = union.schema
    discriminator: Any = schema.get("discriminator") or {}
    tag = str(discriminator.get("propertyName") or "")
    if not tag:
        return {}
    values = (value for one in union.context or () for value in _values_of(tag, one))
    return {tag: list(dict.fromkeys(values))}


def _values_of(tag: str, one: ValidationError) -> Iterable[str]:
    """Returns the values that the tag may have in the branch that the error is from, as far as the error shows."""
    branch: Any = one.schema
    if _is(one, "const", "enum") and list(one.path) == [tag]:
        field = branch
    else:
        field = branch.get("properties", {}).get(tag, {})
    return [str(value) for value in field.get("enum", [field["const"]] if "const" in field else [])]


def _another(union: ValidationError, one: ValidationError, tags: Mapping[str, Any]) -> bool:
    """Returns whether this error says that another branch was meant: of another kind, or with another name."""
    given: Any = one.instance
    if _deeper(union, one) == 0:
        unnamed = any(tag not in given for tag in tags) if _is(one, "required") else False
        return unnamed or _is(one, "type", "enum", "const")
    return _deeper(union, one) == 1 and _is(one, "enum", "const") and str(one.absolute_path[-1]) in tags


def _deeper(union: ValidationError, one: ValidationError) -> int:
    return len(one.absolute_path) - len(union.absolute_path)


def _is(error: ValidationError, *kinds: str) -> bool:
    return error.validator in kinds


def _words(place: str, errors: list[ValidationError]) -> str:
    who, noun = (place, "field") if place else ("it", "argument")
    shape = next((e for e in errors if _is(e, "additionalProperties", "required")), None)
    if shape is None:
        return f"{who}: {_value(errors[0])}"
    schema: Any = shape.schema
    known: dict[str, Any] = schema.get("properties", {})
    given: Any = shape.instance
    strange = [str(name) for name in given if name not in known]
    missing = [str(name) for name in schema.get("required", ()) if name not in given]
    said: list[str] = []
    if strange and schema.get("additionalProperties") is False:
        said.append(f"has no {noun} {_strange(strange, known)}")
    if missing:
        said.append("needs " + " and ".join(f"{name!r}{_of_kind(known.get(name, {}))}" for name in missing))
    return f"{who} {' and '.join(said)}; its {noun}s are: {_listed(known)}"


def _strange(names: list[str], known: Mapping[str, Any]) -> str:
    return " and no ".join(f"{name[:60]!r}{_near(name, known)}" for name in names[:_MOST])


def _near(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, known, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _value(error: ValidationError) -> str:
    """Returns what one place has to be."""
    limit: Any = error.validator_value
    match str(error.validator):
        case "type":
            return f"it must be {_kind({'type': limit})}"
        case "enum":
            near = _near(str(error.instance), [str(v) for v in limit])
            return f"it must be one of {', '.join(map(repr, limit))}{near}"
        case "const":
            return f"it must be {limit!r}"
        case "anyOf" | "oneOf":
            return _union(error)
        case "minItems" | "minLength" | "minProperties":
            return f"it must have at least {limit}"
        case "maxItems" | "maxLength" | "maxProperties":
            return f"it may have at most {limit}"
        case "minimum" | "maximum":
            return f"it must be at {'least' if error.validator == 'minimum' else 'most'} {limit}"
        case "exclusiveMinimum" | "exclusiveMaximum":
            return f"it must be {'more' if error.validator == 'exclusiveMinimum' else 'less'} than {limit}"
        case "pattern":
            return f"it must match {limit}"
        case other:
            return f"it violates {other!r} in its schema"


def _union(error: ValidationError) -> str:
    given: Any = error.instance
    for field, values in _tags(error).items():
        near = _near(str(given.get(field, "")), values)
        return f"its {field!r} must be one of {', '.join(map(repr, dict.fromkeys(values)))}{near}"
    kinds = [
        _kind({"type": e.validator_value}) for e in error.context or () if _is(e, "type") and not _deeper(error, e)
    ]
    return f"it must be {' or '.join(dict.fromkeys(kinds))}" if kinds else "it doesn't match any of the allowed forms"


def _of_kind(schema: Mapping[str, Any]) -> str:
    kind = _kind(schema)
    return f" ({kind})" if kind else ""


def _kind(schema: Mapping[str, Any]) -> str:
    if "enum" in schema:
        return "one of " + ", ".join(map(repr, schema["enum"]))
    if "const" in schema:
        return repr(schema["const"])
    if "anyOf" in schema:
        return " or ".join(
            dict.fromkeys(filter(None, (_kind(one) for one in schema["anyOf"] if one != {"type": "null"})))
        )
    kinds = schema.get("type", ())
    return " or ".join(_KINDS.get(k, str(k)) for k in ([kinds] if isinstance(kinds, str) else kinds))


def _listed(known: Mapping[str, Any]) -> str:
    names = list(known)
    return (", ".join(names[:_MOST_NAMES]) + (", …" if len(names) > _MOST_NAMES else "")) or "none"
