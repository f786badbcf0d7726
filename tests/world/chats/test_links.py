"""Links to messages and tasks of the same workspace: what they lead to is read, as the requester may read it."""

from typing import Any

from tests.memory_hub import say
from tests.scenarios.chat_people import Row
from tests.scenarios.test_request_to_files import plan, row
from tests.scenarios.web_workspace import HOST
from tests.world.chats.habits import habit
from tests.world.chats.room import Room
from tests.world.chats.talk import Sent
from tests.world.chats.test_names_people_see import announce

LINKS = "links"
NO_MESSAGES = "a message of the workspace has no address of its own; a task has"


def link(room: Room, message: Row) -> str:
    """The address of a message, as the platform's menu copies it."""
    server = room.it.server
    if room.name == "discord":
        return f"https://discord.com/channels/{server.guild['id']}/{message['channel_id']}/{message['id']}"
    channel = room.it.home_of(message)
    address = f"{server.base}/archives/{channel.id}/p{message['ts'].replace('.', '')}"
    root = message.get("thread_ts")
    return f"<{address}?thread_ts={root}&amp;cid={channel.id}>" if root and root != message["ts"] else f"<{address}>"


async def elsewhere(room: Room, *people: Any, closed: bool = False) -> Any:
    """Another channel, with the bot in it; a closed one is only these people's."""
    server = room.it.server
    if room.name == "slack":
        return server.channel("board", *people, kind="private" if closed else "public")
    world, guild = server.world, server.guild
    made = world.closed_channel(guild, "board", 0, *people) if closed else world.channel(guild, "board")
    await announce(server)
    return made


async def writes(room: Room, who: Any, where: Any, text: str, *files: Sent) -> Row:
    """A message in that channel."""
    server = room.it.server
    if room.name == "slack":
        return server.says(who, where, text, files=[server.file(one.name, one.content, one.media) for one in files])
    kept = [server.world.keep(where["id"], one.name, one.content, one.media) for one in files]
    return await server.says(who, where, text, attached=kept)


