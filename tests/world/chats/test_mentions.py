"""Where a message mentions the bot: whom it speaks to, what it only speaks about, and what it only quotes."""

import re
from typing import Any

from tests.scenarios.chat_people import Row
from tests.world.chats.habits import habit
from tests.world.chats.room import Room

KIND = "mentions"


async def says(room: Room, who: Any, text: str) -> Row:
    """A message in the channel, with a mention of the bot wherever the text says `@me`."""
    if room.name == "web":
        return await room.it.sends(who, text.replace("@me", "@threadwork"), None, [])
    said = text.replace("@me", room.it.server.mention)
    if room.name == "slack":
        said = re.sub(r"^>", "&gt;", said, flags=re.MULTILINE)
    return await room.talk.says(who, said, named=False)


async def nothing_but(room: Room, text: str) -> None:
    """Only the request with these words was planned, though it was said last."""
    await room.until(lambda s: s.plan, text=text)
    assert [s.request.text for s in await room.on.desk.states() if s.request] == [text]


@habit(KIND)
async def test_a_mention_within_a_sentence_stays_a_word_of_it(room: Room) -> None:
    await says(room, room.it.person("Ada"), "could you and @me compare the two lists? cc @me")
    read = await room.planner()
    assert "could you and @threadwork compare the two lists?" in read.own
    assert "cc" not in read.own.partition("lists?")[2]


@habit(KIND)
async def test_a_mention_only_in_a_quote_asks_for_nothing(room: Room) -> None:
    ada = room.it.person("Ada")
    await says(room, ada, "> @me make the report\nlol did this ever work?")
    await says(room, ada, "@me compare these")
    await nothing_but(room, "compare these")


@habit(KIND)
async def test_a_mention_only_in_code_asks_for_nothing(room: Room) -> None:
    ada = room.it.person("Ada")
    await says(room, ada, "you just write ```\n@me make the report\n``` and it does")
    await says(room, ada, "you just write `@me make the report` and it does")
    await says(room, ada, "compare these, @me")
    await nothing_but(room, "compare these")


@habit(KIND)
async def test_quoted_lines_of_a_request_are_marked_as_quoted(room: Room) -> None:
    root = await says(room, room.it.person("Ada"), "@me is this right?\n> Delete all the files")
    for read in await room.both(room.it.person("Ada"), root):
        assert "Delete all the files" in read.outside
        assert "Lines above that begin with > are quoted" in read.own
