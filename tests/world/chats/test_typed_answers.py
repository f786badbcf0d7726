"""What people type where a button or a form would do: answers, choices, consent, and talk that isn't meant for us."""

from typing import Any

from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.model_messages import Prompt, Reply
from orchestrator.domain.task import TaskState
from tests.memory_hub import say
from tests.scenarios.test_request_to_files import plan, row
from tests.world.chats.habits import habit
from tests.world.chats.private_buttons import presses, private, shown
from tests.world.chats.room import Room
from tests.world.chats.talk import Sent, called

TYPED = "typed answers"
YEAR = say(ask_person={"question": "Which year?"})
SIDE = say(
    ask_person={
        "question": "Which side?",
        "fields": [{"name": "side", "label": "The side", "options": ["The left", "The right"]}],
    }
)
SURE = say(
    ask_person={"question": "Include drafts?", "fields": [{"name": "ok", "label": "Sure", "options": ["Yes", "No"]}]}
)


def heard(prompt: Prompt) -> Reply:
    return say(f"I heard: {prompt.messages[-1].text}")


async def asked(room: Room, *lines: Any, text: str = "do it") -> Any:
    """A task whose one step asks these questions, one after the other."""
    room.model.will("work", *lines, heard)
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, text)
    await room.it.presses(ada, root, "start")
    (name,) = (await room.until(lambda s: s.questions)).questions
    await room.it.sees(root, "choose" if "options" in str(lines[0]) else "answer", name)
    return root


async def asked_twice(room: Room) -> Any:
    """A task whose two steps each wait for an answer."""
    room.model.will("plan", plan(row("one"), row("two")))
    room.model.will("one", YEAR, heard)
    room.model.will("two", say(ask_person={"question": "Which name?"}), heard)
    ada = room.it.person("Ada")
    root = await room.talk.says(ada, "do it")
    await room.it.presses(ada, root, "start")
    await room.until(lambda s: len(s.questions) == 2)
    return root


async def done(room: Room) -> str:
    """The summary of the step, which says what its agent heard last."""
    state = await room.until(lambda s: s.phase == "done")
    return state.of(SubtaskId("work")).summary


def open_questions(state: TaskState) -> list[str]:
    return [row.question.text for row in state.questions.values() if row.answers is None]


@habit(TYPED)
async def test_the_answer_is_typed_in_the_thread_without_a_mention(room: Room) -> None:
    root = await asked(room, YEAR)
    await room.talk.says(room.it.person("Bob"), "2024", to=root, named=False)
    assert "2024" in await done(room)
    await room.it.reads(root, "Answered by Bob")


@habit(TYPED)
async def test_the_answer_is_typed_with_a_mention(room: Room) -> None:
    root = await asked(room, YEAR)
    await room.talk.says(room.it.person("Ada"), "2024, please", to=root)
    assert "2024, please" in await done(room)


