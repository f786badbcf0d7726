"""What waits for someone in a place that is closed is named elsewhere, with a mention and a link that works."""

from typing import Any

from tests.discord_server.server import texts
from tests.memory_hub import say
from tests.world.chats.habits import habit
from tests.world.chats.room import Room
from tests.world.chats.test_finding_out import DAY
from tests.world.chats.test_never_silent import ON_WEB, SILENT, alone, here, once, refused, removes


async def waits(room: Room, who: Any, closes: Any) -> Any:
    """A task that asks something after its place was closed, in the way that this takes the room, person and root."""
    room.model.will("work", say(ask_person={"question": "Which supplier?"}))
    root = await room.talk.says(who, "pick a supplier")
    with room.model.thinks("work"):
        await room.it.presses(who, root, "start")
        await room.eventually(lambda: "1 running" in room.it.thread(root))
        await closes(root)
    return root


@habit(SILENT, web=ON_WEB)
async def test_a_question_in_a_locked_thread_is_named_elsewhere(room: Room) -> None:
    ada = room.it.person("Ada")

    async def locks(root: Any) -> None:
        if room.name == "slack":
            room.it.room.locked.add(root["ts"])
            return
        thread = room.it.server.world.channels[root["id"]]
        thread["thread_metadata"] |= {"archived": True, "locked": True}
        await room.it.server.gateway.dispatch("THREAD_UPDATE", thread)

    await waits(room, ada, locks)
    await room.eventually(lambda: any("Waiting for Ada: “Which supplier?”" in one for one in here(room)))
    notice = next(one for one in here(room) if "Which supplier?" in one)
    assert "locked" in notice
    assert "permission" not in notice
    assert live(room, ada)
    room.on.clock.move(3 * DAY)
    await room.eventually(lambda: any("Waiting for you since" in one for one in alone(room, ada)))
    assert "Task “Work”: " in alone(room, ada)[-1]
    assert len([one for one in here(room) if "I can't show" in one]) == 1, here(room)
    refused(room)


@habit(SILENT, web=ON_WEB)
async def test_a_question_after_its_place_was_closed_is_named_in_a_direct_message(room: Room) -> None:
    ada = room.it.person("Ada")

    async def ends(root: Any) -> None:
        await removes(room, ada, root)
        await once(room, lambda: alone(room, ada), "is gone or archived")

    await waits(room, ada, ends)
    await once(room, lambda: alone(room, ada), "Waiting for Ada: “Which supplier?”")
    refused(room)


def live(room: Room, who: Any) -> bool:
    """Whether the channel's newest message calls the person and has a link to the workspace."""
    if room.name == "discord":
        server = room.it.server
        called = any(user == who.id for user, _ in server.handlers.called)
        return called and "http://hub.test/t/" in texts(server.ours(server.channel)[-1])
    newest = str(room.it.room.rows[-1])
    return f"'user_id': '{who.id}'" in newest and "'type': 'link', 'url': 'http://hub.test/t/" in newest
