"""What a platform refuses to show is told in one sentence: where it was asked, or to the person alone."""

from collections.abc import Collection
from typing import Any

from orchestrator.domain.events import ItemPosted
from tests.discord_server.server import texts
from tests.discord_server.world import ADMINISTRATOR, ALL, VIEW, VOICE
from tests.memory_hub import say
from tests.slack_server.acting import words
from tests.world.chats.habits import habit
from tests.world.chats.room import Room

SILENT = "never silent"
ON_WEB = "the workspace shows every task itself"


def alone(room: Room, who: Any) -> list[str]:
    """What the bot wrote to that person alone, apart from answers in the channel."""
    if room.name == "discord":
        return [texts(m) for m in room.it.server.ours(room.it.server.dm(who))]
    rooms = (c for c in room.it.server.world.channels.values() if c.kind == "im" and who.id in c.members)
    return [words(row) for c in rooms for row in c.rows if row["user"] == room.it.server.bot]


def here(room: Room) -> list[str]:
    """What the bot wrote in the channel itself."""
    if room.name == "discord":
        return [texts(m) for m in room.it.server.ours(room.it.server.channel)]
    rows = room.it.room.rows
    return [words(r) for r in rows if r["user"] == room.it.server.bot and not r.get("thread_ts")]


def refused(room: Room) -> None:
    """The refusals of this habit were wanted."""
    room.it.server.refusals.clear()


async def once(room: Room, said: Any, text: str) -> None:
    await room.eventually(lambda: any(text in one for one in said()))
    assert sum(text in one for one in said()) == 1, said()


@habit(SILENT, web=ON_WEB)
async def test_no_right_to_open_threads(room: Room) -> None:
    ada = room.it.person("Ada")
    if room.name == "discord":
        room.it.server.world.denied[room.it.server.channel["id"]] = {"threads"}
    else:
        room.it.room.flat = True
    await room.talk.says(ada, "compare these")
    await once(room, lambda: here(room), "I can't show")
    refused(room)


@habit(SILENT, slack="Slack's huddles have ordinary threads", web=ON_WEB)
async def test_the_chat_of_a_voice_channel(room: Room) -> None:
    ada, server = room.it.person("Ada"), room.it.server
    talk = server.world.channel(server.guild, "talk", VOICE)
    talk |= {"bitrate": 64_000, "user_limit": 0, "rtc_region": None}
    await server.gateway.dispatch("CHANNEL_CREATE", talk)
    await server.says(ada, talk, f"{server.mention} compare these")
    await room.eventually(lambda: any("ask in a text channel" in texts(m) for m in server.ours(talk)))
    assert len(server.ours(talk)) == 1
    refused(room)


@habit(SILENT, web=ON_WEB)
async def test_a_channel_where_the_bot_may_not_write(room: Room) -> None:
    ada = room.it.person("Ada")
    if room.name == "discord":
        room.it.server.world.denied[room.it.server.channel["id"]] = {"send", "threads"}
    else:
        room.it.room.restricted = "restricted_action_read_only_channel"
    await room.talk.says(ada, "compare these")
    await once(room, lambda: alone(room, ada), "I can't show")
    assert not here(room)
    refused(room)


@habit(SILENT, web=ON_WEB)
async def test_a_channel_that_is_archived_or_deleted_meanwhile(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "compare these")
    await room.it.sees(root, "start")
    if room.name == "discord":
        del room.it.server.world.channels[root["id"]]
    else:
        room.it.room.archived = True
    state = await room.until(lambda s: s.phase == "review")
    await room.on.press_start(state.id)
    await room.until(lambda s: s.phase == "done")
    await once(room, lambda: alone(room, ada), "is gone or archived")
    before = len(room.it.server.refusals)
    other = await room.talk.says(ada, "and these", direct=True, named=False)
    await room.it.sees(other, "start")
    assert len(room.it.server.refusals) == before, "nothing is tried there anymore"
    refused(room)


@habit(SILENT, web=ON_WEB)
async def test_a_locked_thread(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "compare these")
    await room.it.sees(root, "start")
    if room.name == "discord":
        thread = room.it.server.world.channels[root["id"]]
        thread["thread_metadata"]["locked"] = True
    else:
        room.it.room.locked.add(root["ts"])
    state = await room.until(lambda s: s.phase == "review")
    await room.on.press_start(state.id)
    await room.until(lambda s: s.phase == "done")
    await once(room, lambda: here(room), "I can't show")
    refused(room)


@habit(SILENT, web=ON_WEB)
async def test_a_request_deleted_before_its_thread_exists(room: Room) -> None:
    ada = room.it.person("Ada")
    room.it.refuses_next()
    root = await room.talk.says(ada, "compare these")
    await room.talk.deletes(root)
    await room.until(lambda s: s.phase == "stopped")
    await room.eventually(lambda: any("gone or archived" in one or "was deleted" in one for one in alone(room, ada)))
    refused(room)


@habit(SILENT, discord="Discord names no such limit beyond what we keep", web=ON_WEB)
async def test_a_message_that_is_too_long_for_the_platform(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "compare these")
    await room.it.sees(root, "start")
    room.it.room.restricted = "msg_blocks_too_long"
    state = await room.until(lambda s: s.phase == "review")
    await room.on.press_start(state.id)
    await room.until(lambda s: s.phase == "done")
    await room.eventually(lambda: any("msg_blocks_too_long" in str(one) for one in room.it.server.refusals))
    room.it.room.restricted = ""
    await room.it.reads(root, "can't be shown here")
    refused(room)


