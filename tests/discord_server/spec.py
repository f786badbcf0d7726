"""Discord's own OpenAPI document, asked about one request at a time. Only used operations are compiled.

jsonschema-rs says whether a body fits, a thousand times as fast; jsonschema says why not, in words.
"""

import json
import re
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import jsonschema_rs
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from tests.discord_server.refusal import bad_form

DOCUMENT = Path(__file__).with_name("openapi.json")
_METHODS = ("get", "post", "put", "patch", "delete")


@cache
def document() -> dict[str, Any]:
    return json.loads(DOCUMENT.read_bytes())


@cache
def _registry() -> Registry[Any]:
    return Registry().with_resource("urn:discord", Resource.from_contents(document(), DRAFT202012))


@cache
def _fast_registry() -> jsonschema_rs.Registry:
    return jsonschema_rs.Registry([("urn:discord", document())], draft=jsonschema_rs.Draft202012)


@cache
def _paths() -> list[tuple[re.Pattern[str], str]]:
    """Literal parts before parameters, so that `/users/@me` is not a user named `@me`."""
    rows = sorted(document()["paths"], key=lambda path: (path.count("{"), -len(path)))
    return [
        (re.compile(re.sub(r"\{[^}]*\}", "[^/]+", re.escape(p).replace(r"\{", "{").replace(r"\}", "}"))), p)
        for p in rows
    ]


@cache
def template(method: str, path: str) -> str | None:
    """The documented path of a request, or None where Discord documents none."""
    for pattern, name in _paths():
        if pattern.fullmatch(path) and method.lower() in document()["paths"][name]:
            return name
    return None


class _Compiled(NamedTuple):
    """One schema, to be asked whether a value fits and why it doesn't."""

    fast: jsonschema_rs.Draft202012Validator
    slow: Draft202012Validator


@cache
def _validator(method: str, name: str) -> _Compiled | None:
    body = document()["paths"][name][method.lower()].get("requestBody")
    if not body or "application/json" not in body["content"]:
        return None
    return _compiled(body["content"]["application/json"]["schema"])


def _compiled(schema: dict[str, Any]) -> _Compiled:
    absolute = json.loads(json.dumps(schema).replace('"#/', '"urn:discord#/'))
    fast = jsonschema_rs.Draft202012Validator(absolute, registry=_fast_registry())
    return _Compiled(fast, Draft202012Validator(absolute, registry=_registry()))


@cache
def _component(name: str) -> _Compiled:
    return _compiled({"$ref": f"#/components/schemas/{name}"})


def check(method: str, name: str, body: Any) -> None:
    """Raises Refusal when the body does not fit the operation's schema, or has a field that the schema lacks."""
    validator = _validator(method, name)
    if validator is None:
        return
    _raise(validator, body)
    known = _fields(validator.slow.schema)
    if isinstance(body, dict) and known and (extra := sorted(set(body) - known)):
        raise bad_form(extra[0], "This field is not documented for this request.")


def check_as(schema: str, value: Any) -> None:
    """Raises Refusal when the value does not fit a named schema of the document."""
    _raise(_component(schema), value)


def _raise(validator: _Compiled, body: Any) -> None:
    if validator.fast.is_valid(body):
        return
    error = best_match(validator.slow.iter_errors(body))
    if error is None:
        raise bad_form("body", "jsonschema-rs finds this value wrong and jsonschema doesn't.")
    raise bad_form(_where(error), error.message[:500])


def _where(error: ValidationError) -> str:
    return ".".join(str(part) for part in error.absolute_path) or "body"


def _fields(schema: Any) -> set[str]:
    """The properties that some branch of the schema knows."""
    if "$ref" in schema:
        return _fields(_resolved(schema["$ref"]))
    found = set(schema.get("properties", {}))
    for word in ("anyOf", "oneOf", "allOf"):
        for branch in schema.get(word, []):
            found |= _fields(branch)
    return found


def _resolved(ref: str) -> Any:
    node: Any = document()
    for part in ref.partition("#/")[2].split("/"):
        node = node[part]
    return node
