"""Messages that a request passes on or answers."""

from typing import Any

import pytest

from bot.inbox import join_wordless_messages
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


async def forwards(room: Room, who: Any, words: str, **where: Any) -> Any:
    """A forward without a word of one's own, of a message with a file."""
    if room.name == "slack":
        file = room.it.server.file("letter.txt", b"letter")
        share = {"is_share": True, "author_name": "Carol", "text": words, "ts": "1700000000.000100", "files": [file]}
        return await room.talk.says(who, "", named=False, attachments=[share], **where)
    kept = room.it.server.world.keep(room.it.server.channel["id"], "letter.txt", b"letter", "text/plain")
    inside = {"content": words, "embeds": [], "attachments": [kept], "timestamp": "2026-01-01T00:00:00+00:00",
              "edited_timestamp": None, "flags": 0, "type": 0, "mentions": [], "mention_roles": []}  # fmt: skip
    refers = {"type": 1, "channel_id": room.it.server.channel["id"], "message_id": "1"}
    snapshots = [{"message": inside}]
    return await room.talk.says(who, "", named=False, message_reference=refers, message_snapshots=snapshots, **where)


def one_request(room: Room, read: Any) -> None:
    assert "answer this" in read.own
    assert read.outside.count("The supplier wants 400 more") == 1
    assert "attachments/letter.txt" in read.own
    assert room.it.server.refusals == []


@habit(KIND, web=NO_QUOTE)
async def test_a_forward_to_the_bot_and_its_comment_are_one_request(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(join_wordless_messages, "WAIT", 600.0)
    ada = room.it.person("Ada")
    await forwards(room, ada, "The supplier wants 400 more", direct=True)
    await room.talk.says(ada, "answer this", named=False, direct=True)
    one_request(room, await room.planner())
    await room.until(lambda s: s.plan, text="answer this")
    assert len(await room.on.desk.states()) == 1


@habit(KIND, web=NO_QUOTE)
async def test_a_forward_to_the_bot_without_a_comment_is_a_request(room: Room) -> None:
    await forwards(room, room.it.person("Ada"), "The supplier wants 400 more", direct=True)
    read = await room.planner()
    assert "The supplier wants 400 more" in read.outside
    assert "attachments/letter.txt" in read.own
    assert room.it.server.refusals == []


@habit(KIND, web=NO_QUOTE)
async def test_a_forward_in_a_tasks_thread_and_its_comment_are_one_message(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(join_wordless_messages, "WAIT", 600.0)
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "write a letter")
    await room.it.sees(root, "start")
    await forwards(room, ada, "The supplier wants 400 more", to=root)
    await room.talk.says(ada, "answer this", named=False, to=root)
    one_request(room, await room.planner(2))


@habit(KIND, web=NO_QUOTE, slack="Slack sends a forward and its comment as one message")
async def test_a_mention_in_a_channel_comments_its_authors_forward_before_it(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    await forwards(room, bob, "Lunch is at noon")
    await forwards(room, ada, "The supplier wants 400 more")
    await room.talk.says(bob, "hello", named=False)
    await room.talk.says(ada, "answer this")
    read = await room.planner()
    one_request(room, read)
    assert "Lunch" not in read.text
    await room.talk.says(ada, "and make a table of our prices")
    assert "The supplier wants" not in (await room.planner(2)).text


@habit("files", web="in the workspace a file is sent with a mention")
async def test_a_file_sent_to_the_bot_right_before_the_words(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(join_wordless_messages, "WAIT", 600.0)
    ada = room.it.person("Ada")
    await room.talk.says(ada, "", named=False, direct=True, files=[Sent("letter.txt")])
    await room.talk.says(ada, "answer this", named=False, direct=True)
    read = await room.planner()
    assert "answer this" in read.own
    assert "letter.txt" in read.own
    assert len(await room.on.desk.states()) == 1


@habit(KIND, web=NO_QUOTE, slack="Slack's replies are threads")
async def test_a_reply_in_the_channel_to_ones_own_request_adds_to_it(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    root = await room.talk.says(ada, "make a report about France")
    await room.it.sees(root, "start")
    more = await room.talk.says(ada, "also include Spain", reply_to=root)
    read = await room.planner(2)
    assert "make a report about France" in read.own
    assert "also include Spain" in read.own
    assert "It replies to:" not in read.own
    await room.it.until(lambda: room.it.marks(more) == ["👀"])
    await room.until(lambda s: s.version == 2)
    await room.talk.says(ada, "and Italy", reply_to=more)
    assert "make a report about France" in (await room.planner(3)).own
    assert len(await room.on.desk.states()) == 1
    await room.talk.says(bob, "and a picture of it", reply_to=root)
    await room.until(lambda s: s.plan, text="and a picture of it")
    assert len(await room.on.desk.states()) == 2
    refusals = [one for one in room.it.server.refusals if "reactions" not in str(one)]
    assert refusals == [], "only the reaction looks in two places"
    room.it.server.refusals.clear()


@habit(KIND, web=NO_QUOTE)
async def test_a_forward_that_is_deleted_before_its_comment_was_never_said(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    monkeypatch.setattr(join_wordless_messages, "WAIT", 600.0)
    ada = room.it.person("Ada")

    async def kept(begin: str) -> bool:
        return any(record.key.startswith(begin) for record in await room.on.desk.room(room.name))

    sent = await forwards(room, ada, "The supplier wants 400 more", direct=True)
    await room.eventually(lambda: kept("mentioned/"))
    await room.talk.deletes(sent)
    await room.eventually(lambda: kept("acted/mentioned/"))
    assert await room.on.desk.states() == []
    await room.talk.says(ada, "write to the supplier", named=False, direct=True)
    assert "400 more" not in (await room.planner()).text
