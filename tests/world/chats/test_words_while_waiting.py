"""Words typed while something waits: understood by the state of the task, in any language, not by a list of phrases."""

from typing import Any

import pytest

from bot.buttons.typed_reply import Answers
from bot.web import parse_form
from orchestrator.domain.ids import SubtaskId
from tests.memory_hub import say
from tests.scenarios.test_everywhere import HANDED_IN, note
from tests.scenarios.test_request_to_files import plan, row
from tests.world.chats.habits import habit
from tests.world.chats.private_buttons import presses, private, shown
from tests.world.chats.room import Room
from tests.world.chats.talk import Sent
from tests.world.chats.test_edits import ON_WEB
from tests.world.chats.test_typed_answers import SIDE, TYPED, YEAR, asked, asked_twice, done
from tests.world.chats.test_typed_consent import approving

CHAT_KEEPS = "the chat itself keeps every message"
UNCHANGED = "The plan hasn't changed."


async def ready(room: Room, who: Any, **how: Any) -> Any:
    """A task whose plan waits for *Start*."""
    root = await room.talk.says(who, "make the report", **how)
    await room.until(lambda s: s.phase == "review")
    return root


@habit(TYPED)
@pytest.mark.parametrize(
    "text", ["passt so, bitte starten", "nice, get cracking when you can", "where will it be saved?"]
)
async def test_words_that_change_nothing_keep_the_plan_and_point_to_start(room: Room, text: str) -> None:
    ada = room.it.person("Ada")
    root = await ready(room, ada)
    room.model.will("plan", say(answer={"text": "It's ready."}))
    await room.talk.says(ada, text, to=root, named=False)
    state = await room.until(lambda s: any(UNCHANGED in line.text for line in s.lines))
    assert (state.phase, state.version) == ("review", 1)
    assert "answer keeps the plan" in (await room.planner(2)).text
    await room.it.reads(root, "Press Start on the card")
    await room.it.presses(ada, root, "start", "1")
    await room.until(lambda s: s.phase == "done")


