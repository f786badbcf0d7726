"""Schemas are short, and mean what they did."""

from typing import Any

import pytest

from agents.explain_argument_errors import misfit
from agents.models.argument_fitting import fitted
from agents.shorten_schema import shortened

TEXT_OR_NULL: dict[str, Any] = {"anyOf": [{"type": "string"}, {"type": "null"}]}


@pytest.mark.parametrize(
    ("field", "short"),
    [
        ({"title": "Path", "type": "string"}, {"type": "string"}),
        ({**TEXT_OR_NULL, "default": None, "description": "d"}, {"type": "string", "description": "d"}),
        (TEXT_OR_NULL, TEXT_OR_NULL),
        ({"type": "string", "default": ""}, {"type": "string"}),
        ({"type": "boolean", "default": False}, {"type": "boolean"}),
        ({"type": "integer", "default": 0}, {"type": "integer", "default": 0}),
        ({"anyOf": [{"type": "integer"}, {"type": "number"}]}, {"type": "number"}),
        (
            {"anyOf": [{"type": "integer"}, {"type": "string"}, {"type": "null"}], "default": None},
            {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        ),
        ({"const": "a", "type": "string"}, {"type": "string", "enum": ["a"]}),
        (
            {"oneOf": [{"const": 1}, {"const": 2}], "discriminator": {"propertyName": "do", "mapping": {"a": "b"}}},
            {"anyOf": [{"enum": [1]}, {"enum": [2]}], "discriminator": {"propertyName": "do"}},
        ),
        ({"enum": ["title", None]}, {"enum": ["title", None]}),
        ({"type": "array", "items": {"title": "T", "type": "string"}}, {"type": "array", "items": {"type": "string"}}),
    ],
)
def test_what_says_nothing_is_left_out(field: dict[str, Any], short: dict[str, Any]) -> None:
    assert shortened({"title": "tool", "properties": {"title": field}}) == {"properties": {"title": short}}


def test_null_for_an_optional_argument_still_counts_as_leaving_it_out() -> None:
    schema = shortened(
        {"type": "object", "properties": {"a": {"type": "string"}, "b": {**TEXT_OR_NULL, "default": None}}}
    )
    assert misfit(schema, {"b": None})
    assert fitted(schema, {"b": None}) == {}


def test_a_definition_is_written_where_it_is_used_if_that_is_one_place_only() -> None:
    one: dict[str, Any] = {"type": "object", "properties": {"n": {"$ref": "#/$defs/Leaf"}}}
    twice: dict[str, Any] = {"type": "array", "items": {"$ref": "#/$defs/Tree"}}
    schema = shortened({
        "$defs": {"One": one, "Leaf": {"type": "integer"}, "Tree": {"type": "object", "properties": {"rest": twice}}},
        "properties": {"a": {"$ref": "#/$defs/One", "description": "d"}, "b": twice},
    })  # fmt: skip
    assert schema == {
        "$defs": {"Tree": {"type": "object", "properties": {"rest": twice}}},
        "properties": {
            "a": {"type": "object", "properties": {"n": {"type": "integer"}}, "description": "d"},
            "b": twice,
        },
    }
