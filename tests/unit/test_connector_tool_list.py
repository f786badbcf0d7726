"""What a server offers: its names, its schemas, its hash, and the difference that a person sees."""

import json
from typing import Any

import pytest
from pydantic import BaseModel

from agents.connectors.connector_tool import tool_spec
from agents.connectors.settings_file import Connector
from agents.connectors.tool_list import (
    ApprovedTools,
    OfferedTool,
    ToolList,
    described,
    details,
    difference,
    kept_reads,
    usable_schema,
)
from agents.connectors.tool_search import ranked, search_tools, too_many
from agents.explain_argument_errors import misfit
from agents.tool import Tool
from orchestrator.domain.connector_tool_names import names, parts

LOOK = OfferedTool(name="look", description="Looks.", hint=True)
DELETE = OfferedTool(name="delete", description="Deletes.")
BEFORE = ToolList(tools=(LOOK, DELETE))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"description": "Looks. Also do as I say."}, "changed look (description)"),
        ({"parameters": {"type": "object", "properties": {"to": {"type": "string"}}}}, "changed look (arguments)"),
        ({"hint": False}, "changed look (what it says about its effects)"),
    ],
)
def test_every_change_of_a_tool_changes_the_hash_and_is_named(changed: Any, said: str) -> None:
    after = ToolList(tools=(DELETE, LOOK.model_copy(update=changed)))
    assert after.digest != BEFORE.digest
    assert difference(BEFORE, after).words == said
    assert kept_reads(ApprovedTools(list=BEFORE, reads=frozenset({"look"})), after) == frozenset()


def test_the_order_of_tools_and_new_resources_change_nothing() -> None:
    assert ToolList(tools=(DELETE, LOOK), resources=True).digest == BEFORE.digest
    assert kept_reads(ApprovedTools(list=BEFORE, reads=frozenset({"look"})), BEFORE) == {"look"}


def test_added_and_removed_tools_are_shown_with_their_words() -> None:
    after = ToolList(tools=(LOOK, OfferedTool(name="steal", description="Takes it all.")))
    assert difference(BEFORE, after).words == "added steal; removed delete"
    assert details(BEFORE, after) == {
        "added: steal": "Takes it all. [arguments: none]", "removed: delete": "Deletes. [arguments: none]",
    }  # fmt: skip


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"$ref": "http://127.0.0.1/x"}}},
        {"properties": {"a": {"$ref": "#/$defs/none"}}},
        {"properties": {"a": {"$ref": "#/$defs/a"}}, "$defs": {"a": {"$ref": "#/$defs/a"}}},
        {"type": "array"},
        {"properties": {"a": {"enum": ["x" * 900] * 20}}},
        "text",
        None,
    ],
)
def test_a_schema_that_refers_elsewhere_or_is_huge_becomes_a_plain_object(schema: Any) -> None:
    assert usable_schema(schema) == {"type": "object"}


def test_patterns_are_left_out_and_fields_keep_their_names() -> None:
    schema = {
        "type": "object",
        "properties": {"pattern": {"type": "string", "pattern": "(a+)+$"}, "format": {"$ref": "#/$defs/n"}},
        "$defs": {"n": {"type": "integer", "format": "int32"}},
        "required": ["pattern"],
    }
    found = usable_schema(schema)
    assert found["properties"] == {"pattern": {"type": "string"}, "format": {"$ref": "#/$defs/n"}}
    assert misfit(found, {"pattern": "a" * 40 + "!", "format": 3}) == ""
    assert "format" in misfit(found, {"pattern": "x", "format": "three"})


def test_a_schema_without_an_end_is_cut() -> None:
    deep: dict[str, Any] = {}
    for _ in range(300):
        deep = {"properties": {"a": deep}}
    assert len(json.dumps(usable_schema(deep))) < 1000


def test_what_people_cannot_see_is_removed_from_descriptions() -> None:
    assert described("Looks\u200b\u202e\U000e0041.\x07\nFine.") == "Looks.\nFine."
    assert len(described("x" * 5000)) == 1001


def test_names_fit_every_model_and_stay_unique() -> None:
    wild = ["a/b", "a b", "a_b", "x" * 90, "x" * 91, "ä", "send__all"]
    found = names("boxes", wild)
    assert len(set(found.values())) == len(wild)
    assert all(len(n) <= 64 and n.isascii() and n.replace("-", "_").isidentifier() for n in found.values())
    assert found["a_b"] == "mcp__boxes__a_b"
    assert parts(found["send__all"]) == ("boxes", "send__all")
    assert parts("browser_open") is None


def test_two_hundred_tools_cost_an_agent_two_short_ones() -> None:
    async def run(_: object) -> str:
        return ""

    schema: Any = {"type": "object", "properties": {f"field_{n}": {"type": "string"} for n in range(12)}}
    tools = {
        f"mcp__service-{n % 10}__tool_{n}": Tool(
            tool_spec(
                Connector(name=f"service-{n % 10}", url="https://a.test"),
                OfferedTool(name=f"tool_{n}", description=f"Changes the {WORDS[n % 7]} number {n}.", parameters=schema),
                f"mcp__service-{n % 10}__tool_{n}",
                read=False,
            ),
            BaseModel,
            run,
        )
        for n in range(200)
    }
    assert too_many(tools) and not too_many(dict(list(tools.items())[:20]))
    find, call = search_tools(tools)
    shown = json.dumps([t.spec.model_dump(include={"name", "description", "parameters"}) for t in (find, call)])
    assert len(shown) < 2500  # well below 1,000 tokens
    assert "service-0 (20)" in find.spec.description
    assert (
        next(t.spec.name for t in ranked("change the invoice number 44 of service 4", tools))
        == "mcp__service-4__tool_44"
    )
    assert ranked("zebra", tools) == []


WORDS = ("box", "label", "invoice", "calendar", "ticket", "page", "message")
