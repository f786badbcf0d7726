"""A server that refuses the form of a request is asked in another form, and from then on only in that."""

from collections.abc import Callable
from typing import Any

import pytest

from agents.models.endpoint import EndpointModel
from orchestrator.domain.model_messages import Prompt, Said
from orchestrator.domain.tool_calls import Effect, ToolSpec
from tests.world.models.answers import Answer, Raw, Refused, call, calls, chunk, words
from tests.world.models.behaviours import WorldOfOne, behaviour, done, failed

FINAL = words("The total is 42.")
READ = calls(call("read_file", {"path": "a.txt"}))
WRITTEN = '{"name": "read_file", "arguments": {"path": "a.txt"}}'
CALLED = ("read_file", {"path": "a.txt"})


def unless(
    refuses: Callable[[dict[str, Any]], Refused | None], *answers: Answer
) -> list[Callable[[dict[str, Any]], Answer]]:
    """The answers in order, to requests that the server doesn't refuse."""
    left = list(answers)

    def answer(body: dict[str, Any]) -> Answer:
        return refuses(body) or left.pop(0)

    return [answer]


FIELDS: dict[str, Callable[[str], str]] = {
    "pydantic": lambda name: (
        f"[{{'type': 'extra_forbidden', 'loc': ('body', '{name}'), 'msg': 'Extra inputs are not permitted'}}]"
    ),
    "openai": lambda name: f"Unrecognized request argument supplied: {name}",
    "unknown": lambda name: f"Unknown field: {name}",
    "unsupported": lambda name: f"Unsupported parameter: '{name}' is not supported by this server.",
}


@behaviour("refused field")
@pytest.mark.parametrize("wording", FIELDS.values(), ids=FIELDS)
@pytest.mark.parametrize("field", ["stream_options", "reasoning_effort", "tool_choice"])
async def test_an_optional_field_that_is_refused_is_left_out_from_then_on(
    world: WorldOfOne, field: str, wording: Callable[[str], str]
) -> None:
    world.rows = (EndpointModel("openai/m", effort="high"),)
    world.answers(*unless(lambda body: Refused(422, wording(field)) if field in body else None, READ, FINAL))
    done(await world.step(), "The total is 42.")
    assert [field in body for body in world.requests[-2:]] == [False, False]
    assert len(world.requests) <= 3


@behaviour("refused field")
@pytest.mark.parametrize("wording", FIELDS.values(), ids=FIELDS)
async def test_a_limit_for_the_reply_that_is_refused_altogether_is_left_out(
    world: WorldOfOne, wording: Callable[[str], str]
) -> None:
    cut = words("The total", finish="length")
    refused = Refused(400, wording("max_tokens"))
    world.answers(READ, *unless(lambda body: refused if "max_tokens" in body else None, cut, FINAL))
    done(await world.step(), "The total is 42.")
    assert ["max_tokens" in body for body in world.requests] == [False, False, True, False]


def system_of(body: dict[str, Any]) -> bool:
    return any(m["role"] == "system" for m in body["messages"])


SYSTEM = {
    "template": Refused(400, "System role not supported"),
    "template, as an internal error": Refused(
        500, "Value is not callable: raise_exception('System role not supported')"
    ),
    "instruction": Refused(400, "Developer instruction is not enabled for models/m"),
    "role": Refused(422, "Only user and assistant roles are supported!"),
    "messages": Refused(400, "This model does not support system messages."),
}


@behaviour("refused role")
@pytest.mark.parametrize("refused", SYSTEM.values(), ids=SYSTEM)
async def test_a_model_without_a_system_role_reads_it_in_the_first_message(world: WorldOfOne, refused: Refused) -> None:
    world.answers(*unless(lambda body: refused if system_of(body) else None, READ, FINAL))
    done(await world.step(), "The total is 42.")
    told = next(m["content"] for m in world.sent(0) if m["role"] == "system")
    assert world.sent()[0]["role"] == "user"
    assert str(world.sent()[0]["content"]).startswith(told[:200])
    assert len(world.requests) == 3


LOST: dict[str, Refused] = {
    "groq": Refused(
        400, "Failed to call a function.", more={"code": "tool_use_failed", "failed_generation": "<function"}
    ),
    "ollama": Refused(500, "error parsing tool call: raw='{\"path\":\"C:\\d\"}', err=invalid character 'd' in string"),
    "llama.cpp": Refused(500, 'Failed to parse input at pos 24: <tool_call>{"name": "read_file"'),
    "vllm": Refused(400, "Could not parse the tool call in the model's output"),
    "other": Refused(502, "The model generated an invalid function call"),
}