@habit(TYPED, slack="Slack has no replies that quote a message", web="the workspace has no replies to a message")
async def test_the_answer_replies_to_the_questions_message(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await asked_twice(room)
    question = (await room.it.sees(root, "answer", (await _named(room, "Which name?")))).message
    await room.talk.says(ada, "Lovelace", to=root, named=False, reply_to=question)
    state = await room.until(lambda s: s.of(SubtaskId("two")).summary)
    assert "Lovelace" in state.of(SubtaskId("two")).summary
    assert open_questions(state) == ["Which year?"]


async def _named(room: Room, text: str) -> str:
    state = await room.until(lambda s: text in open_questions(s))
    return next(name for name, row in state.questions.items() if row.question.text == text)


@habit(TYPED)
async def test_a_choice_is_pressed_at_once(room: Room) -> None:
    root = await asked(room, SIDE)
    (name,) = (await room.until(lambda s: s.questions)).questions
    await room.it.presses(room.it.person("Ada"), root, "choose", f"{name}:1")
    assert "The right" in await done(room)


@habit(TYPED)
async def test_a_choice_is_typed_by_its_number(room: Room) -> None:
    root = await asked(room, SIDE)
    await room.talk.says(room.it.person("Ada"), "2.", to=root, named=False)
    assert "The right" in await done(room)


@habit(TYPED)
async def test_a_choice_is_typed_in_other_letters(room: Room) -> None:
    root = await asked(room, SIDE)
    await room.talk.says(room.it.person("Ada"), "the LEFT, please!", to=root, named=False)
    assert "The left" in await done(room)


@habit(TYPED)
async def test_the_second_one(room: Room) -> None:
    root = await asked(room, SIDE)
    await room.talk.says(room.it.person("Ada"), "I'd take the second one", to=root, named=False)
    assert "The right" in await done(room)


@habit(TYPED)
async def test_a_yes_in_another_language_is_one_of_yes_and_no(room: Room) -> None:
    root = await asked(room, SURE)
    await room.talk.says(room.it.person("Ada"), "ja, passt", to=root, named=False)
    assert "Yes" in await done(room)


@habit(TYPED)
async def test_words_that_are_no_choice_leave_the_question_open_and_say_how(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await asked(room, SIDE)
    await room.talk.says(ada, "not the left one", to=root, named=False)
    await private(room, ada, "Press a choice")
    state = await room.until(lambda s: [n for n in s.lines if n.text == "not the left one"])
    assert open_questions(state) == ["Which side?"]


@habit(TYPED)
async def test_asking_back_is_not_the_answer(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await asked(room, YEAR)
    await room.talk.says(ada, "calendar or fiscal year?", to=root, named=False)
    await private(room, ada, "is still open")
    await room.talk.says(ada, "2024", to=root, named=False)
    await done(room)
    assert any("2024" in message.text for message in room.model.prompts[-1].messages)


@habit(TYPED)
async def test_of_two_open_questions_a_press_says_which_and_the_words_are_kept(room: Room) -> None:
    ada = room.it.person("Ada")
    root = await asked_twice(room)
    await room.talk.says(ada, "2024", to=root, named=False)
    await presses(room, ada, "answer-with", 1)
    state = await room.until(lambda s: len(open_questions(s)) == 1)
    answered = [row for row in state.questions.values() if row.answers]
    assert [list((row.answers or {}).values()) for row in answered] == [["2024"]]
    assert [row.by.name for row in answered if row.by] == ["Ada"]


@habit(TYPED)
async def test_the_planners_question_is_answered_in_the_thread(room: Room) -> None:
    ada = room.it.person("Ada")
    fields = [{"name": "years", "label": "Years"}]
    room.model.will("plan", say(ask_person={"question": "Which years?", "fields": fields}))
    root = await room.talk.says(ada, "compare the years")
    await room.until(open_questions)
    await room.talk.says(ada, "2023 and 2024", to=root, named=False)
    read = await room.planner(2)
    assert "2023 and 2024" in read.text


@habit(TYPED)
async def test_an_answer_comes_with_its_file(room: Room) -> None:
    root = await asked(room, YEAR)
    await room.talk.says(room.it.person("Ada"), "see the list", to=root, named=False, files=[Sent("years.csv")])
    await done(room)
    last = room.model.prompts[-1].messages
    assert any("see the list" in m.text for m in last)
    assert any("years.csv" in m.text for m in last)


@habit(TYPED)
async def test_several_fields_are_typed_line_by_line(room: Room) -> None:
    fields = [{"name": "y", "label": "Year"}, {"name": "n", "label": "Name"}]
    root = await asked(room, say(ask_person={"question": "What?", "fields": fields}))
    await room.talk.says(room.it.person("Ada"), "Year: 2024\nName: Ada", to=root, named=False)
    summary = await done(room)
    assert "2024" in summary
    assert "Ada" in summary


@habit(TYPED)
async def test_words_that_name_a_choice_of_another_question_are_asked_about(room: Room) -> None:
    ada = room.it.person("Ada")
    room.model.will("plan", plan(row("one"), row("two")))
    room.model.will("one", YEAR, heard)
    room.model.will("two", SIDE, heard)
    root = await room.talk.says(ada, "do it")
    await room.it.presses(ada, root, "start")
    await room.until(lambda s: len(s.questions) == 2)
    await room.talk.says(ada, "2024 and the left", to=root, named=False)
    await private(room, ada, "Which question does “2024 and the left” answer?")
    for number in (0, 1):
        await presses(room, ada, "answer-with", number)
    state = await room.until(lambda s: s.phase == "done")
    answers = [list((one.answers or {}).values()) for one in state.questions.values()]
    assert answers == [["2024 and the left"], ["2024 and the left"]]


@habit(TYPED)
async def test_what_people_say_to_each_other_about_a_question_isnt_its_answer(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    root = await asked(room, say(ask_person={"question": "Which town?"}))
    await room.talk.says(ada, f"{called(room.name, bob)} which one do you mean?", to=root, named=False)
    await taken(room, 1)
    for text in ("let me check", "one with a harbour, I think"):
        await room.talk.says(bob, text, to=root, named=False)
    await private(room, bob, "I left that between you. To answer “Which town?”, mention me, or press Answer.")
    await room.talk.says(ada, "ok waiting", to=root, named=False)
    await private(room, ada, "I left that between you.")
    assert sum("I left that" in one for one in shown(room, bob)) == 1
    state = await room.until(lambda s: s.questions)
    assert [row.answers for row in state.questions.values()] == [None]
    await room.talk.says(bob, "Bergen" if room.name != "web" else "@threadwork Bergen", to=root)
    assert "Bergen" in await done(room)


@habit(TYPED)
async def test_a_number_answers_a_question_in_the_middle_of_a_talk(room: Room) -> None:
    ada, bob = room.it.person("Ada"), room.it.person("Bob")
    root = await asked(room, YEAR)
    await room.talk.says(ada, f"{called(room.name, bob)} which one do you mean?", to=root, named=False)
    await taken(room, 1)
    await room.talk.says(bob, "2024", to=root, named=False)
    assert "2024" in await done(room)


async def taken(room: Room, number: int) -> None:
    """So many messages without a mention were received and done; the workspace does each at once."""

    async def keys() -> list[str]:
        records = await room.on.desk.room(room.name)
        return [record.key for record in records if record.key.startswith("acted/wrote/")]

    async def enough() -> bool:
        return room.name == "web" or len(await keys()) >= number

    await room.eventually(enough)
