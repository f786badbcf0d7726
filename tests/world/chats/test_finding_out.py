"""How people notice that something waits for them, or has ended."""

from typing import Any

from orchestrator.domain.ids import FindingId
from tests.memory_hub import say
from tests.scenarios.test_everywhere import HANDED_IN, note
from tests.scenarios.test_request_to_files import plan
from tests.world.chats.habits import habit, ruled
from tests.world.chats.room import Room
from tests.world.chats.test_typed_answers import YEAR, done, heard

OUT = "finding out"
ON_WEB = "the workspace lists what waits on every page"
DAY = 86_400.0


def calls(room: Room, who: Any) -> int:
    """How often new messages mentioned the person."""
    if room.name == "discord":
        return sum(user == who.id for user, _ in room.it.server.handlers.called)
    posted = [args for method, args in room.it.server.calls if method == "chat.postMessage"]
    return sum(f"'user_id': '{who.id}'" in str(args.get("blocks")) for args in posted)


async def task(room: Room, who: Any, **more: Any) -> Any:
    """A task whose step asks two questions, one after the other."""
    room.model.will("work", YEAR, say(ask_person={"question": "Which name?"}), heard)
    root = await room.talk.says(who, "do it", **more)
    await room.it.presses(who, root, "start")
    await room.it.sees(root, "answer")
    return root


@habit(OUT, web=ON_WEB)
async def test_who_asked_is_mentioned_once_when_something_waits_and_once_at_the_end(room: Room) -> None:
    ada = room.it.person("Ada")
    room.model.will("work", YEAR, heard)
    root = await room.talk.says(ada, "do it")
    await room.it.presses(ada, root, "start")
    await room.it.sees(root, "answer")
    assert calls(room, ada) == 1
    await room.talk.says(ada, "2024", to=root, named=False)
    await done(room)
    await room.it.reads(root, "Done, no files.")
    await room.eventually(lambda: calls(room, ada) == 2)


@habit(OUT, web=ON_WEB)
async def test_nobody_is_mentioned_in_a_direct_message(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await task(room, ada, direct=True, named=False)
    assert root
    assert calls(room, ada) == 0


@habit(OUT, web=ON_WEB)
async def test_the_answer_to_a_question_mentions_who_asked(room: Room) -> None:
    ada = room.it.person("Ada")
    room.model.will("plan", say(answer={"text": "It is noon."}))
    root = await room.talk.says(ada, "what time is it?")
    await room.it.reads(root, "It is noon.")
    assert calls(room, ada) == 1


@habit(OUT, web=ON_WEB)
async def test_what_waited_a_working_day_is_reminded_of_once(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await task(room, ada)
    room.on.clock.move(DAY)  # to Monday
    await room.it.sees(await room.talk.says(ada, "and another"), "start")
    assert "Waiting for you since" not in room.it.thread(root)
    room.on.clock.move(DAY)
    await room.it.reads(root, "Waiting for you since")
    room.on.clock.move(DAY / 2)
    await room.it.sees(await room.talk.says(ada, "and a third"), "start")
    assert room.it.thread(root).count("Waiting for you since") == 1


@habit(OUT, web=ON_WEB)
async def test_what_was_decided_in_time_is_not_reminded_of(room: Room) -> None:
    ada = room.it.person("Ada")
    room.model.will("work", YEAR, heard)
    root = await room.talk.says(ada, "do it")
    await room.it.presses(ada, root, "start")
    await room.it.sees(root, "answer")
    await room.talk.says(ada, "2024", to=root, named=False)
    await done(room)
    room.on.clock.move(3 * DAY)
    other = await room.talk.says(ada, "and another")
    await room.it.sees(other, "start")
    room.on.clock.move(3 * DAY)
    await room.it.reads(other, "Waiting for you since")
    assert "Waiting for you since" not in room.it.thread(root)


@habit(OUT, web=ON_WEB)
async def test_a_reminder_comes_once_also_across_restarts(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await task(room, ada)
    assert room.restarts
    await room.restarts()
    room.on.clock.move(3 * DAY)
    await room.it.reads(root, "Waiting for you since")
    await room.restarts()
    room.on.clock.move(DAY / 2)
    other = await room.talk.says(ada, "and another")
    await room.it.sees(other, "start")
    await room.restarts()
    room.on.clock.move(DAY)
    await room.it.reads(other, "Waiting for you since")
    assert room.it.thread(root).count("Waiting for you since") == 1
    assert room.it.thread(other).count("Waiting for you since") == 1


@habit(OUT, web=ON_WEB)
@ruled(remind=False)
async def test_where_reminders_are_switched_off_none_comes(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await task(room, ada)
    room.on.clock.move(3 * DAY)
    other = await room.talk.says(ada, "and another")
    await room.it.sees(other, "start")
    assert not await room.on.desk.room(f"{room.name}/told")
    assert "Waiting for you since" not in room.it.thread(root)


@habit(OUT, web=ON_WEB)
@ruled(mention=False)
async def test_where_mentions_are_switched_off_nobody_is_mentioned(room: Room) -> None:
    ada = room.it.person("Ada")
    room.model.will("work", YEAR, heard)
    root = await room.talk.says(ada, "do it")
    await room.it.presses(ada, root, "start")
    await room.it.sees(root, "answer")
    room.on.clock.move(3 * DAY)
    await room.it.reads(root, "Waiting for you since")
    await room.talk.says(ada, "2024", to=root, named=False)
    await done(room)
    await room.it.reads(root, "Done, no files.")
    assert calls(room, ada) == 0


@habit(OUT)
async def test_the_approval_of_a_file_comes_with_its_page_and_leads_to_its_sources(room: Room) -> None:
    ada = room.it.person("Ada")
    room.on.host.picture = b"\x89PNG\r\n\x1a\n a page"
    room.on.host.rests = (FindingId("write.1"),)
    room.model.will("plan", plan(note()))
    room.model.will("write", HANDED_IN, say("Written."))
    root = await room.talk.says(ada, "write a note")
    await room.it.presses(ada, root, "start")
    state = await room.until(lambda s: s.deliverables)
    (row,) = state.deliverables.values()
    spot = await room.it.sees(root, "accept")
    if room.name == "web":
        page = await room.it._page(root)  # pyright: ignore[reportPrivateUsage]
        assert f"/t/{state.id}/sources/{row.deliverable.id}" in page.dialogs.values()
    else:
        assert f"/t/{state.id}#sources-{row.deliverable.id}" in str(spot.message)
    assert list((await room.it.files(root)).values()).count(room.on.host.picture) == 1


@habit(OUT, discord="Discord has no such place for agents", web="the workspace is such a place itself")
async def test_the_agents_messages_tab_is_opened_and_its_prompts_work(room: Room) -> None:
    ada, server = room.it.person("Ada"), room.it.server
    alone = server.direct(ada)
    server.events.home(ada.id, alone.id, tab="messages")
    server.events.context(room.it.room.id)
    server.events.context()
    seen = {"entities": [{"type": "slack#/types/channel_id", "value": room.it.room.id, "team_id": server.world.team}]}
    for title, message in server.world.manifest.prompts:
        assert title
        said = server.says(ada, alone, message, app_context=seen)
        if message in ("help", "tasks"):
            await room.eventually(lambda: [w for w in server.world.whispers if w["channel"] == alone.id])
        else:
            await room.it.presses(ada, said, "stop")  # or the next one could be about this one's plan
            await room.until(lambda s: s.phase == "stopped", text=message[:20])
    assert len(await room.on.desk.states()) == 2
    await room.it.until(lambda: not server.sockets.unacknowledged)
