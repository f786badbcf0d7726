"""The vendor's report of tokens, under the names that vendors give to what they read from their cache."""

from typing import Any

import pytest

from tests.world.models.answers import Raw, chunk, openai_chunks, usage_chunk, words
from tests.world.models.behaviours import WorldOfOne, behaviour, done
from tests.world.models.test_odd_responses import READ

TOTALS = {"prompt_tokens": 50, "completion_tokens": 40, "total_tokens": 90}
REPORTS: dict[str, dict[str, Any]] = {
    "OpenAI": {**TOTALS, "prompt_tokens_details": {"cached_tokens": 30, "audio_tokens": None}},
    "DeepSeek": {**TOTALS, "prompt_cache_hit_tokens": 30, "prompt_cache_miss_tokens": 20},
    "with text for numbers": {**TOTALS, "prompt_tokens_details": {"cached_tokens": 30}, "cost_details": "none"},
}


@behaviour("usage report")
@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
async def test_what_came_from_the_vendors_cache_is_counted(world: WorldOfOne, report: dict[str, Any]) -> None:
    said = words("The total is 42.")
    end = {**usage_chunk(), "usage": report}
    world.answers(READ, Raw((*openai_chunks(said.message, "stop"), end), {**said.whole("openai"), "usage": report}))
    step = await world.step()
    done(step, "The total is 42.")
    assert (step.used.prompt, step.used.completion, step.used.cached) == (100, 80, 30)


@behaviour("usage report")
async def test_a_report_in_the_chunk_with_the_reason_is_counted(world: WorldOfOne) -> None:
    said = words("The total is 42.")
    events = [*openai_chunks(said.message, None)[:-1], {**chunk({}, "stop"), "usage": REPORTS["OpenAI"]}]
    world.answers(READ, Raw(tuple(events), {**said.whole("openai"), "usage": REPORTS["OpenAI"]}))
    step = await world.step()
    assert (step.used.prompt, step.used.cached) == (100, 30)
