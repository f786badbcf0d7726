"""What a vendor wants back with a turn: unchanged to the model that sent it, after a restart too, and to no other."""

import pytest

from agents.hub_tools import coordination
from agents.models.endpoint import EndpointModel
from tests.memory_hub import stage
from tests.world.models.answers import Refused, Said, call, calls, words
from tests.world.models.behaviours import STEP, WorldOfOne, behaviour, done

SHARED = [tool.spec for tool in coordination.TOOLS]
READ = call("read_file", {"path": "a.txt"})
FINAL = words("The total is 42.")


@behaviour("thoughts come back")
@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
async def test_thoughts_go_back_under_the_name_they_came_with(world: WorldOfOne, field: str) -> None:
    world.answers(calls(READ, **{field: "I open it first."}), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.turn()[field] == "I open it first."
    assert {"reasoning_content", "reasoning"} & set(world.turn()) == {field}


@behaviour("thoughts come back")
async def test_a_server_that_demands_thoughts_gets_them_every_turn(world: WorldOfOne) -> None:
    world.server.thinks = True
    second = calls(call("list_files", {}), reasoning_content="Now the others.")
    world.answers(calls(READ, reasoning_content="First this."), second, FINAL)
    done(await world.step(), "The total is 42.")
    turns = [m["reasoning_content"] for m in world.sent() if m["role"] == "assistant"]
    assert turns == ["First this.", "Now the others."]


@behaviour("thoughts come back")
async def test_details_of_thoughts_go_back_as_they_came(world: WorldOfOne) -> None:
    details = [{"type": "reasoning.encrypted", "data": "b3BhcXVl", "id": "r1", "index": 0}]
    world.answers(calls(READ, reasoning="Hm.", reasoning_details=details), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.turn()["reasoning_details"] == details


@behaviour("signatures come back")
async def test_signed_blocks_of_thoughts_go_back_as_they_came(world: WorldOfOne) -> None:
    world.model = "anthropic/claude-sonnet-4-5"
    blocks = [
        {"type": "thinking", "thinking": "I open the file.", "signature": "c2lnbmVk"},
        {"type": "redacted_thinking", "data": "aGlkZGVu"},
        {"type": "text", "text": "Reading."},
        {"type": "tool_use", "id": "toolu_1", "name": "read_file", "input": {"path": "a.txt"}},
    ]
    last = Said(blocks=[{"type": "text", "text": "42"}], finish="end_turn")
    world.answers(Said(blocks=blocks, finish="tool_use"), last)
    done(await world.step(), "42")
    assert world.turn()["content"][:2] == blocks[:2]


@behaviour("signatures come back")
async def test_the_signature_of_a_call_goes_back_with_that_call(world: WorldOfOne) -> None:
    world.model = "gemini/gemini-3-pro-preview"
    asks = {"functionCall": {"name": "read_file", "args": {"path": "a.txt"}}, "thoughtSignature": "c2lnbmVk"}
    world.answers(Said(blocks=[asks], finish="STOP"), Said(blocks=[{"text": "42"}], finish="STOP"))
    done(await world.step(), "42")
    (turn,) = [m for m in world.requests[-1]["contents"] if m["role"] == "model"]
    assert turn["parts"][0]["thoughtSignature"] == "c2lnbmVk"


@behaviour("signatures come back")
async def test_a_signature_in_a_compatible_servers_own_field_goes_back(world: WorldOfOne) -> None:
    extra = {"google": {"thought_signature": "c2lnbmVk"}}
    world.answers(calls({**READ, "extra_content": extra}), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.turn()["tool_calls"][0]["extra_content"] == extra


@behaviour("thoughts come back")
async def test_a_server_that_refuses_thoughts_is_asked_without_them(world: WorldOfOne) -> None:
    world.server.takes = frozenset()
    world.answers(calls(READ, reasoning_content="Hm."), calls(call("list_files", {}), reasoning_content="Hm."), FINAL)
    done(await world.step(), "The total is 42.")
    assert set(world.turn()) == {"role", "content", "tool_calls"} or set(world.turn()) == {"role", "tool_calls"}
    assert len(world.requests) == 4


@behaviour("another model")
async def test_another_model_gets_the_turn_without_the_first_ones_thoughts(world: WorldOfOne) -> None:
    world.rows = (EndpointModel("openai/m", fallbacks=("openai/n",)),)
    world.answers(calls(READ, reasoning_content="Mine."), Refused(402, "Insufficient Balance"), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.requests[-1]["model"] == "n"
    assert "reasoning_content" not in world.turn()


@behaviour("another model")
async def test_a_thinking_model_takes_over_another_ones_turns(world: WorldOfOne) -> None:
    world.server.thinks = True
    world.answers(calls(READ), FINAL)
    done(await world.step(), "The total is 42.")
    assert world.turn()["reasoning_content"]


@behaviour("after a restart")
async def test_thoughts_go_back_after_a_restart(world: WorldOfOne) -> None:
    url = f"sqlite:///{world.folder}/t.db"
    asks = call("ask_person", {"question": "Which year?", "fields": [{"name": "year", "label": "Year"}]})
    world.answers(calls(asks, reasoning_content="I need the year."), FINAL)
    task = await world.first_half(url)
    async with stage(world.folder, world.named(), url=url) as on:
        await world.answer_question(on, task)
        state = await on.until(task, lambda s: s.of(STEP).status in ("done", "failed"))
    done(state.of(STEP), "The total is 42.")
    assert world.turn()["reasoning_content"] == "I need the year."


@behaviour("schemas")
async def test_a_vendors_own_form_of_a_schema_does_not_change_ours(world: WorldOfOne) -> None:
    world.model = "gemini/gemini-2.5-pro"
    before = [spec.model_dump_json() for spec in SHARED]
    world.answers(Said(blocks=[{"text": "42"}], finish="STOP"))
    done(await world.step(), "42")
    assert [spec.model_dump_json() for spec in SHARED] == before