@behaviour("lost call")
@pytest.mark.parametrize("refused", LOST.values(), ids=LOST)
async def test_a_call_that_its_server_could_not_read_is_made_again(world: WorldOfOne, refused: Refused) -> None:
    world.answers(READ, refused, READ, FINAL)
    done(await world.step(), "The total is 42.")
    assert world.calls == [CALLED, CALLED]
    assert "couldn't be read" in str(world.sent(2)[-1])
    assert world.slept == []


@behaviour("lost call")
@pytest.mark.parametrize("refused", LOST.values(), ids=LOST)
async def test_calls_that_are_never_readable_end_after_two_corrections(world: WorldOfOne, refused: Refused) -> None:
    world.answers(READ, refused)
    failed(await world.step(), "can't be used", "couldn't be read")
    assert len(world.requests) == 4


@behaviour("lost call")
@pytest.mark.parametrize(
    "generation",
    [
        '{"name": "read_file", "arguments": {"path": "a.txt"}}',
        '<tool_call>{"name": "read_file", "arguments": {"path": "a.txt"}}</tool_call>',
    ],
)
async def test_a_call_that_comes_with_the_refusal_is_run(world: WorldOfOne, generation: str) -> None:
    more = {"code": "tool_use_failed", "failed_generation": generation}
    world.answers(READ, Refused(400, "Failed to call a function. See 'failed_generation'.", more=more), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.calls == [CALLED, CALLED]


@behaviour("lost call")
async def test_it_is_made_again_after_an_error_in_the_stream_too(world: WorldOfOne) -> None:
    error = {"code": 500, "message": "Failed to parse input at pos 24: <tool_call>", "type": "server_error"}
    broken = Raw((chunk({"role": "assistant", "content": "Reading "}), {"error": error}), {"error": error})
    world.answers(READ, broken, READ, FINAL)
    if world.server.streams:
        done(await world.step(), "The total is 42.")
        assert len(world.requests) == 4


@behaviour("lost call")
async def test_calls_of_the_conversation_that_a_server_finds_wrong_are_not_lost_ones(world: WorldOfOne) -> None:
    world.answers(Refused(400, "Invalid tool call in messages.3: arguments must be valid JSON"))
    failed(await world.step(), "rejected the request")
    assert len(world.requests) == 1


FORCED = {
    "schema": Refused(400, "The provided JSON schema contains features not supported by xgrammar."),
    "grammar": Refused(400, "Failed to initialize samplers: failed to parse grammar"),
    "grammar, as an internal error": Refused(500, "failed to parse grammar"),
    "unknown": Refused(400, "E-4711"),
}


@behaviour("forced call")
@pytest.mark.parametrize("refused", FORCED.values(), ids=FORCED)
async def test_a_forced_call_that_is_refused_is_asked_for_without_force(world: WorldOfOne, refused: Refused) -> None:
    world.answers(*unless(lambda body: refused if "tool_choice" in body else None, READ))
    tool = ToolSpec(name="read_file", description="x", parameters={"type": "object"}, effects=frozenset({Effect.READ}))
    asked = Prompt(model="openai/m", messages=(Said(role="user", text="Go."),), tools=(tool,), must_call=True)
    answer = await world.brain().inner.complete(asked)
    assert [c.tool for c in answer.reply.calls] == ["read_file"]
    assert len(world.requests) == 2


@behaviour("forced call")
async def test_a_template_that_fails_is_not_tried_again_and_again(world: WorldOfOne) -> None:
    world.answers(Refused(500, "Failed to apply the chat template: unexpected '}'"))
    failed(await world.step(), "rejected the request")
    assert len(world.requests) == 1


@behaviour("cut text")
async def test_a_reply_without_room_for_a_word_is_asked_for_again_with_more(world: WorldOfOne) -> None:
    why = "Could not finish the message because max_tokens or model output limit was reached. Try a higher limit."
    world.answers(Refused(400, why), FINAL)
    done(await world.step(), "The total is 42.")
    assert (world.requests[0].get("max_tokens") or 0) < world.requests[1]["max_tokens"]
