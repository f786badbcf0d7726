"""Words typed while something waits: understood by the state of the task, in any language, not by a list of phrases."""

from typing import Any

import pytest

from tests.memory_hub import say
from tests.world.chats.habits import habit
from tests.world.chats.room import Room
from tests.world.chats.test_edits import ON_WEB
from tests.world.chats.test_typed_answers import TYPED

UNCHANGED = "The plan hasn't changed."


async def ready(room: Room, who: Any, **how: Any) -> Any:
    """A task whose plan waits for *Start*."""
    root = await room.talk.says(who, "make the report", **how)
    await room.until(lambda s: s.phase == "review")
    return root


@habit(TYPED)
@pytest.mark.parametrize(
    "text", ["passt so, bitte starten", "nice, get cracking when you can", "where will it be saved?"]
)
async def test_words_that_change_nothing_keep_the_plan_and_point_to_start(room: Room, text: str) -> None:
    ada = room.it.person("Ada")
    root = await ready(room, ada)
    room.model.will("plan", say(answer={"text": "It's ready."}))
    await room.talk.says(ada, text, to=root, named=False)
    state = await room.until(lambda s: any(UNCHANGED in line.text for line in s.lines))
    assert (state.phase, state.version) == ("review", 1)
    assert "answer keeps the plan" in (await room.planner(2)).text
    await room.it.reads(root, "Press Start on the card")
    await room.it.presses(ada, root, "start", "1")
    await room.until(lambda s: s.phase == "done")


@habit(TYPED, web=ON_WEB)
async def test_a_request_edited_to_a_withdrawal_keeps_the_plan_and_points_to_stop(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await ready(room, ada)
    room.model.will("plan", say(answer={"text": "All right."}))
    await room.talk.rewrites(root, "never mind, found it")
    state = await room.until(lambda s: any("or Stop to end the task" in line.text for line in s.lines))
    assert (state.phase, state.version) == ("review", 1)
    assert "never mind, found it" in (await room.planner(2)).text
