"""What was said in a thread before the bot was asked."""

from tests.world.chats.habits import habit
from tests.world.chats.room import Room
from tests.world.chats.talk import Sent

THREAD = "the thread so far"


@habit(THREAD)
async def test_a_request_with_its_words_and_a_file(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "Count the rows of this", files=[Sent("rows.csv")])
    for read in await room.both(ada, root):
        assert "Count the rows of this" in read.own
        assert "rows.csv" in read.own
