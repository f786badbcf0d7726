"""Fifty mentions in five seconds, on a strict Discord with its own limits; the seconds pass ten times as fast.

The benchmark has a hundred in ten seconds, and real ones.
"""

from pathlib import Path

import pytest

from tests.crowds import DiscordCrowd, Trouble, Verdict, ask, settled, verdict
from tests.discord_server import serving
from tests.hurried import hurried
from tests.scenarios.discord_stage import at_work, true
from tests.scenarios.test_spine import plan, row
from tests.story import ScriptedModel, say, stage

MENTIONS, CHANNELS = 50, 20


@pytest.mark.slow
@hurried
async def test_fifty_mentions_all_end_as_one_true_card_and_no_refusal(tmp_path: Path) -> None:
    model = ScriptedModel({"plan": [plan(row("write"))] * MENTIONS, "write": [say("Written.")] * MENTIONS})
    async with serving() as server, stage(tmp_path, model) as on:
        crowd = DiscordCrowd(server, rooms=CHANNELS, people=MENTIONS // 2)
        server.interactions.late = 60.0  # its seconds are real ones, and the machine may be busy
        async with at_work(on.desk, server):
            await true(lambda: server.gateway.sessions)
            await ask(crowd, MENTIONS, 5, "write", every=0.5)
            states = await settled(crowd, on.desk.states, MENTIONS, patience=1000, every=5)
            assert len(states) == MENTIONS
            assert verdict(crowd, states) == Verdict()
            assert crowd.trouble() == Trouble()
