"""How much models think: asked for as each vendor wants it, and never where that would be refused."""

import pytest

from agents.models.endpoint import EndpointModel
from orchestrator.domain.model_messages import Effort
from tests.world.models.answers import Refused, Said, call, calls, words
from tests.world.models.behaviours import WorldOfOne, behaviour, done

FINAL = words("The total is 42.")
CLAUDE = "anthropic/claude-sonnet-4-5"
THOUGHT = {"type": "thinking", "thinking": "I read it first.", "signature": "sig-1"}
READS = {"type": "tool_use", "id": "toolu_1", "name": "read_file", "input": {"path": "a.txt"}}
SAYS = Said(blocks=[{"type": "text", "text": "42"}], finish="end_turn")


def thinks(world: WorldOfOne, model: str, effort: Effort) -> None:
    world.model = model
    world.rows = (EndpointModel(model, effort=effort),)


@behaviour("effort")
@pytest.mark.parametrize("effort", ["low", "high"])
async def test_openais_protocol_takes_the_effort_by_name(world: WorldOfOne, effort: Effort) -> None:
    thinks(world, "openai/m", effort)
    world.answers(FINAL)
    done(await world.step(), "The total is 42.")
    assert [r["reasoning_effort"] for r in world.requests] == [effort]


@behaviour("effort")
@pytest.mark.parametrize(
    "refused",
    [
        Refused(400, "Unsupported parameter: 'reasoning_effort' is not supported with this model."),
        Refused(400, '"m" does not support thinking'),
        Refused(422, "reasoning_effort: Extra inputs are not permitted"),
    ],
)
async def test_a_server_that_knows_no_effort_is_asked_without_it_from_then_on(
    world: WorldOfOne, refused: Refused
) -> None:
    thinks(world, "openai/m", "high")
    world.answers(refused, calls(call("read_file", {"path": "a.txt"})), FINAL)
    done(await world.step(), "The total is 42.")
    assert [r.get("reasoning_effort") for r in world.requests] == ["high", None, None]


@behaviour("effort")
async def test_a_model_that_cannot_stop_thinking_is_asked_to_think_little(world: WorldOfOne) -> None:
    thinks(world, "openai/m", "none")
    refused = Refused(400, "Unsupported value: 'reasoning_effort' does not support 'none' with this model.")
    world.answers(refused, refused, FINAL)
    done(await world.step(), "The total is 42.")
    assert [r["reasoning_effort"] for r in world.requests] == ["none", "minimal", "low"]


@behaviour("effort")
async def test_claude_thinks_within_a_budget_and_gets_its_thoughts_back(world: WorldOfOne) -> None:
    thinks(world, CLAUDE, "high")
    world.answers(Said(blocks=[THOUGHT, READS], finish="tool_use"), SAYS)
    done(await world.step(), "42")
    for request in world.requests:
        assert request["thinking"]["type"] == "enabled"
        assert request["thinking"]["budget_tokens"] < request["max_tokens"]
        assert request.get("tool_choice", {}).get("type") in (None, "auto")
    assert THOUGHT in world.turn()["content"]


@behaviour("effort")
async def test_claude_does_not_think_where_another_model_called_without_thoughts(world: WorldOfOne) -> None:
    thinks(world, CLAUDE, "high")
    world.answers(Said(blocks=[READS], finish="tool_use"), SAYS)
    done(await world.step(), "42")
    assert ["thinking" in r for r in world.requests] == [True, False]


@behaviour("effort")
async def test_a_claude_that_never_thinks_is_not_asked_to(world: WorldOfOne) -> None:
    thinks(world, "anthropic/claude-3-haiku-20240307", "high")
    world.answers(SAYS)
    done(await world.step(), "42")
    assert "thinking" not in world.requests[0]


@behaviour("effort")
async def test_gemini_takes_the_effort_as_a_budget(world: WorldOfOne) -> None:
    thinks(world, "gemini/gemini-2.5-pro", "low")
    world.answers(Said(blocks=[{"text": "42"}], finish="STOP"))
    done(await world.step(), "42")
    assert world.requests[0]["generationConfig"]["thinkingConfig"]["thinkingBudget"] > 0


@behaviour("effort")
async def test_a_gemini_that_must_think_is_asked_to_think_little(world: WorldOfOne) -> None:
    thinks(world, "gemini/gemini-2.5-pro", "none")
    refused = Refused(400, "Budget 0 is invalid. This model only works in thinking mode.")
    world.answers(refused, Said(blocks=[{"text": "42"}], finish="STOP"))
    done(await world.step(), "42")
    budgets = [r["generationConfig"]["thinkingConfig"]["thinkingBudget"] for r in world.requests]
    assert budgets[0] == 0 < budgets[1]


@behaviour("effort")
async def test_the_effort_of_a_role_counts_before_the_models(world: WorldOfOne) -> None:
    thinks(world, "openai/m", "high")
    world.efforts = {"analyst": "low"}
    world.answers(FINAL)
    done(await world.step(), "The total is 42.")
    assert world.requests[0]["reasoning_effort"] == "low"
