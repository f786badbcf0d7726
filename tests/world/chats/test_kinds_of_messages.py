"""Messages that aren't only words: stickers, polls, voice messages, posts in forums, canvases, huddles, workflows."""

from typing import Any

import pytest

from tests.discord_server.handlers import in_guild
from tests.discord_server.world import FORUM
from tests.scenarios.chat_people import Row
from tests.world.chats.habits import habit
from tests.world.chats.room import Room
from tests.world.chats.talk import Sent
from tests.world.chats.test_links import link
from tests.world.chats.test_names_people_see import announce

KIND = "words outside the text"
NOT_SLACK = "Slack has neither stickers nor polls of its own"
NOT_DISCORD = "Discord has nothing of the kind"
ON_WEB = "the workspace's messages are plain text"
WAVE = {"id": "749054660769218631", "name": "Wave", "format_type": 1}
VOICE_MESSAGE = 1 << 13
POLL = {
    "question": {"text": "Where to?"}, "allow_multiselect": False, "layout_type": 1,
    "expiry": "2030-01-01T00:00:00+00:00",
    "answers": [{"answer_id": 1, "poll_media": {"text": "Oslo"}}, {"answer_id": 2, "poll_media": {"text": "Rome"}}],
}  # fmt: skip


@habit(KIND, slack=NOT_SLACK, web=ON_WEB)
@pytest.mark.parametrize("ends", [POLL["expiry"], None])
async def test_a_poll_and_a_sticker_in_the_request(room: Room, ends: str | None) -> None:
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "plan this trip", poll=POLL | {"expiry": ends}, sticker_items=[WAVE])
    for read in await room.both(ada, root):
        assert "Poll: Where to?" in read.own
        assert "- Rome" in read.own
        assert "[sticker: Wave]" in read.own


@habit(KIND, slack=NOT_SLACK, web=ON_WEB)
async def test_a_sticker_alone_is_a_word_in_a_direct_message_and_talk_in_a_thread(room: Room) -> None:
    ada = room.it.person("Ada")
    await room.talk.says(ada, "", direct=True, named=False, sticker_items=[WAVE])
    assert "[sticker: Wave]" in (await room.planner()).own
    root = await room.talk.says(ada, "plan a trip")
    await room.it.sees(root, "start")
    await room.talk.says(ada, "", to=root, named=False, sticker_items=[WAVE])
    await room.talk.says(ada, "to Rome", to=root, named=False)
    read = await room.planner(3)
    assert "to Rome" in read.text
    assert "sticker" not in read.text


