"""What vendors read of our tools' schemas, after the library has put them into each vendor's format."""

from collections.abc import Iterator
from typing import Any

import pytest

from agents.host.host_tools import known_specs
from agents.models.endpoint import Endpoint
from agents.models.litellm_model import LiteLLM
from orchestrator.domain.model_messages import Prompt, Said
from orchestrator.domain.tool_calls import ToolSpec
from tests.world.models.answers import Said as VendorSays
from tests.world.models.vendor_server import vendor_serving

SPECS = tuple(spec for specs in known_specs().values() for spec in specs)
ANSWERS = {
    "gemini/gemini-2.5-pro": VendorSays(blocks=[{"text": "42"}], finish="STOP"),
    "anthropic/claude-sonnet-4-5": VendorSays(blocks=[{"type": "text", "text": "42"}], finish="end_turn"),
}


def words_of(schema: Any) -> Iterator[str]:
    """Every word that the schema lets a model choose, and the name of every field."""
    if isinstance(schema, list):
        for one in schema:  # pyright: ignore[reportUnknownVariableType]
            yield from words_of(one)
    if isinstance(schema, dict):
        yield from map(str, schema.get("enum", ()))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
        yield from schema.get("properties", {})  # pyright: ignore[reportUnknownMemberType]
        for one in schema.values():  # pyright: ignore[reportUnknownVariableType]
            yield from words_of(one)


def declared(body: dict[str, Any]) -> dict[str, Any]:
    tools: list[dict[str, Any]] = body["tools"]
    if "functionDeclarations" in tools[0] or "function_declarations" in tools[0]:
        tools = next(iter(tools[0].values()))
    return {tool["name"]: tool for tool in tools}


@pytest.mark.parametrize("model", ANSWERS)
async def test_every_choice_and_field_of_every_tool_arrives(model: str) -> None:
    async with vendor_serving(streams=True) as server:
        server.answers = [ANSWERS[model]]
        vendor = LiteLLM(Endpoint(api_base=server.url, api_key="sk-test"))
        await vendor.complete(Prompt(model=model, messages=(Said(role="user", text="Hi"),), tools=SPECS))
        await vendor.close()
    arrived = declared(server.requests[0])
    assert [lost(spec, arrived[spec.name]) for spec in SPECS if lost(spec, arrived[spec.name])] == []


def lost(spec: ToolSpec, tool: dict[str, Any]) -> str:
    missing = {*words_of(spec.parameters)} - {*words_of(tool)}
    return f"{spec.name}: {sorted(missing)}" if missing else ""
