"""What a step costs where the vendor reuses what it has read: marks, prompts that only grow, and the bill."""

from pathlib import Path
from typing import Any

import pytest

from agents.models.endpoint import Endpoint
from agents.models.litellm_model import LiteLLM
from agents.models.model_windows import ModelWindows
from agents.models.prompt_cache_marks import marked, wants_marks
from orchestrator.domain import events as e
from orchestrator.domain.token_usage import Usage
from tests.caching_vendor import caching
from tests.long_step import LongStep, Renamed, furnish
from tests.memory_hub import Stage, stage

CLAUDE = "anthropic/claude-sonnet-4-5"
FULL, CACHED, WRITTEN, SAID = 3e-6, 3e-7, 3.75e-6, 15e-6


async def played(on: Stage) -> list[e.TurnTaken]:
    furnish(on.host)
    task = await on.ask("Read the tables")
    await on.press_start(task)
    await on.until(task, lambda s: s.phase == "done", seconds=120)
    return [r.event for r in await on.desk.records(task) if isinstance(r.event, e.TurnTaken)]


async def test_forty_turns_are_nearly_all_read_from_the_vendors_cache_and_priced_so(tmp_path: Path) -> None:
    async with caching(LongStep(40)) as vendor:
        endpoint = Endpoint(api_base=vendor.url, api_key="sk-test")
        model = LiteLLM(endpoint)
        limits = {"turns": 40, "window": ModelWindows(endpoint)}
        async with stage(tmp_path, Renamed(model, CLAUDE), limits=limits) as on:
            turns = await played(on)
        await model.close()
    assert len(turns) == 40
    assert vendor.refused == []
    assert vendor.reusable() >= 0.9
    step = vendor.bills[1:]  # the first was the plan's
    for turn, bill in zip(turns, step, strict=True):
        prompt = bill.fresh + bill.written + bill.cached
        assert turn.usage == Usage(
            prompt=prompt, completion=turn.usage.completion, cached=bill.cached, written=bill.written
        )
        price = bill.fresh * FULL + bill.written * WRITTEN + bill.cached * CACHED + turn.usage.completion * SAID
        assert turn.cost == pytest.approx(price)
    assert sum(b.cached for b in step) >= 0.9 * sum(sum(b) for b in step)
    before = sum(sum(b) * FULL for b in step)
    assert sum(b.fresh * FULL + b.written * WRITTEN + b.cached * CACHED for b in step) < 0.3 * before


async def test_a_server_that_refuses_marks_is_asked_without_them_from_then_on(tmp_path: Path) -> None:
    async with caching(LongStep(4)) as vendor:
        vendor.takes_marks = False
        model = LiteLLM(Endpoint(api_base=vendor.url, api_key="sk-test"))
        async with stage(tmp_path, Renamed(model, CLAUDE), limits={"turns": 40}) as on:
            await played(on)
        await model.close()
    assert len(vendor.refused) == 1
    assert len(vendor.bills) == 5


def test_the_marks_come_after_what_outlasts_every_turn_and_where_the_last_request_ended() -> None:
    talk: list[dict[str, Any]] = [{"role": "system", "content": "s"}, {"role": "user", "content": "u"}]
    for number in range(3):
        talk += [{"role": "assistant", "content": f"a{number}"}, {"role": "tool", "content": f"t{number}"}]
    found = [i for i, m in enumerate(marked(talk)) if "cache_control" in str(m)]
    assert found == [0, 1, 5, 7]
    assert [i for i, m in enumerate(marked(talk[:2])) if "cache_control" in str(m)] == [0, 1]
    assert marked([{"role": "user", "content": ""}]) == [{"role": "user", "content": ""}]


@pytest.mark.parametrize(
    ("provider", "name", "row", "wants"),
    [
        ("anthropic", "anthropic/claude-sonnet-4-5", None, True),
        ("bedrock", "bedrock/eu.anthropic.claude-sonnet-4", None, True),
        ("bedrock", "bedrock/amazon.nova-pro-v1:0", {"supports_prompt_caching": True}, True),
        ("vertex_ai", "vertex_ai/claude-sonnet-4", None, True),
        ("openrouter", "openrouter/anthropic/claude-sonnet-4.5", None, True),
        ("", "claude-sonnet-4-5", {"litellm_provider": "anthropic"}, True),
        ("vertex_ai", "vertex_ai/gemini-2.5-pro", {"supports_prompt_caching": True}, False),
        ("gemini", "gemini/gemini-2.5-pro", {"supports_prompt_caching": True}, False),
        ("openai", "openai/gpt-5", {"supports_prompt_caching": True}, False),
        ("openai", "openai/claude-at-a-proxy", None, False),
    ],
)
def test_only_vendors_that_want_marks_get_them(
    provider: str, name: str, row: dict[str, Any] | None, wants: bool
) -> None:
    assert wants_marks(provider, name, row) is wants
