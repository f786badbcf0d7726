"""A hundred mentions in a moment, on a strict Slack whose minutes pass many times as fast."""

from pathlib import Path

import pytest

from tests.crowds import SlackCrowd, Trouble, Verdict, ask, settled, verdict
from tests.scenarios.everywhere import FASTER, at_work
from tests.scenarios.test_spine import plan, row
from tests.story import ScriptedModel, say

MENTIONS, CHANNELS = 100, 20


@pytest.mark.slow
async def test_a_hundred_mentions_all_end_as_one_true_card_and_no_refusal(tmp_path: Path) -> None:
    model = ScriptedModel({"plan": [plan(row("write"))] * MENTIONS, "write": [say("Written.")] * MENTIONS})
    async with at_work(tmp_path, "slack", model, faster=FASTER) as (it, on):
        crowd = SlackCrowd(it.server, rooms=CHANNELS, people=MENTIONS // 2)
        await ask(crowd, MENTIONS, 10 / FASTER, "write", every=0.05)
        states = await settled(crowd, on.desk.states, MENTIONS, patience=60, every=0.2)
        assert len(states) == MENTIONS
        assert verdict(crowd, states) == Verdict()
        acknowledged = {what: len(seconds) for what, seconds in crowd.acks().items()}
        assert acknowledged == {"mention": 2 * MENTIONS, "press": MENTIONS}
        assert crowd.trouble() == Trouble()
