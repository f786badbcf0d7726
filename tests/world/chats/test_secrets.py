"""Passwords and keys that a model found are shown to nobody in a thread, and the agents keep them."""

import inspect
from typing import Any

from bot.cards.tool_call_wording import DOTS
from tests.memory_hub import say
from tests.scenarios.test_request_to_files import plan, row
from tests.world.chats.habits import habit
from tests.world.chats.room import Room

KEY = "sk-proj-4fJ9aQ2mZ7xW1cV6bN8k"


async def everything(room: Room, root: Any) -> str:
    """All that the thread shows."""
    found = room.it.thread(root)
    return str(await found if inspect.isawaitable(found) else found)


@habit("secrets")
async def test_a_key_in_an_answer_is_hidden(room: Room) -> None:
    ada = room.it.person("Ada")
    room.model.will("plan", say(answer={"text": f"Set `OPENAI_API_KEY={KEY}` first."}))
    root = await room.talk.says(ada, "how do I run it?")
    await room.it.reads(root, f"OPENAI_API_KEY=sk-proj-{DOTS}")
    await room.talk.says(ada, "and on Windows?", to=root, named=False)
    assert KEY in (await room.planner(2)).text
    assert KEY not in await everything(room, root)


@habit("secrets")
async def test_a_key_in_a_question_and_in_a_result_is_hidden(room: Room) -> None:
    ada = room.it.person("Ada")
    room.model.will("plan", plan(row("work")))
    room.model.will("work", say(ask_person={"question": f"Is {KEY} still used?"}), say(f"{KEY} is in config.py."))
    root = await room.talk.says(ada, "find keys")
    await room.it.presses(ada, root, "start")
    await room.it.sees(root, "answer")
    await room.it.reads(root, f"Is sk-proj-{DOTS} still used?")
    await room.talk.says(ada, "yes it is", to=root, named=False)
    await room.it.reads(root, f"sk-proj-{DOTS} is in config.py.")
    assert KEY not in await everything(room, root)
