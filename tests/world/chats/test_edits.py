"""What people take back or change: their own messages, and ours."""

from typing import Any

from bot.inbox import edits_and_deletions
from orchestrator.domain.ids import SubtaskId
from tests.discord_server.handlers import in_guild
from tests.memory_hub import say
from tests.world.chats.habits import habit
from tests.world.chats.private_buttons import private
from tests.world.chats.room import Room
from tests.world.chats.test_typed_answers import YEAR, asked, done, open_questions

EDITS = "edits, deletions, reactions"
ON_WEB = "messages in the workspace can't be edited or deleted"


def named(room: Room, text: str) -> str:
    return f"{room.it.server.mention} {text}"


@habit(EDITS, web=ON_WEB)
async def test_an_edit_that_makes_an_answer_answers(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await asked(room, YEAR)
    extra = await room.talk.says(ada, "which means what?", to=root, named=False)
    await room.until(lambda s: [n for n in s.lines if n.text == "which means what?"])
    await room.talk.rewrites(extra, "use the fiscal year")
    await done(room)
    assert any("use the fiscal year" in message.text for message in room.model.prompts[-1].messages)


@habit(EDITS, web=ON_WEB)
async def test_an_edit_while_the_agents_work_is_a_correction(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await asked(room, YEAR)
    await room.talk.says(ada, "thanks", to=root, named=False)
    said = await room.talk.says(ada, "is it 2023 or 2024?", to=root, named=False)
    await room.until(lambda s: [n for n in s.lines if n.by])
    await room.talk.rewrites(said, "is it 2024 or 2025?")
    words = "Correction: my message “is it 2023 or 2024?” now reads “is it 2024 or 2025?”."
    await room.until(lambda s: [n for n in s.lines if n.text == words])
    await room.talk.says(ada, "2025", to=root, named=False)
    await done(room)
    assert any(words in message.text for message in room.model.prompts[-1].messages)


@habit(EDITS, web=ON_WEB)
async def test_an_edited_answer_reaches_the_agent_that_asked(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await asked(room, YEAR, say(ask_person={"question": "Which name?"}))
    said = await room.talk.says(ada, "2023", to=root, named=False)
    await room.until(lambda s: open_questions(s) == ["Which name?"])
    await room.talk.rewrites(said, "2024")
    words = "Correction: my answer “2023” to “Which year?” now reads “2024”."
    await room.until(lambda s: [n for n in s.lines if n.text == words] or "2024" in str(s.questions))
    state = await room.until(lambda s: s.questions)
    assert [n.text for n in state.lines if n.by] == [words]
    await room.talk.says(ada, "Lovelace", to=root, named=False)
    await done(room)
    assert any(words in message.text for message in room.model.prompts[-1].messages)


@habit(EDITS, web=ON_WEB)
async def test_an_edit_after_the_end_came_too_late_and_its_author_hears_it(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await asked(room, YEAR)
    said = await room.talk.says(ada, "2023", to=root, named=False)
    await done(room)
    await room.talk.rewrites(said, "2024")
    await private(room, ada, edits_and_deletions.TOO_LATE)
    assert len([p for p in room.model.prompts if "/plan" in p.topic]) == 1


@habit(EDITS, web=ON_WEB)
async def test_an_edit_before_the_start_plans_again(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "do it")
    await room.until(lambda s: s.phase == "review")
    said = await room.talk.says(ada, "for 2023", to=root, named=False)
    await room.planner(2)
    await room.until(lambda s: s.phase == "review" and s.version == 2)
    await room.talk.rewrites(said, "for 2024")
    assert "now reads “for 2024”" in (await room.planner(3)).text


@habit(EDITS, web=ON_WEB)
async def test_an_edit_that_makes_a_choice_answers(room: Room) -> None:
    ada = room.it.person("Ada")
    fields = [{"name": "side", "label": "The side", "options": ["The left", "The right"]}]
    root = await asked(room, say(ask_person={"question": "Which side?", "fields": fields}))
    said = await room.talk.says(ada, "lefft", to=root, named=False)
    await room.until(lambda s: [n for n in s.lines if n.text == "lefft"])
    await room.talk.rewrites(said, "left")
    await done(room)
    assert any("The left" in message.text for message in room.model.prompts[-1].messages)


@habit(EDITS, web=ON_WEB)
async def test_a_mention_added_by_an_edit_asks_once(room: Room) -> None:
    ada = room.it.person("Ada")
    said = await room.talk.says(ada, "compare these", named=False)
    await room.talk.rewrites(said, named(room, "compare these"))
    await room.until(lambda s: s.phase == "review")
    await room.talk.rewrites(said, named(room, "compare these "))
    if room.name == "slack":  # which may also send the mention of an edited message as an event of its own
        event = {**said, "type": "app_mention", "channel": room.it.room.id}
        room.it.server.events._emit("app_mention", event)  # pyright: ignore[reportPrivateUsage]
    other = await room.talk.says(ada, "and another")
    await room.until(lambda s: s.phase == "review", text="and another")
    assert other
    assert len(await room.on.desk.states()) == 2


@habit(EDITS, web=ON_WEB)
async def test_a_mention_added_by_an_edit_of_a_reply_asks_with_the_thread(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    root = await room.talk.thread(bob, "Offer one costs 1200")
    said = await room.talk.says(ada, "compare these", to=root, named=False)
    await room.talk.rewrites(said, named(room, "compare these"))
    read = await room.planner()
    assert "compare these" in read.own
    assert "Offer one costs 1200" in read.outside
    await room.it.sees(root, "start")
    assert len(await room.on.desk.states()) == 1


@habit(EDITS, web=ON_WEB)
async def test_a_mention_added_by_an_edit_of_a_follow_up_speaks_to_the_agents(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    root = await room.talk.says(ada, "do it")
    await room.it.sees(root, "start")
    said = await room.talk.says(ada, f"<@{bob.id}> only for 2024?", to=root, named=False)
    await room.talk.rewrites(said, named(room, "only for 2024"))
    assert "only for 2024" in (await room.planner(2)).text
    assert len(await room.on.desk.states()) == 1


@habit(EDITS, web=ON_WEB)
async def test_a_mention_taken_out_of_the_request_changes_nothing(room: Room) -> None:
    ada = room.it.person("Ada")
    said = await room.talk.says(ada, "compare these")
    await room.until(lambda s: s.phase == "review")
    await room.talk.rewrites(said, "compare these")
    await room.talk.says(ada, "and another")
    await room.until(lambda s: s.phase == "review", text="and another")
    first = await room.until(lambda s: s.phase == "review", text="compare")
    assert (first.version, first.lines) == (1, ())


@habit(EDITS, web=ON_WEB)
async def test_a_preview_of_a_link_is_no_edit(room: Room) -> None:
    ada = room.it.person("Ada")
    said = await room.talk.says(ada, "look at https://far.test/x")
    await room.until(lambda s: s.phase == "review")
    if room.name == "slack":
        before = dict(said)
        said["attachments"] = [{"from_url": "https://far.test/x", "title": "Far", "id": 1}]
        room.it.server.events.changed(room.it.room, said, before)
    else:
        said["embeds"] = [{"type": "link", "url": "https://far.test/x", "title": "Far"}]
        channel = room.it.server.world.channels[said["channel_id"]]
        await room.it.server.gateway.dispatch("MESSAGE_UPDATE", in_guild(channel, said))
    await room.talk.says(ada, "and another")
    await room.until(lambda s: s.phase == "review", text="and another")
    first = await room.until(lambda s: s.phase == "review", text="look at")
    assert (first.version, first.lines) == (1, ())


@habit(EDITS, web=ON_WEB)
async def test_a_deleted_reply_is_taken_back(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await asked(room, YEAR)
    said = await room.talk.says(ada, "fiscal or calendar?", to=root, named=False)
    await room.until(lambda s: [n for n in s.lines if n.by])
    await room.talk.deletes(said)
    words = "I deleted my message “fiscal or calendar?”. Ignore it."
    await room.until(lambda s: [n for n in s.lines if n.text == words])
    await room.talk.says(ada, "2024", to=root, named=False)
    await done(room)
    assert any(words in message.text for message in room.model.prompts[-1].messages)


@habit(EDITS, web=ON_WEB)
async def test_a_deleted_request_stops_before_the_start(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "do it")
    await room.it.sees(root, "start")
    await room.talk.deletes(root)
    await room.until(lambda s: s.phase == "stopped")


@habit(EDITS, web=ON_WEB)
async def test_a_deleted_request_is_spoken_of_once_work_has_begun(room: Room) -> None:
    root = await asked(room, YEAR)
    await room.talk.deletes(root)
    await room.it.until(lambda: edits_and_deletions.DELETED_LATE in room.it.thread(root))


@habit(EDITS, web="the page shows every reply with its author and time")
async def test_a_reply_that_reaches_the_agents_is_marked_as_seen_and_talk_is_not(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    root = await room.talk.says(ada, "do it")
    await room.it.sees(root, "start")
    talk = await room.talk.says(ada, f"<@{bob.id}> lunch?", to=root, named=False)
    gone = await room.talk.says(ada, "only for 2023", to=root, named=False)
    await room.until(lambda s: s.version == 2)
    await room.talk.deletes(gone)
    said = await room.talk.says(ada, "only for 2024", to=root, named=False)
    await room.it.until(lambda: room.it.marks(said) == ["👀"])
    assert room.restarts
    await room.restarts()
    await room.talk.says(ada, "and 2025", to=root, named=False)
    await room.until(lambda s: "and 2025" in [n.text for n in s.lines])
    assert (room.it.marks(talk), room.it.marks(said)) == ([], ["👀"])


def ours(room: Room, root: Any, text: str) -> list[Any]:
    """The bot's messages in the thread that show this."""
    rows = room.it._rows(root) if room.name == "discord" else room.it.server.world.thread(room.it.room.id, root["ts"])  # pyright: ignore[reportPrivateUsage]
    return [r for r, post in zip(rows[-len(room.it.posts(root)) :], room.it.posts(root), strict=True) if text in post]


def same(one: Any, other: Any) -> bool:
    return (one.get("id"), one.get("ts")) == (other.get("id"), other.get("ts"))


@habit(EDITS, web=ON_WEB)
async def test_a_deleted_question_is_asked_again_once_with_its_buttons(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await asked(room, YEAR)
    first = (await room.it.sees(root, "answer")).message
    (row,) = [r for r in ours(room, root, "Which year?") if same(r, first)]
    await room.talk.deletes(row)
    second = (await room.it.sees(root, "answer")).message
    assert not same(first, second)
    form = await room.it.opens(ada, root, "answer")
    assert not await form.sends({"q.answer": "2024"})
    assert "2024" in await done(room)


@habit(EDITS, web=ON_WEB)
async def test_a_question_deleted_twice_is_not_asked_a_third_time_and_can_still_be_answered(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await asked(room, YEAR)
    first = (await room.it.sees(root, "answer")).message
    await room.talk.deletes(next(r for r in ours(room, root, "Which year?") if same(r, first)))
    second = (await room.it.sees(root, "answer")).message
    await room.talk.deletes(next(r for r in ours(room, root, "Which year?") if same(r, second)))
    await room.talk.says(ada, "2024", to=root, named=False)
    assert "2024" in await done(room)
    await room.it.reads(root, "Done, no files.")
    assert not [r for r in ours(room, root, "Which year?") if "answer" in str(r)]


@habit(EDITS, web=ON_WEB)
async def test_a_card_deleted_twice_is_posted_again_once_and_not_edited_for_ever(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "do it")
    await room.it.sees(root, "start")
    for count in (1, 2):
        (card,) = ours(room, root, "press Start")
        await room.talk.deletes(card)
        if count == 1:
            await room.it.sees(root, "start")
    await room.talk.says(ada, "looks good, start", to=root)
    await room.until(lambda s: s.phase == "done")
    await room.it.reads(root, "Done, no files.")
    assert len(ours(room, root, "Plan 1" if room.name == "slack" else "Work")) == 0


@habit(EDITS, web=ON_WEB)
async def test_a_card_deleted_unheard_is_posted_again_at_its_next_change(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "do it")
    await room.it.sees(root, "start")
    (card,) = ours(room, root, "press Start")
    if room.name == "slack":
        room.it.room.rows.remove(card)
    else:
        del room.it.server.world.messages[card["channel_id"]][card["id"]]
    await room.talk.says(ada, "looks good, start", to=root)
    await room.until(lambda s: s.of(SubtaskId("work")).status == "done")
    await room.eventually(lambda: ours(room, root, "Finished."))
    refused = [str(one) for one in room.it.server.refusals if "message_not_found" in str(one) or "10008" in str(one)]
    assert len(refused) == 1
    room.it.server.refusals.clear()
