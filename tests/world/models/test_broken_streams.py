"""Streams that break in the middle: what came is kept, never counted as done, and paid for."""

import json
from collections.abc import Callable
from typing import Any, Literal

import pytest

from tests.world.models.answers import Answer, Broken, Refused, Said, call, calls, words
from tests.world.models.behaviours import WorldOfOne, behaviour, done, failed

LINES = [f"- In {1990 + n} the total was {n * 37 + 11} thousand euros, as the table says." for n in range(12)]
REPORT = "\n".join(["Here is what the file says.", *LINES])
MODELS = ["openai/m", "anthropic/claude-sonnet-4-5", "gemini/gemini-2.5-pro"]


def says(model: str, text: str) -> Said:
    if model.startswith("openai"):
        return words(text)
    if model.startswith("gemini"):
        return Said(blocks=[{"text": text}], finish="STOP")
    return Said(blocks=[{"type": "text", "text": text}], finish="end_turn")


def reads(model: str) -> Said:
    args = {"path": "a.txt"}
    if model.startswith("openai"):
        return calls(call("read_file", args))
    if model.startswith("gemini"):
        return Said(blocks=[{"functionCall": {"name": "read_file", "args": args}}], finish="STOP")
    block = {"type": "tool_use", "id": "toolu_1", "name": "read_file", "input": args}
    return Said(blocks=[block], finish="tool_use")


def given(world: WorldOfOne, model: str, *answers: Answer | Callable[[dict[str, Any]], Answer]) -> None:
    world.model = model
    world.answers(reads(model), *answers)


def goes_on(model: str) -> Callable[[dict[str, Any]], Answer]:
    """Continues the report after the last line that the request gives back; all of it, if none was kept."""

    def answer(body: dict[str, Any]) -> Answer:
        known = [line for line in LINES if line in str(body)]
        after = REPORT.index(known[-1]) + len(known[-1]) if known else 0
        return says(model, REPORT[after:].lstrip())

    return answer


@behaviour("broken off")
@pytest.mark.parametrize("how", ["reset", "silent", "closed"])
@pytest.mark.parametrize("model", MODELS)
async def test_the_words_that_came_are_kept_and_continued(
    world: WorldOfOne, model: str, how: Literal["reset", "silent", "closed"]
) -> None:
    broken = Broken(says(model, REPORT), how=how)
    given(world, model, broken, goes_on(model))
    done(await world.step(), REPORT)
    assert len(world.requests) == 3
    if world.server.streams:
        assert LINES[0] in str(world.requests[2])
        assert LINES[-1] not in str(world.requests[2])
    else:
        assert LINES[0] not in str(world.requests[2])


@behaviour("broken off")
@pytest.mark.parametrize("model", MODELS)
async def test_a_reply_that_starts_again_instead_is_not_there_twice(world: WorldOfOne, model: str) -> None:
    given(world, model, Broken(says(model, REPORT)), says(model, REPORT))
    done(await world.step(), REPORT)


@behaviour("broken off")
async def test_a_call_that_broke_off_is_made_again_and_never_run_in_half(world: WorldOfOne) -> None:
    first = calls(call("write_file", {"path": "a.md", "content": "# All " * 40}), content=REPORT)
    second = calls(call("write_file", {"path": "a.md", "content": "# All of it"}), content="")
    given(world, "openai/m", Broken(first, share=0.95), second, words("Done with it."))
    done(await world.step(), "Done with it.")
    assert world.calls[1:] == [("write_file", {"path": "a.md", "content": "# All of it"})]


@behaviour("broken off")
async def test_half_a_call_in_the_text_is_not_kept(world: WorldOfOne) -> None:
    args = {"path": "a.md", "content": "x" * 400}
    one = f"<tool_call>{json.dumps({'name': 'write_file', 'arguments': args})}</tool_call>"
    given(world, "openai/m", Broken(words(f"{REPORT}\n{one}"), share=0.9), words(one), words("All is written."))
    done(await world.step(), "All is written.")
    assert world.calls[1:] == [("write_file", args)]


@behaviour("broken off")
async def test_what_came_in_vain_is_counted(world: WorldOfOne) -> None:
    given(world, "openai/m", Broken(words(REPORT)), words(REPORT))
    await world.step()
    assert world.state is not None
    counted = world.state.used
    assert counted.prompt > 100 + 50 if world.server.streams else counted.prompt == 100
    assert counted.unpriced == counted.tokens


@behaviour("broken off")
async def test_a_server_that_restarts_loses_nothing_that_came(world: WorldOfOne) -> None:
    loading = Refused(503, "Loading model")
    given(world, "openai/m", Broken(words(REPORT)), loading, loading, goes_on("openai/m"))
    done(await world.step(), REPORT)
    assert len(world.requests) == 5


@behaviour("broken off")
async def test_silence_in_the_middle_starts_the_generation_once_more_at_most(world: WorldOfOne) -> None:
    given(world, "openai/m", Broken(words(REPORT), how="silent"))
    failed(await world.step(), "models.seconds")
    assert len(world.requests) == 3
    assert world.state is not None
    assert world.state.used.tokens > 90 or not world.server.streams
