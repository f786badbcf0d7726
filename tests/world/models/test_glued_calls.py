"""Arguments that servers glue together, repeat or send again: the calls that were meant are made, each once."""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.world.models.answers import Raw, call, calls, chunk, usage_chunk, words
from tests.world.models.behaviours import WorldOfOne, behaviour, done

FINAL = words("The total is 42.")
A, B = '{"path": "a.txt"}', '{"path": "b.txt"}'
GLUED = {
    "two calls": (A + B, ["a.txt", "b.txt"]),
    "two calls in lines": (f"{A}\n{B}", ["a.txt", "b.txt"]),
    "an empty start": ("{}" + A, ["a.txt"]),
    "the same twice": (A + A, ["a.txt"]),
}


@behaviour("glued calls")
@pytest.mark.parametrize(("arguments", "paths"), GLUED.values(), ids=GLUED)
async def test_glued_arguments_are_the_calls_that_were_meant(
    world: WorldOfOne, arguments: str, paths: list[str]
) -> None:
    world.answers(calls(call("read_file", arguments)), FINAL)
    done(await world.step(), "The total is 42.")
    assert [args["path"] for _, args in world.calls] == paths
    assert len(world.requests) == 2


def piece(arguments: str, **more: Any) -> dict[str, Any]:
    return chunk(
        {"tool_calls": [{"index": 0, "function": {"arguments": arguments, **more.pop("function", {})}, **more}]}
    )


NAMED = {"id": "c1", "type": "function", "function": {"name": "read_file"}}
STREAMS: dict[str, tuple[Sequence[dict[str, Any]], list[str]]] = {
    "all that came so far": ([piece(part, **NAMED) for part in ('{"pa', '{"path": "a.t', A)], ["a.txt"]),
    "the whole call again at the end": ([piece("", **NAMED), piece('{"path": '), piece('"a.txt"}'), piece(A, **NAMED)],
                                        ["a.txt"]),
    "the next call under the same number": ([piece("", **NAMED), piece(A), piece(B, function={"name": ""})],
                                            ["a.txt", "b.txt"]),
}  # fmt: skip


@behaviour("glued calls")
@pytest.mark.parametrize(("pieces", "paths"), STREAMS.values(), ids=STREAMS)
async def test_pieces_that_repeat_what_came_are_the_calls_that_were_meant(
    world: WorldOfOne, pieces: Sequence[dict[str, Any]], paths: list[str]
) -> None:
    rows = (*pieces, chunk({}, "tool_calls"), usage_chunk())
    said = calls(*(call("read_file", {"path": path}, name=path) for path in paths))
    world.answers(Raw(rows, said.whole("openai")), FINAL)
    done(await world.step(), "The total is 42.")
    assert [args["path"] for _, args in world.calls] == paths
    assert len(world.requests) == 2


@behaviour("glued calls")
async def test_objects_inside_each_other_are_one_call(world: WorldOfOne) -> None:
    content = '{"a": {"a": {"a": 1}}}'
    text = {"path": "a.md", "content": content}
    world.answers(calls(call("write_file", text)), FINAL)
    done(await world.step(), "The total is 42.")
    assert [args for _, args in world.calls] == [text]
