"""How replies end: cut, refused, broken off. None of that is a step's result."""

import pytest

from tests.world.models.answers import Raw, Said, call, calls, chunk, usage_chunk, words
from tests.world.models.behaviours import WorldOfOne, behaviour, done, failed

FINAL = words("The total is 42.")


@behaviour("cut text")
async def test_words_cut_at_the_output_limit_are_asked_for_again_with_more_room(world: WorldOfOne) -> None:
    world.answers(words("The total is", finish="length"), FINAL)
    done(await world.step(), "The total is 42.")
    assert (world.requests[0].get("max_tokens") or 0) < world.requests[1]["max_tokens"]


@behaviour("cut text")
async def test_words_that_stay_cut_are_asked_for_in_smaller_pieces_and_never_done(world: WorldOfOne) -> None:
    world.answers(words("The total is", finish="length"))
    failed(await world.step(), "output limit")
    assert "smaller pieces" in world.sent(2)[-1]["content"]
    assert not any("The total is" in str(m) for m in world.sent())


@behaviour("cut call")
async def test_a_call_cut_in_the_middle_is_made_again_and_never_run_in_half(world: WorldOfOne) -> None:
    half = calls(call("write_file", '{"path": "a.md", "content": "# All'), finish="length")
    world.answers(half, calls(call("write_file", {"path": "a.md", "content": "# All of it"})), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.calls == [("write_file", {"path": "a.md", "content": "# All of it"})]


@behaviour("cut call")
async def test_a_cut_call_that_a_server_closed_by_itself_is_not_run(world: WorldOfOne) -> None:
    healed = calls(call("write_file", {"path": "a.md", "content": "# All"}), finish="length")
    world.answers(healed, calls(call("write_file", {"path": "a.md", "content": "# All of it"})), FINAL)
    done(await world.step(), "The total is 42.")
    assert [args["content"] for _, args in world.calls] == ["# All of it"]


@behaviour("cut call")
async def test_a_cut_call_of_a_server_that_says_it_is_complete_is_made_again(world: WorldOfOne) -> None:
    half = calls(call("write_file", '{"path": "a.md", "content": "# All'))
    world.answers(half, calls(call("write_file", {"path": "a.md", "content": "ok"})), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.requests[1]["max_tokens"] > 40


@behaviour("cut thoughts")
async def test_thoughts_that_use_up_the_limit_are_asked_for_again(world: WorldOfOne) -> None:
    world.answers(words("", reasoning_content="First I would", finish="length"), FINAL)
    done(await world.step(), "The total is 42.")
    assert "max_tokens" in world.requests[1]


@behaviour("cut text")
@pytest.mark.parametrize("reason", ["max_tokens", "pause_turn", "model_context_window_exceeded"])
async def test_anthropics_reasons_for_an_incomplete_turn_are_not_the_end(world: WorldOfOne, reason: str) -> None:
    world.model = "anthropic/claude-sonnet-4-5"
    whole = Said(blocks=[{"type": "text", "text": "The total is 42."}], finish="end_turn")
    world.answers(Said(blocks=[{"type": "text", "text": "The total"}], finish=reason), whole)
    done(await world.step(), "The total is 42.")


@behaviour("cut text")
async def test_geminis_limit_is_not_the_end(world: WorldOfOne) -> None:
    world.model = "gemini/gemini-2.5-pro"
    world.answers(
        Said(blocks=[{"text": "The total"}], finish="MAX_TOKENS"), Said(blocks=[{"text": "42"}], finish="STOP")
    )
    done(await world.step(), "42")
    assert world.requests[1]["generationConfig"]["max_output_tokens"] > 40


@behaviour("output limit")
async def test_an_unknown_claude_may_write_long_files(world: WorldOfOne) -> None:
    world.model = "anthropic/claude-of-tomorrow"
    world.answers(Said(blocks=[{"type": "text", "text": "42"}], finish="end_turn"))
    done(await world.step(), "42")
    assert world.requests[0]["max_tokens"] > 4096


@behaviour("output limit")
async def test_a_server_with_a_smaller_limit_is_asked_for_what_it_allows(world: WorldOfOne) -> None:
    world.model = "anthropic/claude-of-tomorrow"
    world.server.most = 8192
    world.answers(Said(blocks=[{"type": "text", "text": "42"}], finish="end_turn"))
    done(await world.step(), "42")
    assert [r["max_tokens"] for r in world.requests][-1] == 8192


@behaviour("refusal")
@pytest.mark.parametrize("reason", ["content_filter", "sensitive", "refusal"])
async def test_a_filtered_reply_is_told_and_never_done(world: WorldOfOne, reason: str) -> None:
    world.answers(words("I began to", finish=reason))
    failed(await world.step(), "filter", "choose another model")
    assert len(world.requests) == 1


@behaviour("refusal")
@pytest.mark.parametrize("reason", ["content_filter: PROHIBITED_CONTENT", "ContentFilter", "blocked-by-safety"])
async def test_a_filter_in_any_spelling_is_told_and_never_done(world: WorldOfOne, reason: str) -> None:
    world.answers(words("I began to", finish=reason))
    failed(await world.step(), "filter", "choose another model")


@behaviour("cut text")
@pytest.mark.parametrize("reason", ["model_max_length", "maxPredictedTokensReached"])
async def test_a_limit_in_any_spelling_is_not_the_end(world: WorldOfOne, reason: str) -> None:
    world.answers(words("The total is", finish=reason), FINAL)
    done(await world.step(), "The total is 42.")
    assert (world.requests[0].get("max_tokens") or 0) < world.requests[1]["max_tokens"]


@behaviour("broken off")
@pytest.mark.parametrize("reason", ["error: upstream", "server_error", "rate_limit_exceeded"])
async def test_a_fault_in_any_spelling_is_not_the_end(world: WorldOfOne, reason: str) -> None:
    world.answers(words("The total is", finish=reason), FINAL)
    done(await world.step(), "The total is 42.")
    assert len(world.slept) == 1


@behaviour("lost call")
@pytest.mark.parametrize("reason", ["function_call_filter: MALFORMED_FUNCTION_CALL", "InvalidToolCall"])
async def test_a_lost_call_in_any_spelling_is_asked_for_again(world: WorldOfOne, reason: str) -> None:
    world.answers(words("I read the file.", finish=reason), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.slept == []


@behaviour("lost call")
@pytest.mark.parametrize("reason", ["toolCalls", "tool-use"])
async def test_an_announced_call_in_any_spelling_is_asked_for_again(world: WorldOfOne, reason: str) -> None:
    world.answers(words("I read the file now.", finish=reason), FINAL)
    done(await world.step(), "The total is 42.")


@behaviour("good end")
@pytest.mark.parametrize("reason", ["EndTurn", "stop: eos", "</s>"])
async def test_a_good_end_in_any_spelling_is_the_end(world: WorldOfOne, reason: str) -> None:
    world.answers(words("The total is 42.", finish=reason))
    done(await world.step(), "The total is 42.")
    assert len(world.requests) == 1
    assert world.notes == []


@behaviour("unknown end")
async def test_an_end_for_an_unknown_reason_leaves_a_note(world: WorldOfOne) -> None:
    world.answers(calls(call("read_file", {"path": "a.txt"}), finish="zig"), words("The total is 42.", finish="zag"))
    done(await world.step(), "The total is 42.")
    (note,) = world.notes
    assert "reason" in note
    assert "zag" not in note


@behaviour("refusal")
async def test_geminis_safety_is_told_and_never_done(world: WorldOfOne) -> None:
    world.model = "gemini/gemini-2.5-pro"
    world.answers(Said(blocks=[{"text": "I began"}], finish="SAFETY"))
    failed(await world.step(), "filter")


@behaviour("refusal")
async def test_anthropics_refusal_is_told_and_never_done(world: WorldOfOne) -> None:
    world.model = "anthropic/claude-sonnet-4-5"
    world.answers(Said(blocks=[{"type": "text", "text": "I began"}], finish="refusal"))
    failed(await world.step(), "filter")


@behaviour("refusal")
async def test_a_refusal_in_its_own_field_is_told_and_never_done(world: WorldOfOne) -> None:
    world.answers(Said({"content": None, "refusal": "I won't do that."}))
    failed(await world.step(), "refused")


@behaviour("refusal")
async def test_the_stock_sentence_of_a_refusal_is_told_and_never_done(world: WorldOfOne) -> None:
    world.answers(words("I'm sorry, but I can't assist with that request."))
    failed(await world.step(), "refused")


@behaviour("empty reply")
async def test_an_empty_reply_is_asked_for_again(world: WorldOfOne) -> None:
    world.answers(words(""), FINAL)
    done(await world.step(), "The total is 42.")


@behaviour("empty reply")
async def test_a_reply_of_thoughts_alone_is_asked_for_again(world: WorldOfOne) -> None:
    world.answers(words("", reasoning_content="I should read the file."), FINAL)
    done(await world.step(), "The total is 42.")
    assert "only reasoning" in world.sent()[-1]["content"]


@behaviour("lost call")
async def test_an_announced_call_that_did_not_come_is_asked_for_again(world: WorldOfOne) -> None:
    world.answers(words("I read the file now.", finish="tool_calls"), FINAL)
    done(await world.step(), "The total is 42.")


@behaviour("lost call")
async def test_geminis_malformed_call_is_asked_for_again(world: WorldOfOne) -> None:
    world.model = "gemini/gemini-2.5-pro"
    lost = Said(blocks=[], finish="MALFORMED_FUNCTION_CALL")
    world.answers(lost, Said(blocks=[{"text": "42"}], finish="STOP"))
    done(await world.step(), "42")


@behaviour("broken off")
@pytest.mark.parametrize("reason", ["error", "insufficient_system_resource", "network_error"])
async def test_a_reply_that_the_server_broke_off_is_asked_for_again(world: WorldOfOne, reason: str) -> None:
    world.answers(words("The total", finish=reason), FINAL)
    done(await world.step(), "The total is 42.")
    assert len(world.slept) == 1


@behaviour("broken off")
async def test_an_error_in_the_middle_of_a_stream_is_not_the_end(world: WorldOfOne) -> None:
    error = {"error": {"message": "Upstream went away", "code": 502}}
    world.answers(Raw((chunk({"content": "The total"}), error), error, done=False), FINAL)
    done(await world.step(), "The total is 42.")


@behaviour("broken off")
async def test_a_stream_that_ends_without_a_reason_is_not_the_end(world: WorldOfOne) -> None:
    whole = words("The total", finish="abort").whole("openai")
    world.answers(Raw((chunk({"content": "The total"}),), whole, done=False), FINAL)
    done(await world.step(), "The total is 42.")


@behaviour("no reason")
async def test_a_server_that_never_gives_a_reason_is_understood(world: WorldOfOne) -> None:
    whole = words("The total is 42.", finish=None).whole("openai")
    world.answers(Raw((chunk({"content": "The total is 42."}), usage_chunk()), whole))
    done(await world.step(), "The total is 42.")
    assert len(world.requests) == 1


@behaviour("no reason")
async def test_a_stream_without_a_reason_or_usage_is_asked_for_whole(world: WorldOfOne) -> None:
    whole = words("The total is 42.", finish=None).whole("openai")
    world.answers(Raw((chunk({"content": "The total is 42."}),), whole))
    done(await world.step(), "The total is 42.")
    assert world.slept == []


VENDORS = ["deepseek/deepseek-chat", "openrouter/x/y", "mistral/mistral-large", "groq/llama-3.3-70b", "zai/glm-4.6"]


@behaviour("broken off")
@pytest.mark.parametrize("reason", ["insufficient_system_resource", "network_error", "error", "abort"])
@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_reason_that_the_library_calls_a_stop_is_not_the_end(
    world: WorldOfOne, vendor: str, reason: str
) -> None:
    world.model = vendor
    world.answers(words("The total is", finish=reason), FINAL)
    done(await world.step(), "The total is 42.")
    assert len(world.requests) == 2


@behaviour("refused")
@pytest.mark.parametrize("vendor", VENDORS)
async def test_a_filter_that_the_library_does_not_know_is_told(world: WorldOfOne, vendor: str) -> None:
    world.model = vendor
    world.answers(words("The total is", finish="safety_blocked"))
    failed(await world.step(), "content filter blocked")


@behaviour("lost call")
@pytest.mark.parametrize("reason", ["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL"])
async def test_gemini_hears_that_its_call_could_not_be_read(world: WorldOfOne, reason: str) -> None:
    world.model = "gemini/gemini-2.5-pro"
    world.answers(Said(blocks=[], finish=reason), Said(blocks=[{"text": "42"}], finish="STOP"))
    done(await world.step(), "42")
    assert "the tool call in it couldn't be read" in str(world.requests[1]["contents"])


@behaviour("window")
@pytest.mark.parametrize("vendor", ["openai/m", "anthropic/claude-sonnet-4-5"])
async def test_a_full_window_shortens_the_conversation_and_never_speaks_of_the_output(
    world: WorldOfOne, vendor: str
) -> None:
    world.model, world.file = vendor, "A line of the long file.\n" * 1200
    said = Said({"content": "The total"}, [{"type": "text", "text": "The total"}], "model_context_window_exceeded")
    asked = {"type": "tool_use", "id": "toolu_1", "name": "read_file", "input": {"path": "a.txt"}}
    read = calls(call("read_file", {"path": "a.txt"}))
    anthropic = vendor.startswith("anthropic")
    world.answers(Said(blocks=[asked], finish="tool_use") if anthropic else read, said)
    failed(await world.step(), "too long", "larger context window")
    sizes = [len(str(request["messages"])) for request in world.requests]
    assert sizes[1] < sizes[2] < sizes[1] + 500  # asked for less first
    assert sizes[3] < sizes[1] / 2
