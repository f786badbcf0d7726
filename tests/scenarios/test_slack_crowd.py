"""A hundred mentions in a moment, on a strict Slack whose minutes pass twenty times as fast."""

from pathlib import Path

import pytest

from tests.scenarios.test_slack_job import job
from tests.scenarios.test_spine import plan, row
from tests.slack_server.acting import words
from tests.story import ScriptedModel

MENTIONS, CHANNELS = 100, 20


@pytest.mark.slow
async def test_a_hundred_mentions_all_get_one_true_card_and_no_refusal(tmp_path: Path) -> None:
    model = ScriptedModel({"plan": [plan(row("write")) for _ in range(MENTIONS)]})
    async with job(tmp_path, model) as it:
        rooms = [it.slack.channel(f"c{n}", it.ada) for n in range(CHANNELS)]
        asked = [(rooms[n % CHANNELS], f"{it.slack.mention} write {n}") for n in range(MENTIONS)]
        roots = [(room, it.slack.says(it.ada, room, text)["ts"]) for room, text in asked]

        def shown() -> bool:
            threads = [it.slack.world.thread(room.id, root) for room, root in roots]
            return all("is ready" in words(rows) for rows in threads)

        await it.slack.until(shown, seconds=60)
        await it.slack.until(lambda: _seen(it.slack.calls) == MENTIONS, seconds=60)
        ours = [r for room in rooms for r in room.rows if r["user"] == it.slack.bot]
        assert len(ours) == MENTIONS
        assert len(await it.on.desk.states()) == MENTIONS
        assert not it.slack.refusals
        assert not it.slack.limited


def _seen(calls: list[tuple[str, dict[str, object]]]) -> int:
    return sum(1 for method, _ in calls if method == "reactions.add")
