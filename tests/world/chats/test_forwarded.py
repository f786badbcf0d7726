"""Messages that a request passes on or answers."""

from tests.world.chats.habits import habit
from tests.world.chats.room import Room
from tests.world.chats.talk import Sent

KIND = "quoted and forwarded"
NO_QUOTE = "the web workspace has no way to quote a message"


@habit(KIND, web=NO_QUOTE)
async def test_a_forwarded_message_with_its_file(room: Room) -> None:
    ada = room.it.person("Ada")
    words = "The supplier wants 400 more"
    if room.name == "slack":
        file = room.it.server.file("letter.txt", b"letter")
        share = {"is_share": True, "author_name": "Carol", "text": words, "ts": "1700000000.000100", "files": [file]}
        root = await room.talk.says(ada, "answer this", attachments=[share])
    else:
        kept = room.it.server.world.keep(room.it.server.channel["id"], "letter.txt", b"letter", "text/plain")
        inside = {"content": words, "embeds": [], "attachments": [kept], "timestamp": "2026-01-01T00:00:00+00:00",
                  "edited_timestamp": None, "flags": 0, "type": 0, "mentions": [], "mention_roles": []}  # fmt: skip
        refers = {"type": 1, "channel_id": room.it.server.channel["id"], "message_id": "1"}
        root = await room.talk.says(
            ada, "answer this", message_reference=refers, message_snapshots=[{"message": inside}]
        )  # fmt: skip
    for read in await room.both(ada, root):
        assert words in read.outside
        assert words not in read.own
        assert "attachments/letter.txt" in read.own


@habit(KIND, web=NO_QUOTE, slack="Slack's replies are threads")
async def test_a_reply_that_quotes_somebody_with_a_file(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    said = await room.talk.says(bob, "Rent is 900 a month", named=False, files=[Sent("lease.txt")])
    root = await room.talk.says(ada, "is that right?", reply_to=said)
    for read in await room.both(ada, root):
        assert "Rent is 900 a month" in read.outside
        assert "attachments/lease.txt" in read.own


@habit(KIND, web=NO_QUOTE, slack="Slack's replies are threads")
async def test_a_reply_to_a_forwarded_message_and_to_one_of_another_app(room: Room) -> None:
    ada, bob, alarm = room.it.person("Ada"), room.it.person("Bob"), room.it.person("Alarm", "bot")
    kept = room.it.server.world.keep(room.it.server.channel["id"], "letter.txt", b"letter", "text/plain")
    inside = {"content": "The supplier wants 400 more", "embeds": [], "attachments": [kept], "edited_timestamp": None,
              "timestamp": "2026-01-01T00:00:00+00:00", "flags": 0, "type": 0, "mentions": [],
              "mention_roles": []}  # fmt: skip
    refers = {"type": 1, "channel_id": room.it.server.channel["id"], "message_id": "1"}
    said = await room.talk.says(
        bob, "", named=False, message_reference=refers, message_snapshots=[{"message": inside}]
    )  # fmt: skip
    root = await room.talk.says(ada, "answer this", reply_to=said)
    for read in await room.both(ada, root):
        assert "The supplier wants 400 more" in read.outside
        assert "attachments/letter.txt" in read.own
    shown = [{"type": 17, "components": [{"type": 10, "content": "Disk full", "id": 2}], "id": 1, "spoiler": False}]
    alert = await room.talk.says(alarm, "", named=False, components=shown, flags=1 << 15)
    await room.talk.says(ada, "what is this?", reply_to=alert)
    assert "Disk full" in (await room.planner(2)).outside


@habit("words outside the text", web="its messages are plain text", discord="people can't write blocks")
async def test_words_that_are_only_in_blocks(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    inside = [
        {"type": "text", "text": "The launch is on "},
        {"type": "link", "url": "https://a.test", "text": "Friday"},
    ]
    block = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": inside}]}
    root = await room.talk.thread(bob, "", blocks=[block])
    await room.talk.says(ada, "when is it?", to=root)
    read = await room.planner()
    assert "The launch is on Friday (https://a.test)" in read.outside
