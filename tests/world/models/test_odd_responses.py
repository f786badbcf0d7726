"""Responses without a reply, replies that the library can't read, and servers that only show that they're alive."""

from typing import Any

import pytest

from tests.world.models.answers import Plain, Said, Slow, call, calls, words
from tests.world.models.behaviours import WorldOfOne, behaviour, done, failed

FINAL = words("The total is 42.")
READ = calls(call("read_file", {"path": "a.txt"}))


def reply(message: dict[str, Any]) -> dict[str, Any]:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": "stop"}
    return {"id": "c1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice]}


BODIES: dict[str, tuple[Any, str, int]] = {
    "page": ("<!DOCTYPE html><html><title>Sign in</title></html>", "doesn't offer the API", 1),
    "no endpoint": ({"error": "Unexpected endpoint or method. (POST /chat/completions)"}, "doesn't offer the API", 1),
    "no balance": ({"base_resp": {"status_msg": "insufficient balance"}}, "no credit left", 1),
    "no key": (
        {"base_resp": {"status_code": 1004, "status_msg": "login fail: Please carry the API secret key"}},
        "rejected the key",
        1,
    ),
    "no credits": ({"error": {"message": "It needs more credits", "code": 402}}, "no credit left", 1),
    "error": ({"object": "error", "message": "NETWORK ERROR", "code": 50001}, "can't be read", 2),
    "nothing": ({"id": "x", "choices": []}, "can't be", 3),
}


@behaviour("odd response")
@pytest.mark.parametrize(("body", "told", "most"), BODIES.values(), ids=BODIES)
async def test_a_response_without_a_reply_is_told_after_two_tries_at_most(
    world: WorldOfOne, body: Any, told: str, most: int
) -> None:
    world.answers(Plain(body))
    failed(await world.step(), told)
    assert len(world.requests) <= most


@behaviour("odd response")
async def test_text_in_parts_is_read_without_a_stream_too(world: WorldOfOne) -> None:
    thought = {"type": "thinking", "thinking": [{"type": "text", "text": "Hm."}]}
    world.answers(READ, Plain(reply({"content": [thought, {"type": "text", "text": "The total is 42."}]})))
    done(await world.step(), "The total is 42.")


@behaviour("odd response")
async def test_signs_of_life_are_waited_for(world: WorldOfOne) -> None:
    world.answers(READ, Slow(FINAL, signs=8, every=200))
    done(await world.step(), "The total is 42.")
    assert len(world.requests) == 2


@behaviour("odd response")
async def test_signs_of_life_alone_are_told_as_a_queue(world: WorldOfOne) -> None:
    world.answers(READ, Slow(FINAL, signs=100, every=20))
    failed(await world.step(), "has queued the request")
    assert len(world.requests) == 3


@behaviour("not a stream")
@pytest.mark.parametrize("vendor", ["openai/m", "deepseek/deepseek-chat", "groq/llama-3.3-70b", "openrouter/x/y"])
async def test_a_whole_reply_instead_of_a_stream_is_used_and_not_paid_for_twice(world: WorldOfOne, vendor: str) -> None:
    world.model = vendor
    world.answers(Plain(calls(call("read_file", {"path": "a.txt"})).whole("openai")), Plain(FINAL.whole("openai")))
    done(await world.step(), "The total is 42.")
    assert len(world.requests) == 2
    assert world.state is not None
    assert world.state.used.prompt == 100
    assert [bool(request.get("stream")) for request in world.requests] == [world.server.streams, False]


@behaviour("not a stream")
async def test_the_tokens_of_a_reply_that_the_library_cannot_read_are_the_servers(world: WorldOfOne) -> None:
    part = {"type": "text", "text": "The total is 42."}
    world.answers(Plain(Said({"content": [{"type": "thinking", "thinking": [part]}, part]}).whole("openai")))
    done(await world.step(), "The total is 42.")
    assert world.state is not None
    assert (world.state.used.prompt, world.state.used.completion) == (50, 40)
