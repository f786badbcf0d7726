"""Ten or fifty mentions in five seconds, on a strict Discord with its own limits; the seconds pass ten times as fast.

The benchmark has a hundred in ten seconds, and real ones.
"""

from pathlib import Path

import pytest

from tests.crowds import DiscordCrowd, Trouble, Verdict, ask, settled, verdict
from tests.discord_server import serving
from tests.fast_clock import hurried
from tests.memory_hub import ScriptedModel, say, stage
from tests.scenarios.discord_under_stress import at_work, true
from tests.scenarios.test_request_to_files import plan, row

CHANNELS = 20


@pytest.mark.parametrize("mentions", [10, pytest.param(50, marks=pytest.mark.slow)])
@hurried
async def test_mentions_at_once_all_end_as_one_true_card_and_no_refusal(mentions: int, tmp_path: Path) -> None:
    model = ScriptedModel({"plan": [plan(row("write"))] * mentions, "write": [say("Written.")] * mentions})
    async with serving() as server, stage(tmp_path, model) as on:
        crowd = DiscordCrowd(server, rooms=CHANNELS, people=mentions // 2)
        server.interactions.late = 60.0  # its seconds are real ones, and the machine may be busy
        async with at_work(on.desk, server):
            await true(lambda: server.gateway.sessions)
            await ask(crowd, mentions, 5, "write", every=0.5)
            states = await settled(crowd, on.desk.states, mentions, patience=1000, every=5)
            assert len(states) == mentions
            assert verdict(crowd, states) == Verdict()
            assert crowd.trouble() == Trouble()
