"""Responses without a reply, replies that the library can't read, and servers that only show that they're alive."""

from typing import Any

import pytest

from tests.world.models.answers import Plain, Slow, call, calls, words
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