@habit(LINKS, web=NO_MESSAGES)
async def test_a_link_to_a_message_brings_its_words_and_files(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    said = await writes(room, bob, await elsewhere(room), "Rent is 900 a month", Sent("lease.txt"))
    root = await room.talk.says(ada, f"is this right? {link(room, said)}")
    for read in await room.both(ada, root):
        assert "Bob in #board" in read.outside
        assert "Rent is 900 a month" in read.outside
        assert "Rent is 900" not in read.own
        assert "attachments/lease.txt" in read.own


@habit(LINKS, web=NO_MESSAGES)
async def test_a_link_in_a_follow_up_is_read_too(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    said = await writes(room, bob, await elsewhere(room), "Rent is 900 a month")
    root = await room.talk.says(ada, "check the rent")
    await room.it.sees(root, "start")
    await room.talk.says(ada, f"use the number in {link(room, said)}", to=root, named=False)
    assert "Rent is 900 a month" in (await room.planner(2)).outside


@habit(LINKS, web=NO_MESSAGES)
async def test_a_link_to_a_reply_brings_that_reply_and_one_to_the_beginning_its_thread(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    opening = await room.talk.thread(bob, "Where do we eat?")
    await room.talk.says(bob, "At Luigi's", to=opening, named=False)
    second = await room.talk.says(bob, "At Maria's", to=opening, named=False)
    await room.talk.says(ada, f"book this: {link(room, second)}")
    read = await room.planner()
    assert "At Maria's" in read.outside
    assert "Luigi" not in read.text
    await room.talk.says(ada, f"book what this says: {link(room, opening)}")
    read = await room.planner(2)
    assert read.outside.index("Where do we eat?") < read.outside.index("At Luigi's") < read.outside.index("At Maria's")


@habit(LINKS, web=NO_MESSAGES)
async def test_a_link_to_a_closed_channel_gives_its_people_the_message_and_others_nothing(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    board = await elsewhere(room, bob, closed=True)
    said = await writes(room, bob, board, "The merger is on Friday", Sent("terms.txt"))
    root = await room.talk.says(ada, f"sum up {link(room, said)}")
    for read in await room.both(ada, root):
        assert "merger" not in read.text
        assert "board" not in read.text
        assert "terms.txt" not in read.text
        assert "only people in its channel can read it" in read.own
    await room.it.reads(root, "only people in its channel can read it")
    await room.talk.says(bob, f"sum this up: {link(room, said)}")
    assert "The merger is on Friday" in (await room.planner(2)).outside


@habit(LINKS, web=NO_MESSAGES)
async def test_a_link_to_what_is_gone_or_where_the_bot_is_not_is_named(room: Room) -> None:
    ada, bob, server = room.it.person("Ada"), room.it.person("Bob"), room.it.server
    gone = await room.talk.says(bob, "never mind", named=False)
    address = link(room, gone)
    await room.talk.deletes(gone)
    far = server.channel("far", bob, bot=False) if room.name == "slack" else await elsewhere(room)
    said = await writes(room, bob, far, "Out of reach")
    if room.name == "discord":
        del server.world.channels[far["id"]]
        await server.gateway.dispatch("CHANNEL_DELETE", far)
    await room.talk.says(ada, f"read {address} and {link(room, said)}")
    read = await room.planner()
    assert "it no longer exists" in read.own
    assert "I can't see its channel" in read.own
    assert "Out of reach" not in read.text
    server.refusals.clear()


@habit(LINKS, web=NO_MESSAGES, discord="the address of a Discord file isn't one of its message")
async def test_a_link_to_a_file_brings_it_to_those_who_may_read_it(room: Room) -> None:
    ada, bob, server = room.it.person("Ada"), room.it.person("Bob"), room.it.server
    board = await elsewhere(room, bob, closed=True)
    await writes(room, bob, board, "see this", Sent("terms.txt"))
    (row,) = board.rows[0]["files"]
    server.world.files[row["id"]] |= {"user": bob.id, "groups": [board.id], "created": 1_770_000_000}
    address = f"<{server.base}/files/{bob.id}/{row['id']}/terms.txt>"
    root = await room.talk.says(ada, f"sum up {address}")
    for read in await room.both(ada, root):
        assert "only people in its channel can read it" in read.own
    assert "attachments/terms.txt" not in room.on.host.files
    carol = room.it.person("Carol")
    board.members.add(carol.id)
    root = await room.talk.says(carol, f"sum this up: {address}")
    read = await room.planner(2)
    assert "Bob (2026-02-02" in read.outside
    assert "attachments/terms.txt" in read.own


@habit(LINKS, web=NO_MESSAGES)
async def test_a_link_added_by_an_edit_is_read(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    said = await writes(room, bob, await elsewhere(room), "Rent is 900 a month")
    root = await room.talk.says(ada, "check the rent")
    await room.it.sees(root, "start")
    await room.talk.rewrites(root, f"{room.it.server.mention} check the rent in {link(room, said)}")
    assert "Rent is 900 a month" in (await room.planner(2)).outside
    await room.until(lambda s: s.version == 2)
    more = await room.talk.says(ada, "use last year's numbers", to=root, named=False)
    await room.until(lambda s: s.version == 3)
    other = await writes(room, bob, await elsewhere(room), "Heating is 120")
    await room.talk.rewrites(more, f"use the number in {link(room, other)}")
    assert "Heating is 120" in (await room.planner(4)).outside


@habit(LINKS, web=NO_MESSAGES)
async def test_a_link_to_another_workspace_stays_plain(room: Room) -> None:
    ada = room.it.person("Ada")
    far = {
        "slack": "https://far.slack.com/archives/C0FAR/p1700000000000100",
        "discord": "https://discord.com/channels/111111111111111111/222222222222222222/333333333333333333",
    }[room.name]
    root = await room.talk.says(ada, f"compare with {f'<{far}>' if room.name == 'slack' else far}")
    for read in await room.both(ada, root):
        assert far in read.own
        assert "Couldn't be read" not in read.own


def task_link(room: Room, task: str) -> str:
    """A task's address in the web workspace."""
    address = f"http://{HOST if room.name == 'web' else 'hub.test'}/t/{task}"
    return f"<{address}>" if room.name == "slack" else address


@habit(LINKS)
async def test_a_link_to_a_task_brings_its_request_and_files(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    await room.talk.says(bob, "count the chairs in this", files=[Sent("hall.txt", b"40 chairs")])
    first = await room.until(lambda s: s.phase == "review", text="chairs")
    root = await room.talk.says(ada, f"order as many tables as {task_link(room, first.id)} says.")
    planned, working = await room.planner(2), None
    await room.it.presses(ada, root, "start")
    working = await room.agent()
    for read in (planned, working):
        assert "Bob" in read.outside
        assert "count the chairs in this" in read.outside
        assert "attachments/hall.txt" in read.own


@habit(LINKS)
async def test_a_link_to_an_answered_task_brings_its_newest_answer(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    answers = ["Churn: Basic 4.1 %.", "Corrected: Basic 4.3 %, Pro 2.7 %."]
    room.model.will("plan", *(say(answer={"text": text}) for text in answers))
    root = await room.talk.says(bob, "compare the churn")
    first = await room.until(lambda s: s.phase == "answered", text="churn")
    await room.talk.says(bob, "check the churn again, please", to=root, named=False)
    await room.until(lambda s: len([line for line in s.lines if line.by is None]) == 2 and s.phase == "answered")
    await room.talk.says(ada, f"put {task_link(room, first.id)} into one sentence")
    read = await room.planner(3)
    assert "Corrected: Basic 4.3 %, Pro 2.7 %." in read.outside
    assert "Answered." not in read.outside


@habit(LINKS)
async def test_a_link_to_a_task_done_without_files_brings_what_its_steps_found(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    room.model.will("plan", plan(row("count"), row("judge", after=["count"])))
    room.model.will("count", say(f"There are 41 chairs.{' So many chairs.' * 500}"))
    room.model.will("judge", say("Nine chairs are broken."))
    root = await room.talk.says(bob, "count the chairs")
    await room.it.presses(bob, root, "start")
    first = await room.until(lambda s: s.phase == "done", text="chairs")
    room.model.will("plan", say(answer={"text": "The broken ones are red."}))
    await room.talk.says(bob, "which colour are the broken ones?", to=root, named=False)
    await room.until(lambda s: any("are red" in line.text for line in s.lines) and s.phase == "answered")
    await room.talk.says(ada, f"order as many as {task_link(room, first.id)} says")
    read = await room.planner(3)
    assert "Earlier result of the step “Count”: There are 41 chairs." in read.outside
    assert "Nine chairs are broken." in read.outside
    assert "Its newest answer: The broken ones are red." in read.outside
    assert len(read.outside) < 4_000, "long results are cut"


@habit(LINKS)
async def test_a_link_to_a_task_in_a_follow_up_and_one_to_nothing(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    await room.talk.says(bob, "count the chairs")
    first = await room.until(lambda s: s.phase == "review", text="chairs")
    root = await room.talk.says(ada, "order tables")
    await room.it.sees(root, "start")
    words = f"as many as in {task_link(room, first.id)} and in {task_link(room, 'nowhere')}"
    await room.talk.says(ada, words, to=root, named=False)
    read = await room.planner(3)
    assert "count the chairs" in read.outside
    assert "this task doesn't exist or belongs to someone else" in read.own


@habit(LINKS, web="the workspace has no direct messages")
async def test_a_link_to_a_task_of_a_direct_message_is_its_persons_alone(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    await room.talk.says(bob, "my salary is 10", direct=True, named=False)
    first = await room.until(lambda s: s.phase == "review", text="salary")
    await room.talk.says(ada, f"what does {task_link(room, first.id)} say?")
    read = await room.planner(2)
    assert "salary" not in read.text
    assert "this task doesn't exist or belongs to someone else" in read.own