@habit(SILENT, discord="Discord's private answers are direct messages already", web=ON_WEB)
async def test_a_private_answer_that_the_channel_refuses(room: Room) -> None:
    gus = room.it.person("Gus", "guest")
    room.it.room.restricted = "restricted_action"
    await room.talk.says(gus, "compare these")
    await room.eventually(lambda: any("full members" in one for one in alone(room, gus)))
    refused(room)


@habit(SILENT, web=ON_WEB)
async def test_a_direct_message_whose_answer_is_lost_comes_once(room: Room) -> None:
    ada = room.it.person("Ada")
    if room.name == "discord":
        server = room.it.server
        server.world.denied[server.channel["id"]] = {"send", "threads"}
        server.fails("POST", f"/channels/{server.dm(ada)['id']}/messages$", "drop-after")
    else:
        room.it.room.restricted = "restricted_action_read_only_channel"
        room.it.server.fail("chat.postMessage", "lost", of=f"'channel': '{ada.id}'")
    await room.talk.says(ada, "compare these")
    await room.eventually(lambda: alone(room, ada))
    known = {record.key for record in await room.on.desk.room(f"{room.name}/told")}
    await room.eventually(lambda: _recorded(room, known))
    assert len(alone(room, ada)) == 1, alone(room, ada)
    refused(room)


async def _recorded(room: Room, keys: Collection[str]) -> bool:
    """Whether one of these sentences is known to have been posted."""
    rooms = [await room.on.desk.room(f"{room.name}/posts/told:{key}") for key in keys]
    return any(isinstance(record.event, ItemPosted) for records in rooms for record in records)


async def removes(room: Room, who: Any, root: Any) -> None:
    """Deletes the thread of the request, or archives its channel."""
    server = room.it.server
    if room.name == "discord":
        thread = server.world.channels.pop(root["id"])
        gone = {name: thread[name] for name in ("id", "guild_id", "parent_id", "type")}
        await server.gateway.dispatch("THREAD_DELETE", gone)
        return
    server.says(who, room.it.room, "archived the channel", subtype="channel_archive")
    room.it.room.archived = True


@habit(SILENT, web=ON_WEB)
async def test_a_thread_that_is_removed_while_a_question_waits(room: Room) -> None:
    ada = room.it.person("Ada")
    room.model.will("work", say(ask_person={"question": "Which year?"}))
    root = await room.talk.says(ada, "compare these")
    await room.it.presses(ada, root, "start")
    await room.it.reads(root, "Which year?")
    await removes(room, ada, root)
    await once(room, lambda: alone(room, ada), "is gone or archived")
    refused(room)


@habit(SILENT, web=ON_WEB, slack="a deleted channel of Slack's takes its events with it")
async def test_a_channel_that_is_deleted_while_two_plans_wait(room: Room) -> None:
    ada, bob, server = room.it.person("Ada"), room.it.person("Bob"), room.it.server
    for who, text in ((ada, "compare these"), (bob, "compare those")):
        await room.it.sees(await room.talk.says(who, text), "start")
    gone = server.world.channels.pop(server.channel["id"])
    await server.gateway.dispatch("CHANNEL_DELETE", gone)
    for who in (ada, bob):
        await once(room, lambda who=who: alone(room, who), "is gone or archived")
    refused(room)


async def lets_in(room: Room, inside: bool) -> None:
    """Takes the bot out of the channel, or back into it."""
    server = room.it.server
    if room.name == "discord":
        server.world.denied[server.channel["id"]] = set() if inside else {"view"}
        role = server.guild["roles"][1]
        role["permissions"] = str(ALL & ~ADMINISTRATOR)
        server.guild["owner_id"] = server.person("Ada").id
        await server.gateway.dispatch("GUILD_UPDATE", server.guild)
        denied = {"id": role["id"], "type": 0, "allow": "0", "deny": str(VIEW)}
        server.channel["permission_overwrites"] = [] if inside else [denied]
        await server.gateway.dispatch("CHANNEL_UPDATE", server.channel)
        return
    if inside:
        room.it.room.members.add(server.bot)
    else:
        room.it.room.members.discard(server.bot)
        server.events.left(room.it.room.id)


@habit(SILENT, web=ON_WEB)
async def test_the_bot_is_removed_from_the_channel_while_a_question_waits(room: Room) -> None:
    ada = room.it.person("Ada")
    room.model.will("work", say(ask_person={"question": "Which year?"}))
    root = await room.talk.says(ada, "compare these")
    await room.it.presses(ada, root, "start")
    await room.it.sees(root, "answer")
    for number in (1, 2):
        await lets_in(room, inside=False)
        await room.eventually(lambda n=number: len([one for one in alone(room, ada) if "I was removed" in one]) == n)
        await lets_in(room, inside=True)
    await room.talk.says(ada, "2024", to=root, named=False)
    await room.until(lambda s: s.phase == "done")
    await room.it.reads(root, "Answered by Ada")
    refused(room)
