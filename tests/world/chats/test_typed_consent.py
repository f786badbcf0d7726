"""Words of consent, talk, and words under a file: what typing does where a button decides."""

from typing import Any

from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.tool_calls import Effect
from tests.memory_hub import say
from tests.scenarios.test_everywhere import HANDED_IN, note
from tests.scenarios.test_request_to_files import plan, row
from tests.world.chats.habits import habit
from tests.world.chats.private_buttons import presses, private, shown
from tests.world.chats.room import Room
from tests.world.chats.talk import called
from tests.world.chats.test_typed_answers import SIDE, TYPED, YEAR, asked, done, heard, open_questions


async def opened(call: object) -> str:
    return "opened"


async def approving(room: Room, who: Any) -> Any:
    """A task whose step waits for an approval."""
    room.on.host.tool("browser_open", opened, Effect.NETWORK_READ, target="url")
    room.model.will("plan", plan(row("work", "browser")))
    room.model.will("work", say(browser_open={"url": "http://far.test/x"}), heard)
    root = await room.talk.says(who, "read it")
    await room.it.presses(who, root, "start")
    await room.until(lambda s: s.approvals)
    return root


@habit(TYPED)
async def test_words_of_consent_never_approve_and_are_answered_once(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    root = await approving(room, ada)
    for text in ("yes, go ahead", "approved", "lgtm", "ok 👍", "sí, adelante"):
        await room.talk.says(ada, text, to=root, named=False)
    await private(room, ada, "Press Approve once")
    await room.talk.says(bob, "approved!", to=root)
    await private(room, bob, "Press Approve once")
    assert sum("You can't decide this by typing" in text for text in shown(room, ada)) == 1
    assert "You can't decide this by typing" not in " ".join(room.it.posts(root) if room.name != "web" else [])
    state = await room.until(lambda s: s.approvals)
    assert [row.decision for row in state.approvals.values()] == [None]
    assert not [line for line in state.lines if line.by], "the agents must not read it either"
    await room.it.presses(ada, root, "approve")
    await done(room)


@habit(TYPED)
async def test_a_typed_no_rejects_nothing(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await approving(room, ada)
    await room.talk.says(ada, "no!", to=root, named=False)
    await private(room, ada, "Press Approve once or Reject")
    assert [row.decision for row in (await room.until(lambda s: s.approvals)).approvals.values()] == [None]


@habit(TYPED)
async def test_looks_good_under_a_file_approves_nothing(room: Room) -> None:
    ada = room.it.person("Ada")
    room.model.will("plan", plan(note()))
    room.model.will("write", HANDED_IN, say("Written."))
    root = await room.talk.says(ada, "write a note")
    await room.it.presses(ada, root, "start")
    await room.until(lambda s: s.deliverables)
    await room.talk.says(ada, "looks good!", to=root, named=False)
    await private(room, ada, "Press Approve or Request changes")
    assert [r.verdict for r in (await room.until(lambda s: s.deliverables)).deliverables.values()] == ["waiting"]


@habit(TYPED)
async def test_words_under_a_file_become_its_changes_with_one_press(room: Room) -> None:
    ada = room.it.person("Ada")
    room.model.will("plan", plan(note()))
    room.model.will("write", HANDED_IN, say("Written."), HANDED_IN, say("Again."))
    root = await room.talk.says(ada, "write a note")
    await room.it.presses(ada, root, "start")
    await room.until(lambda s: s.of(SubtaskId("write")).status == "review")
    await room.talk.says(ada, "make it shorter", to=root, named=False)
    await presses(room, ada, "change-with")
    state = await room.until(lambda s: len(s.deliverables) == 2)
    assert next(iter(state.deliverables.values())).text == "make it shorter"


@habit(TYPED)
async def test_looks_good_start_starts(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    root = await room.talk.says(ada, "do it")
    await room.until(lambda s: s.phase == "review")
    await room.talk.says(bob, "Looks good, start!", to=root, named=False)
    state = await room.until(lambda s: s.phase == "done")
    assert state.version == 1
    assert len([p for p in room.model.prompts if "/plan" in p.topic]) == 1


@habit(TYPED)
async def test_a_mere_yes_before_the_start_points_to_start_and_draws_nothing_again(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "do it")
    await room.until(lambda s: s.phase == "review")
    for text in ("looks good 👍", "yes", "approved"):
        await room.talk.says(ada, text, to=root, named=False)
    await private(room, ada, "Press Start")
    assert sum("Press Start" in text for text in shown(room, ada)) == 1
    await room.it.presses(ada, root, "start", "1")
    await room.until(lambda s: s.phase == "done")
    assert len([p for p in room.model.prompts if "/plan" in p.topic]) == 1


@habit(TYPED)
async def test_looks_good_but_shorter_plans_again(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "do it")
    await room.until(lambda s: s.phase == "review")
    await room.talk.says(ada, "looks good, but make it shorter", to=root, named=False)
    assert "make it shorter" in (await room.planner(2)).text


@habit(TYPED)
async def test_stop_points_to_the_button(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await asked(room, YEAR)
    await room.talk.says(ada, "stop", to=root)
    await private(room, ada, "Press Stop")
    assert open_questions(await room.until(lambda s: s.questions)) == ["Which year?"]


@habit(TYPED)
async def test_talk_to_another_person_answers_nothing(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    root = await asked(room, YEAR)
    await room.talk.says(ada, f"{called(room.name, bob)} was it 2023?", to=root, named=False)
    await room.talk.says(ada, f"hey {called(room.name, bob)}, any idea", to=root, named=False)
    await room.talk.says(bob, "2024", to=root, named=False)
    assert "2024" in await done(room)
    assert [n.text for n in (await room.until(lambda s: s.phase == "done")).lines if n.by] == []


@habit(TYPED, slack="Slack has no replies that quote a message", web="the workspace has no replies to a message")
async def test_a_reply_to_another_person_answers_nothing(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    root = await asked(room, YEAR)
    said = await room.talk.says(ada, "lol 😂", to=root, named=False)
    await room.talk.says(bob, "so true", to=root, named=False, reply_to=said)
    await room.talk.says(bob, "2024", to=root, named=False)
    assert "2024" in await done(room)


@habit(TYPED)
async def test_thanks_after_the_end_plans_nothing(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "do it")
    await room.it.presses(ada, root, "start")
    await room.until(lambda s: s.phase == "done")
    for text in ("thanks!", "🎉🎉", "great work, thank you so much", "ok"):
        await room.talk.says(ada, text, to=root, named=False)
    await room.talk.says(ada, "where is it?", to=root, named=False)
    assert "where is it?" in (await room.planner(2)).text
    assert "thanks" not in (await room.planner(2)).text


@habit(TYPED)
async def test_a_stopped_task_says_so_once(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "do it")
    await room.it.presses(ada, root, "stop")
    await room.until(lambda s: s.phase == "stopped")
    await room.talk.says(ada, "one more thing", to=root, named=False)
    await room.talk.says(ada, "and another", to=root, named=False)
    await private(room, ada, "was stopped")
    assert sum("was stopped" in text for text in shown(room, ada)) == 1


@habit(TYPED, web="the workspace has no direct messages")
async def test_in_a_direct_message_a_choice_is_typed_outside_the_thread(room: Room) -> None:
    ada = room.it.person("Ada")
    room.model.will("work", SIDE, heard)
    root = await room.talk.says(ada, "do it", direct=True, named=False)
    await room.it.presses(ada, root, "start")
    await room.it.sees(root, "choose")
    await room.talk.says(ada, "the second one", direct=True, named=False)
    assert "The right" in await done(room)
    assert len(await room.on.desk.states()) == 1


@habit(TYPED, web="the workspace has no direct messages")
async def test_in_a_direct_message_start_is_typed_outside_the_thread(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "do it", direct=True, named=False)
    await room.it.sees(root, "start")
    await room.talk.says(ada, "looks good, go ahead", direct=True, named=False)
    await done(room)
    await room.talk.says(ada, "make another one", direct=True, named=False)
    await room.until(lambda s: s.phase == "review", text="make another")