@habit(KIND, slack="Slack's voice clips are ordinary files", web=ON_WEB)
async def test_a_voice_message_comes_as_a_file_in_the_thread_and_by_mention(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    clip = Sent("voice-message.ogg", b"ogg", "audio/ogg")
    root = await room.talk.thread(bob, "here is what I think")
    await room.talk.says(bob, "", to=root, named=False, files=[clip], flags=VOICE_MESSAGE)
    await room.talk.says(ada, "write that down", to=root, files=[Sent("notes.txt")])
    for read in await room.both(ada, root):
        assert "[voice message]" in read.outside
        assert "voice-message.ogg" in read.own
        assert "notes.txt" in read.own


async def post(room: Room, who: Any, title: str, text: str, **more: Any) -> Row:
    """A post in a forum with the tag *Urgent*: a thread and its first message, which have one id."""
    server = room.it.server
    forum = server.world.channel(server.guild, "ideas", FORUM)
    tag = {"id": server.world.snowflake(), "name": "Urgent", "moderated": False, "emoji_id": None, "emoji_name": None}
    forum |= {"available_tags": [tag], "default_reaction_emoji": None, "default_sort_order": None,
              "default_forum_layout": 0}  # fmt: skip
    await announce(server)
    id_ = server.world.snowflake()
    thread = server.world.thread(forum, id_, title, who.id)
    thread["applied_tags"] = [tag["id"]]
    await server.gateway.dispatch("THREAD_CREATE", {**thread, "newly_created": True})
    pinged = server.world.bot.id in text
    first = server.world.message(
        thread, who, content=text, mentions=[server.world.bot.user()] if pinged else [], **more
    )
    del server.world.messages[id_][first["id"]]
    first["id"] = id_
    server.world.messages[id_][id_] = first
    await server.gateway.dispatch("MESSAGE_CREATE", in_guild(thread, first))
    return first


@habit("the thread so far", slack="Slack has no forums", web=ON_WEB)
async def test_a_post_in_a_forum_is_the_request_with_its_title_and_tags(room: Room) -> None:
    ada = room.it.person("Ada")
    first = await post(room, ada, "A trip to Rome", f"{room.it.server.mention} plan it")
    for read in await room.both(ada, first):
        assert "plan it" in read.own
        assert "A trip to Rome [Urgent]" in read.outside
    assert room.it.server.reactions(first)


@habit("the thread so far", slack="Slack has no forums", web=ON_WEB)
async def test_a_mention_below_a_post_in_a_forum_reads_the_post(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    first = await post(room, bob, "A trip to Rome", "Who wants to come in May?")
    await room.talk.says(ada, "plan this", to=first)
    for read in await room.both(ada, first):
        assert "Who wants to come in May?" in read.outside
        assert "A trip to Rome [Urgent]" in read.outside


@habit("the thread so far", slack="a thread of Slack's ends with its first message, or keeps a note in its place",
       web=ON_WEB)  # fmt: skip
async def test_a_mention_in_a_thread_whose_beginning_was_deleted(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    root = await room.talk.thread(bob, "The secret start")
    await room.talk.says(bob, "Oslo or Rome?", to=root, named=False)
    await room.talk.deletes(root)
    await room.talk.says(ada, "compare these", to=root)
    for read in await room.both(ada, root):
        assert "Oslo or Rome?" in read.outside
        assert read.outside.count("The secret start") == 1, "the thread is called like this"


@habit("files", discord=NOT_DISCORD, web=ON_WEB)
async def test_a_canvas_and_a_list_are_named_and_the_rest_goes_on(room: Room) -> None:
    ada = room.it.person("Ada")
    kinds = [Sent("Plans", more={"mode": "quip", "filetype": "quip"}), Sent("Tasks", more={"mode": "list"})]
    root = await room.talk.says(ada, "read all", files=[*kinds, Sent("rows.csv")])
    for read in await room.both(ada, root):
        assert "The file 'Plans' is a canvas" in read.own
        assert "The file 'Tasks' is a Slack list" in read.own
        assert "rows.csv" in read.own
    assert set(room.on.host.files) == {"attachments/rows.csv"}


@habit("files", discord=NOT_DISCORD, web=ON_WEB)
async def test_a_file_that_slack_describes_only_on_request(room: Room) -> None:
    ada, bob, server = room.it.person("Ada"), room.it.person("Bob"), room.it.server
    rows, more = server.file("rows.csv", b"1,2", "text/csv"), server.file("more.csv", b"3,4", "text/csv")
    stubs = [{"id": one["id"], "created": 0, "file_access": "check_file_info"} for one in (rows, more)]
    root = server.says(bob, room.it.room, "here", files=stubs[:1])
    server.says(ada, room.it.room, f"{server.mention} join these", files=stubs[1:], thread=root["ts"])
    for read in await room.both(ada, root):
        assert "attachments/rows.csv" in read.own
        assert "more.csv" in read.own


@habit(KIND, discord=NOT_DISCORD, web=ON_WEB)
async def test_a_mention_in_a_canvas_asks_with_its_own_words(room: Room) -> None:
    ada, server = room.it.person("Ada"), room.it.server
    said = server.says(ada, room.it.room, "", subtype="tombstone", hidden=True)
    block = {
        "type": "section",
        "text": {"type": "mrkdwn", "text": f"&gt;&gt;&gt;Hey {server.mention} check the prices"},
    }
    event = {
        "type": "app_mention", "subtype": "document_mention", "user": ada.id, "team": ada.team, "ts": said["ts"],
        "text": f"{server.mention} was mentioned in a canvas", "channel": room.it.room.id, "event_ts": said["ts"],
        "blocks": [block], "document_mention": {"file_id": "F1", "section_id": "s", "mentioning_user_ids": [ada.id]},
    }  # fmt: skip
    server.events._emit("app_mention", event)  # pyright: ignore[reportPrivateUsage]
    read = await room.planner()
    assert "check the prices" in read.own
    assert "was mentioned in a canvas" not in read.own


@habit("the thread so far", discord=NOT_DISCORD, web=ON_WEB)
async def test_a_mention_under_a_workflows_post_and_in_a_huddles_thread(room: Room) -> None:
    ada, server = room.it.person("Ada"), room.it.server
    flow = room.it.person("Intake", "bot")
    form = server.says(
        flow, room.it.room, "New request: 40 chairs for Monday", username="Intake form", workflow_id="W1"
    )
    await room.talk.says(ada, "order them", to=form)
    read = await room.planner()
    assert "Intake form" in read.outside
    assert "40 chairs for Monday" in read.outside
    huddle = server.says(ada, room.it.room, "A huddle happened", subtype="huddle_thread", room={"id": "R1"})
    await room.talk.says(ada, "Let us buy 50", to=huddle, named=False)
    await room.talk.says(ada, "do that", to=huddle)
    read = await room.planner(2)
    assert "Let us buy 50" in read.outside


@habit("links", discord="Discord's channels can't be archived", web=ON_WEB)
async def test_a_link_to_a_message_in_an_archived_channel_is_read(room: Room) -> None:
    ada, bob, server = room.it.person("Ada"), room.it.person("Bob"), room.it.server
    old = server.channel("old", bob)
    said = server.says(bob, old, "Rent was 700")
    address = link(room, said)
    old.archived = True
    await room.talk.says(ada, f"compare with {address}")
    assert "Rent was 700" in (await room.planner()).outside


@habit("links", discord="Discord shows previews of messages to nobody", web=ON_WEB)
async def test_a_preview_of_a_linked_message_counts_where_the_bot_cannot_look(room: Room) -> None:
    ada, bob, server = room.it.person("Ada"), room.it.person("Bob"), room.it.server
    said = server.says(bob, server.channel("far", bob, bot=False), "The rent is 900")
    seen = {"is_msg_unfurl": True, "author_name": "Bob", "text": "The rent is 900", "ts": said["ts"], "from_url": "x"}
    root = await room.talk.says(ada, f"check {link(room, said)}", attachments=[seen])
    for read in await room.both(ada, root):
        assert "It links to:" in read.own
        assert read.outside.count("The rent is 900") == 1
        assert "Couldn't be read" not in read.own
    server.refusals.clear()


@habit(KIND, slack=NOT_SLACK, web=ON_WEB)
async def test_a_poll_without_an_end_is_read_among_missed_messages(room: Room) -> None:
    ada = room.it.person("Ada")
    await room.talk.says(ada, "plan the first trip")
    await room.planner()
    server = room.it.server
    endless = POLL | {"expiry": None}
    await server.says(ada, server.channel, f"{server.mention} plan that trip", heard=False, poll=endless)
    assert room.restarts is not None
    await room.restarts()
    assert "Poll: Where to?" in (await room.planner(2)).own
