"""What people type in a direct message with the bot while one of their tasks waits there, outside its thread."""

from typing import Any

import pytest

from tests.memory_hub import say
from tests.scenarios.test_request_to_files import row
from tests.world.chats.habits import habit
from tests.world.chats.private_buttons import presses, private, shown
from tests.world.chats.room import Room
from tests.world.chats.talk import Sent
from tests.world.chats.test_typed_answers import SIDE, TYPED, YEAR, done, heard

NO_DIRECT = "the workspace has no direct messages"


async def asked_alone(room: Room, who: Any, question: Any) -> Any:
    """A task in a direct message whose step asks that."""
    room.model.will("work", question, heard)
    root = await room.talk.says(who, "make the report", direct=True, named=False)
    await room.it.presses(who, root, "start")
    (name,) = (await room.until(lambda s: s.questions)).questions
    await room.it.sees(root, "choose" if question is SIDE else "answer", name)
    return root


async def ready_alone(room: Room, who: Any) -> Any:
    """A task in a direct message whose plan waits for *Start*."""
    root = await room.talk.says(who, "make the report", direct=True, named=False)
    await room.it.sees(root, "start")
    return root


@habit(TYPED, web=NO_DIRECT)
@pytest.mark.parametrize("text", ["2024 please", "Berlin", "das vorletzte Jahr", "去年"])
async def test_a_short_answer_in_a_direct_message_is_the_answer(room: Room, text: str) -> None:
    ada = room.it.person("Ada")
    await asked_alone(room, ada, YEAR)
    await room.talk.says(ada, text, direct=True, named=False)
    assert text in await done(room)
    assert len(await room.on.desk.states()) == 1


@habit(TYPED, web=NO_DIRECT)
async def test_a_long_answer_in_a_direct_message_is_the_answer_with_one_press(room: Room) -> None:
    ada = room.it.person("Ada")
    await asked_alone(room, ada, YEAR)
    await room.talk.says(ada, "I think it was 2024 but check with Bob", direct=True, named=False)
    await private(room, ada, "What is “I think it was 2024")
    await presses(room, ada, "answer-with")
    assert "check with Bob" in await done(room)
    assert len(await room.on.desk.states()) == 1


@habit(TYPED, web=NO_DIRECT)
async def test_a_wish_in_a_direct_message_changes_the_plan_with_one_press(room: Room) -> None:
    ada = room.it.person("Ada")
    await ready_alone(room, ada)
    await room.talk.says(ada, "und bitte höchstens eine Seite lang", direct=True, named=False)
    await presses(room, ada, "pass-on")
    assert "höchstens eine Seite" in (await room.planner(2)).text
    await room.until(lambda s: s.version == 2)
    assert len(await room.on.desk.states()) == 1


@habit(TYPED, web=NO_DIRECT)
async def test_a_new_request_in_a_direct_message_needs_one_press_and_keeps_its_file(room: Room) -> None:
    ada = room.it.person("Ada")
    await ready_alone(room, ada)
    await room.talk.says(ada, "summarise the minutes of Monday", direct=True, named=False, files=[Sent("minutes.txt")])
    await presses(room, ada, "new-request")
    state = await room.until(lambda s: s.phase == "review", text="summarise the minutes")
    assert state.request is not None
    assert [file.name for file in state.request.files] == ["minutes.txt"]
    await presses(room, ada, "new-request")
    await room.eventually(lambda: "Done." in shown(room, ada)[-1] or "Done." in room.it.private(ada))
    assert len(await room.on.desk.states()) == 2


@habit(TYPED, web=NO_DIRECT)
async def test_a_file_alone_in_a_direct_message_answers_the_open_question(room: Room) -> None:
    ada = room.it.person("Ada")
    await asked_alone(room, ada, say(ask_person={"question": "Which price list?"}))
    await room.talk.says(ada, "", direct=True, named=False, files=[Sent("prices.csv")])
    assert "attachments/prices.csv" in await done(room)
    assert len(await room.on.desk.states()) == 1


@habit(TYPED, web=NO_DIRECT)
@pytest.mark.parametrize("text", ["2024", "the year before, I think"])
async def test_an_answer_while_two_tasks_wait_is_asked_about(room: Room, text: str) -> None:
    ada = room.it.person("Ada")
    for title in ("Prices", "Wages"):
        room.model.will("plan", say(propose_plan={"title": title, "subtasks": [row(title.lower())]}))
        room.model.will(title.lower(), YEAR, heard)
        root = await room.talk.says(ada, f"please look at the {title} of both offices", direct=True, named=False)
        if title == "Wages":
            await presses(room, ada, "new-request")
        await room.it.presses(ada, root, "start")
        await room.until(lambda s: s.questions, text=title)
    await room.talk.says(ada, text, direct=True, named=False)
    await private(room, ada, f"2 of your tasks are waiting for you. What is “{text}”?")
    wages = await room.until(lambda s: s.questions, text="Wages")
    await presses(room, ada, "answer-with", of=wages.id)
    state = await room.until(lambda s: s.phase == "done", text="Wages")
    assert [one.answers for one in state.questions.values()] == [{"answer": text}]
    other = await room.until(lambda s: s.questions, text="Prices")
    assert [one.answers for one in other.questions.values()] == [None]
    assert len(await room.on.desk.states()) == 2
