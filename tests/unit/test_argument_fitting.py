"""Arguments in another form than the schema asks for: fitted where only one reading is possible."""

from typing import Any

import pytest

from agents.models.argument_fitting import fitted
from agents.models.match_tool_name import tool_named

SCHEMA: dict[str, Any] = {
    "type": "object",
    "$defs": {"Row": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}},
    "properties": {
        "path": {"type": "string"},
        "rows": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}},
        "row": {"$ref": "#/$defs/Row"},
        "many": {"type": "array", "items": {"$ref": "#/$defs/Row"}},
        "count": {"type": "integer"},
        "wide": {"type": "boolean"},
        "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
        "changes": {
            "type": "array",
            "items": {
                "oneOf": [
                    {
                        "type": "object",
                        "properties": {"do": {"const": "name"}, "text": {"type": "string"}},
                        "required": ["do", "text"],
                        "additionalProperties": False,
                    },
                    {
                        "type": "object",
                        "properties": {"do": {"enum": ["insert", "delete"]}, "count": {"type": "integer"}},
                        "required": ["do"],
                        "additionalProperties": False,
                    },
                ]
            },
        },
        "most": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
    },
    "required": ["path"],
    "additionalProperties": False,
}


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ({"path": "a", "rows": "[[1, 2]]"}, {"path": "a", "rows": [[1, 2]]}),
        ({"path": "a", "rows": ["[1, 2]"]}, {"path": "a", "rows": [[1, 2]]}),
        ({"path": "a", "row": '{"n": "3"}'}, {"path": "a", "row": {"n": 3}}),
        ({"path": "a", "many": "[{'n': 1}]"}, {"path": "a", "many": [{"n": 1}]}),
        ({"path": "a", "count": "12"}, {"path": "a", "count": 12}),
        ({"path": "a", "count": "12.0"}, {"path": "a", "count": 12}),
        ({"path": "a", "wide": "True"}, {"path": "a", "wide": True}),
        ({"path": 2024}, {"path": "2024"}),
        ({"path": "a", "count": None}, {"path": "a"}),
        ({"path": "a", "rows": ""}, {"path": "a"}),
        ({"path": "a", "changes": [{"do": "delete", "count": None}]}, {"path": "a", "changes": [{"do": "delete"}]}),
        ({"path": "a", "most": "null"}, {"path": "a", "most": None}),
        ({"arguments": {"path": "a"}}, {"path": "a"}),
        ({"parameters": '{"path": "a"}'}, {"path": "a"}),
    ],
)
def test_one_reading_is_taken(given: dict[str, Any], meant: dict[str, Any]) -> None:
    assert fitted(SCHEMA, given) == meant


@pytest.mark.parametrize(
    "given",
    [
        {"path": "a", "count": "twelve"},
        {"path": "a", "count": "12.5"},
        {"path": None},
        {"paths": "a"},
        {"path": "a", "rows": "1, 2"},
        {"path": '{"a": 1}', "note": "[1]"},
    ],
)
def test_the_rest_stays_as_it_is(given: dict[str, Any]) -> None:
    assert fitted(SCHEMA, given) == given


@pytest.mark.parametrize(
    "name", ["read_file", "functions.read_file", "functions.read_file:0", "Read-File", "default_api:read_file"]
)
def test_a_name_with_additions_is_the_tool(name: str) -> None:
    assert tool_named(name, {"read_file", "write_file"}) == "read_file"


def test_a_name_that_two_tools_could_have_stays() -> None:
    assert tool_named("READFILE", {"read_file", "readfile_"}) == "READFILE"
    assert tool_named("open", {"read_file"}) == "open"
