"""A conversation that has become too long is shortened, in whatever words a server says so, or says nothing."""

import pytest

from agents.models.endpoint import EndpointModel
from tests.world.models.answers import Answer, Refused, call, calls, words
from tests.world.models.behaviours import WorldOfOne, behaviour, done, failed

FINAL = words("The total is 42.")
READ = calls(call("read_file", {"path": "a.txt"}))
LONG = "A long line. " * 4000
WORDINGS = {
    "no numbers": "The number of tokens to keep from the initial prompt is greater than the context length.",
    "must be at most": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 8192. Given: 9120",
    "must have less": "Input validation error: `inputs` must have less than 8191 tokens. Given: 9120",
    "but": "This model's maximum prompt length is 8192 but the request contains 9120 tokens.",
    "should not exceed": "The sum of prompt length (9120.0), query length (0) should not exceed max_num_tokens (8192)",
    "sequence": "default_max_tokens (-928) should be greater than 0, = max_seq_len (8192) - splited_prompt_len (9120)",
    "longer than": "The decoder prompt (length 9120) is longer than the maximum model length of 8192.",
    "expected": "Expected max length of 8192 tokens, got 9120",
    "limit of": "prompt token count of 9120 exceeds the limit of 8192",
    "only": "This prompt has 9120 tokens; the model can only handle 8192 tokens",
    "doesn't fit": "The prompt does not fit into the KV cache.",
    "chinese": "Prompt \u8d85\u957f",
    "japanese": "\u30c8\u30fc\u30af\u30f3\u6570\u304c\u4e0a\u9650\u3092\u8d85\u3048\u3066\u3044\u307e\u3059",
}
ODD = Refused(400, "E-4711")


@behaviour("overflow")
@pytest.mark.parametrize("text", WORDINGS.values(), ids=WORDINGS)
async def test_any_word_for_size_with_any_word_for_more_shortens(world: WorldOfOne, text: str) -> None:
    world.file = LONG
    world.answers(READ, Refused(400, text), FINAL)
    done(await world.step(), "The total is 42.")
    assert len(world.requests) == 3
    assert len(str(world.sent())) < len(str(world.sent(1))) / 2


@behaviour("overflow")
@pytest.mark.parametrize("status", [400, 422])
async def test_an_unknown_refusal_after_accepted_turns_is_taken_for_one(world: WorldOfOne, status: int) -> None:
    world.file = LONG

    def strict(body: dict[str, object]) -> Answer:
        return Refused(status, "E-4711") if len(str(body["messages"])) > 20_000 else FINAL

    world.answers(READ, strict)
    done(await world.step(), "The total is 42.")
    assert len(world.requests) == 3


@behaviour("overflow")
@pytest.mark.parametrize("size", [10, 4000], ids=["short", "long"])
async def test_such_a_guess_is_made_once_and_then_the_refusal_is_told(world: WorldOfOne, size: int) -> None:
    world.file = "A long line. " * size
    world.answers(READ, ODD)
    failed(await world.step(), "rejected the request")
    assert len(world.requests) == 3


@behaviour("overflow")
async def test_after_a_wrong_guess_a_fallback_is_asked(world: WorldOfOne) -> None:
    world.rows = (EndpointModel("openai/m", fallbacks=("openai/n",)),)
    world.answers(READ, ODD, ODD, FINAL)
    done(await world.step(), "The total is 42.")
    assert [r["model"] for r in world.requests] == ["m", "m", "m", "n"]


LIMITS = {
    "reply": "max_tokens must be less than or equal to 4096",
    "id": "Invalid 'messages[1].tool_calls[0].id': string too long. Expected a string with maximum length 40.",
    "tools": "Invalid 'tools': array too long. Expected an array with maximum length 128, but got one with length 140.",
    "temperature": "temperature: Input should be less than or equal to 1",
    "pictures": "Number of images in the prompt exceeds the limit of 20",
    "token of a login": "Your access token exceeds its lifetime",
}


@behaviour("overflow")
@pytest.mark.parametrize("text", LIMITS.values(), ids=LIMITS)
async def test_other_limits_are_not_taken_for_one(world: WorldOfOne, text: str) -> None:
    world.answers(Refused(400, text))
    failed(await world.step(), "rejected the request")
    assert len(world.requests) == 1
