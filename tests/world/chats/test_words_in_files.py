"""Messages whose words are in a file: voice messages, and texts that were too long for the chat."""

from typing import Any

import pytest

from bot.inbox.voice_and_text_file_messages import UNHEARD
from tests.scenarios.chat_people import Row
from tests.world.chats.habits import habit
from tests.world.chats.private_buttons import private
from tests.world.chats.room import Room
from tests.world.chats.talk import Sent
from tests.world.chats.test_kinds_of_messages import KIND, VOICE_MESSAGE
from tests.world.chats.test_typed_answers import TYPED, YEAR, asked, done

NO_VOICE = "the workspace has no voice messages, and takes long texts as they are"
NO_TRANSCRIPT = "Discord writes down no voice messages"
LONG = "\n".join(f"{number}. Compare offer {number}." for number in range(400))


def clip(status: str = "none", words: str = "", *, more: bool = False) -> Sent:
    """A voice message as Slack describes it."""
    written = {"status": status, "locale": "en-US", "preview": {"content": words, "has_more": more}}
    described: Row = {"subtype": "slack_audio", "duration_ms": 4200, "transcription": written, "filetype": "m4a"}
    return Sent("audio_message.m4a", b"m4a", "audio/mp4", described)


def voice(room: Room) -> dict[str, Any]:
    """A voice message that nobody wrote down."""
    if room.name == "slack":
        return {"files": [clip("failed")]}
    wave = Sent("voice-message.ogg", b"ogg", "audio/ogg", {"duration_secs": 4.2, "waveform": "AAAA"})
    return {"files": [wave], "flags": VOICE_MESSAGE}


def pasted(room: Room) -> Sent:
    """What the platform's own app makes from a text that is too long."""
    if room.name == "discord":
        return Sent("message.txt", LONG.encode(), "text/plain; charset=utf-8")
    described = {"mode": "snippet", "filetype": "text", "title": "Untitled", "preview": LONG[:200], "lines": 400}
    return Sent("Untitled", LONG.encode(), "text/plain", described)


@habit(KIND, discord=NO_TRANSCRIPT, web=NO_VOICE)
async def test_a_voice_message_is_what_slack_wrote_down(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    root = await room.talk.thread(bob, "here is what I think")
    await room.talk.says(bob, "", to=root, named=False, files=[clip("complete", "take the cheaper one")])
    await room.talk.says(ada, "", direct=True, named=False, files=[clip("complete", "compare both lists", more=True)])
    assert "compare both lists [the recording continues]" in (await room.planner()).own
    await room.talk.says(ada, "write that down", to=root)
    assert "take the cheaper one" in (await room.planner(2)).outside


@habit(KIND, discord=NO_TRANSCRIPT, web=NO_VOICE)
async def test_an_answer_is_spoken_and_written_down_a_little_later(room: Room) -> None:
    root = await asked(room, YEAR)
    sent = await room.talk.says(room.it.person("Ada"), "", to=root, named=False, files=[clip("processing")])
    server = room.it.server
    described = server.world.files[sent["files"][0]["id"]]
    described |= clip("processing").more
    await room.eventually(lambda: any(method == "files.info" for method, _ in server.calls))
    described |= clip("complete", "the year 2024").more
    assert "the year 2024" in await done(room)


@habit(KIND, web=NO_VOICE)
async def test_a_voice_message_that_nobody_wrote_down_is_asked_for_in_words(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await asked(room, YEAR)
    await room.talk.says(ada, "", to=root, named=False, **voice(room))
    await private(room, ada, UNHEARD)
    state = await room.until(lambda s: s.questions)
    assert [row.answers for row in state.questions.values()] == [None]
    alone = await room.talk.says(ada, "", direct=True, named=False, **voice(room))
    await room.eventually(lambda: UNHEARD in room.it.thread(alone) or room.it.private(ada).count(UNHEARD) > 1)
    assert len(await room.on.desk.states()) == 1


@habit(KIND, web=NO_VOICE)
@pytest.mark.parametrize("direct", [True, False])
async def test_a_text_that_was_too_long_for_the_chat_is_the_request(room: Room, direct: bool) -> None:
    ada = room.it.person("Ada")
    await room.talk.says(ada, "", direct=direct, named=not direct, files=[pasted(room)])
    read = await room.planner()
    assert LONG in read.own
    assert "attached" not in read.own


@habit(TYPED, web=NO_VOICE)
async def test_an_answer_that_was_too_long_for_the_chat_is_the_answer(room: Room) -> None:
    root = await asked(room, YEAR)
    await room.talk.says(room.it.person("Ada"), "", to=root, named=False, files=[pasted(room)])
    assert LONG in (await room.agent(number=2)).text
