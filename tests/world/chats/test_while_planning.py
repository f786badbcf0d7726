"""What people type before a plan is there, and after an answer without one."""

from typing import Any

from tests.memory_hub import say
from tests.scenarios.test_request_to_files import plan, row
from tests.world.chats.habits import habit
from tests.world.chats.private_buttons import private, shown
from tests.world.chats.room import Room
from tests.world.chats.test_typed_answers import TYPED

DRAFTING = "The plan is being drafted"


async def drafting(room: Room, who: Any) -> Any:
    """A request of which the planner is still thinking."""
    root = await room.talk.says(who, "compare the prices")
    await room.planner()
    return root


@habit(TYPED)
async def test_words_typed_while_the_plan_is_drafted_are_in_the_plan(room: Room) -> None:
    ada = room.it.person("Ada")
    room.model.will("plan", plan(row("dollars")), plan(row("euros")))
    with room.model.thinks("plan"):
        root = await drafting(room, ada)
        await room.talk.says(ada, "oh, and in EUR please", to=root, named=False)
        await room.until(lambda s: s.lines)
    state = await room.until(lambda s: s.phase == "review")
    assert "oh, and in EUR please" in (await room.planner(2)).text
    assert state.plan is not None
    assert ([s.id for s in state.plan.subtasks], state.version) == (["euros"], 1)
    assert state.cost == 0.02


@habit(TYPED)
async def test_impatience_while_the_plan_is_drafted_changes_nothing(room: Room) -> None:
    ada = room.it.person("Ada")
    with room.model.thinks("plan"):
        root = await drafting(room, ada)
        for text in ("hello??", "???", "@threadwork ?", "hi, thanks!", "..."):
            await room.talk.says(ada, text, to=root, named=False)
        await private(room, ada, DRAFTING)
    state = await room.until(lambda s: s.phase == "review")
    assert state.lines == ()
    assert len(room.model.prompts) == 1
    assert sum(DRAFTING in text for text in shown(room, ada)) == 1


@habit("the thread so far")
async def test_a_follow_up_builds_on_the_answer_before_it(room: Room) -> None:
    ada = room.it.person("Ada")
    room.model.will("plan", say(answer={"text": "It is noon in Lima."}), say(answer={"text": "Midnight."}))
    root = await room.talk.says(ada, "what time is it?")
    await room.it.reads(root, "It is noon in Lima.")
    await room.talk.says(ada, "and in Hanoi?", to=root, named=False)
    asked = await room.planner(2)
    assert "You answered: It is noon in Lima." in asked.own
    assert asked.own.index("noon in Lima") < asked.own.index("and in Hanoi?")