@habit(TYPED, web=ON_WEB)
async def test_a_request_edited_to_a_withdrawal_keeps_the_plan_and_points_to_stop(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await ready(room, ada)
    room.model.will("plan", say(answer={"text": "All right."}))
    await room.talk.rewrites(root, "never mind, found it")
    state = await room.until(lambda s: any("or Stop to end the task" in line.text for line in s.lines))
    assert (state.phase, state.version) == ("review", 1)
    assert "never mind, found it" in (await room.planner(2)).text


@habit(TYPED, slack=CHAT_KEEPS, discord=CHAT_KEEPS)
async def test_talk_in_a_thread_stays_there_and_nobody_at_work_hears_it(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    root = await asked(room, YEAR)
    talk = ("@Bob, kannst du Zeile 7 prüfen?", "merci !", "please stop!!")
    for text in talk:
        await room.talk.says(ada, text, to=root, named=False, files=[Sent("seven.csv")] if "7" in text else [])
    await room.talk.says(bob, "2024", to=root, named=False)
    state = await room.until(lambda s: s.phase == "done")
    for text in (*talk, "seven.csv"):
        await room.it.reads(root, text)
    assert [line.text for line in state.lines if line.by] == []
    assert not any(text in str(prompt.messages) for prompt in room.model.prompts for text in talk)


@habit(TYPED, slack=CHAT_KEEPS, discord=CHAT_KEEPS)
async def test_an_answer_that_comes_second_stays_in_the_thread(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    root = await asked(room, YEAR)
    (name,) = (await room.until(lambda s: s.questions)).questions
    await room.talk.says(ada, "2024", to=root, named=False)

    def before_adas(*_: object) -> Answers:
        return Answers(name, {"answer": "the year before"})

    monkeypatch.setattr(parse_form, "meaning", before_adas)
    await room.talk.says(bob, "the year before", to=root, named=False)
    await private(room, bob, "answered by Ada")
    await room.it.reads(root, "the year before")
    assert "2024" in await done(room)


@habit(TYPED, slack=CHAT_KEEPS, discord=CHAT_KEEPS)
async def test_words_that_wait_for_a_press_are_shown_once(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await asked_twice(room)
    await room.talk.says(ada, "use both lists", to=root, named=False)
    await room.it.reads(root, "use both lists")
    await presses(room, ada, "pass-on")
    state = await room.until(lambda s: any(line.by for line in s.lines))
    assert state.remarks == ()


@habit(TYPED)
async def test_words_under_an_approval_are_passed_on_and_say_what_waits(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await approving(room, ada)
    await room.until(lambda s: s.of(SubtaskId("work")).status == "parked")
    await room.talk.says(ada, "nee, doe dat maar niet", to=root, named=False)
    await private(room, ada, "Press Approve once or Reject")
    await private(room, ada, "press Stop on the card")
    await room.talk.says(ada, "laat maar zitten", to=root, named=False)
    state = await room.until(lambda s: len([line for line in s.lines if line.by]) == 2)
    assert sum("Passed on" in text for text in shown(room, ada)) == 1
    assert [row.decision for row in state.approvals.values()] == [None]


async def reviewing(room: Room, who: Any) -> Any:
    """A task whose only file waits for review."""
    room.model.will("plan", plan(note()))
    room.model.will("write", HANDED_IN, say("Written."), HANDED_IN, say("Again."))
    root = await room.talk.says(who, "write a note")
    await room.it.presses(who, root, "start")
    await room.until(lambda s: s.of(SubtaskId("write")).status == "review")
    return root


@habit(TYPED)
async def test_praise_under_a_file_may_become_its_approval_with_one_press(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await reviewing(room, ada)
    await room.talk.says(ada, "die Notiz gefällt mir richtig gut", to=root, named=False)
    await presses(room, ada, "approve-with")
    state = await room.until(lambda s: s.phase == "done")
    assert [row.verdict for row in state.deliverables.values()] == ["approved"]


@habit(TYPED)
async def test_talk_under_a_file_may_be_about_no_file(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await reviewing(room, ada)
    await room.talk.says(ada, "the meeting moved to Monday", to=root, named=False)
    await presses(room, ada, "pass-on")
    state = await room.until(lambda s: [line for line in s.lines if line.text == "the meeting moved to Monday"])
    assert [row.verdict for row in state.deliverables.values()] == ["waiting"]


@habit(TYPED)
async def test_the_question_is_quoted_above_its_answer(room: Room) -> None:
    root = await asked(room, SIDE)
    quote = "&gt; Which side?" if room.name == "slack" else "> Which side?"
    await room.talk.says(room.it.person("Ada"), f"{quote}\nthe right", to=root, named=False)
    assert "The right" in await done(room)


@habit(TYPED)
async def test_a_file_alone_answers_an_open_question(room: Room) -> None:
    root = await asked(room, say(ask_person={"question": "Which price list?"}))
    await room.talk.says(room.it.person("Ada"), "", to=root, named=False, files=[Sent("prices.csv")])
    assert "attachments/prices.csv" in await done(room)
    (row,) = (await room.until(lambda s: s.phase == "done")).questions.values()
    assert list((row.answers or {}).values()) == ["See the attached file: prices.csv."]


@habit(TYPED)
async def test_words_that_are_none_of_the_choices_become_the_answer_with_one_press(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await asked(room, SIDE)
    await room.talk.says(ada, "half left, half right", to=root, named=False)
    await private(room, ada, "Press a choice.")
    await presses(room, ada, "answer-with")
    state = await room.until(lambda s: s.phase == "done")
    assert [row.answers for row in state.questions.values()] == [{"side": "half left, half right"}]


@habit(TYPED)
async def test_a_file_goes_along_with_words_that_wait_for_a_press(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await asked(room, SIDE)
    await room.talk.says(ada, "neither, as in this list", to=root, named=False, files=[Sent("list.csv")])
    await presses(room, ada, "answer-with")
    state = await room.until(lambda s: s.phase == "done")
    assert [file.name for line in state.lines for file in line.files] == ["list.csv"]


@habit(TYPED)
@pytest.mark.parametrize("text", ["as in this list", ""])
async def test_a_file_goes_along_with_an_answer_to_one_of_two_questions(room: Room, text: str) -> None:
    ada = room.it.person("Ada")
    root = await asked_twice(room)
    await room.talk.says(ada, text, to=root, named=False, files=[Sent("list.csv")])
    await presses(room, ada, "answer-with")
    state = await room.until(lambda s: any(row.answers for row in s.questions.values()))
    assert [file.name for line in state.lines for file in line.files] == ["list.csv"]
    wanted = text or "See the attached file: list.csv."
    assert [list(row.answers.values()) for row in state.questions.values() if row.answers] == [[wanted]]


@habit(TYPED)
async def test_words_while_a_step_works_are_passed_on_and_stop_is_named_once(room: Room) -> None:
    ada = room.it.person("Ada")
    room.model.will("work", None)  # a long turn
    root = await room.talk.says(ada, "do it")
    await room.it.presses(ada, root, "start")
    await room.agent()
    for text in ("laat maar, niet meer nodig", "echt niet"):
        await room.talk.says(ada, text, to=root, named=False)
    await private(room, ada, "press Stop on the card")
    state = await room.until(lambda s: len([line for line in s.lines if line.by]) == 2)
    assert sum("Passed on" in text for text in shown(room, ada)) == 1
    assert state.phase == "running"


@habit(TYPED)
async def test_a_question_about_progress_while_a_step_works_says_how_far_it_is(room: Room) -> None:
    ada = room.it.person("Ada")
    room.model.will("plan", plan(row("work"), row("after", after=["work"])))
    room.model.will("work", None)  # a long turn
    root = await room.talk.says(ada, "do it")
    await room.it.presses(ada, root, "start")
    await room.agent()
    await room.talk.says(ada, "wie weit bist du?", to=root, named=False)
    await private(room, ada, "0 of 2 steps done; working on “Work”. Passed on to the agents,")
    await room.talk.says(ada, "hello??", to=root, named=False)
    await room.talk.says(ada, "and use the new list", to=root, named=False)
    state = await room.until(lambda s: len([line for line in s.lines if line.by]) == 2)
    assert [line.text for line in state.lines if line.by] == ["wie weit bist du?", "and use the new list"]


@habit(TYPED)
@pytest.mark.parametrize("text", ["status?", "進捗は？", "hello??", "??", "wann fertig?"])
async def test_a_question_isnt_the_answer_to_an_open_one(room: Room, text: str) -> None:
    ada = room.it.person("Ada")
    root = await asked(room, YEAR)
    await room.talk.says(ada, text, to=root, named=False)
    await private(room, ada, "“Which year?” is still open. Type your answer, or press Answer.")
    await room.talk.says(ada, "2024?", to=root, named=False)
    state = await room.until(lambda s: s.phase == "done")
    assert [row.answers for row in state.questions.values()] == [{"answer": "2024?"}]


@habit(TYPED)
async def test_an_answer_that_the_person_isnt_sure_of_takes_one_press(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await asked(room, say(ask_person={"question": "Which town?"}))
    await room.talk.says(ada, "Berlin?", to=root, named=False)
    await presses(room, ada, "answer-with")
    assert "Berlin?" in await done(room)
