"""25 or a hundred mentions in a moment, on a strict Slack whose minutes pass many times as fast."""

from pathlib import Path

import pytest

from tests.crowds import SlackCrowd, Trouble, Verdict, ask, settled, verdict
from tests.memory_hub import ScriptedModel, say
from tests.scenarios.any_surface import FASTER, at_work
from tests.scenarios.test_request_to_files import plan, row

CHANNELS = 20


@pytest.mark.parametrize("mentions", [25, pytest.param(100, marks=pytest.mark.slow)])
async def test_mentions_at_once_all_end_as_one_true_card_and_no_refusal(mentions: int, tmp_path: Path) -> None:
    model = ScriptedModel({"plan": [plan(row("write"))] * mentions, "write": [say("Written.")] * mentions})
    async with at_work(tmp_path, "slack", model, faster=FASTER) as (it, on):
        crowd = SlackCrowd(it.server, rooms=CHANNELS, people=mentions // 2)
        await ask(crowd, mentions, 10 / FASTER, "write", every=0.05)
        states = await settled(crowd, on.desk.states, mentions, patience=60, every=0.2)
        assert len(states) == mentions
        assert verdict(crowd, states) == Verdict()
        acknowledged = {what: len(seconds) for what, seconds in crowd.acks().items()}
        assert acknowledged == {"mention": 2 * mentions, "press": mentions}
        assert crowd.trouble() == Trouble()
