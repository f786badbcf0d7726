"""What is asked for with OpenAI's own client, and how its pieces are read."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from agents.models.endpoint import Endpoint, route
from agents.models.json_attribute_access import fields
from agents.models.openai_stream import needs_no_translation, written
from agents.models.stream_details_litellm_drops import RawStream

PROVIDERS = frozenset({"openai", "anthropic"})


@pytest.mark.parametrize(
    ("name", "base", "plain"),
    [
        ("qwen3", "http://127.0.0.1:1234/v1", True),
        ("openai/gpt-5", "https://gateway.test/v1", True),
        ("ollama/qwen3", None, True),
        ("openai/responses/gpt-5", "https://gateway.test/v1", False),
        ("openai/gpt-5", None, False),
        ("anthropic/claude-sonnet-4-5", "https://gateway.test", False),
    ],
)
def test_only_another_partys_chat_needs_no_translation(name: str, base: str | None, plain: bool) -> None:
    assert needs_no_translation(route(Endpoint(api_base=base), name, PROVIDERS)) is plain


def test_a_piece_is_read_by_its_names_at_any_depth() -> None:
    delta = (
        fields({"choices": [{"delta": {"tool_calls": [{"index": 0, "id": "a", "extra": {"x": 1}}]}}]}).choices[0].delta
    )
    piece = delta.tool_calls[0]
    assert (piece.id, piece.function, piece.model_extra) == ("a", None, {"extra": {"x": 1}})
    assert delta.content is None


def test_what_is_not_an_object_stays_what_it_is() -> None:
    assert [fields(value) for value in (None, 1, "a", [1, None])] == [None, 1, "a", [1, None]]


def test_a_request_is_written_with_the_tools_that_it_has() -> None:
    for names in (("a",), ("a", "b"), ("a",), ("b",)):
        tools = [{"type": "function", "function": {"name": name, "parameters": {"title": "ä"}}} for name in names]
        body = {"model": "m", "messages": [{"role": "user", "content": "wörter"}], "tools": tools}
        assert json.loads(written(body)) == body
    assert json.loads(written({"model": "m", "messages": []})) == {"model": "m", "messages": []}


async def test_a_piece_that_is_nested_too_deeply_cant_be_read() -> None:
    deep: dict[str, Any] = {}
    for _ in range(5_000):
        deep = {"choices": [deep]}

    async def pieces() -> AsyncIterator[Any]:
        yield deep

    with pytest.raises(ValueError, match="nested too deeply"):
        async for _ in RawStream(pieces()):
            pass
