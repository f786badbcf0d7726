"""What a message in a thread means follows from the task's state and its words alone."""

from typing import Any

import pytest

from bot.buttons.typed_choice import fitted
from bot.buttons.typed_reply import Ambiguous, Answers, Meaning, Nothing, Points, Says, Starts, Typed, attached, meaning
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Ask, Question, Waits
from orchestrator.domain.ids import ApprovalId, QuestionId
from tests.unit.task_facts import ADA, READ, RUNNING, SHEET, SUM, a_plan, approval, offered, opened, question, replayed

REVIEW = (opened(), e.PlanDrafted(plan=a_plan(), version=3))
CHOICES = Ask(name="side", label="Side", options=("The left", "The right"))


def said(facts: tuple[e.Event, ...], text: str, **more: Any) -> Meaning:
    return meaning(replayed(*facts), Typed(text, kept="1.2", **more))


def which(name: str, *fields: Ask) -> e.QuestionAsked:
    return e.QuestionAsked(question=Question(id=QuestionId(name), subtask=READ, text="Which side?", fields=fields))


def test_words_under_one_question_are_its_answer() -> None:
    assert said((*RUNNING, question()), "2024") == Answers(QuestionId("Q"), {"a": "2024"})
    assert said((*RUNNING, question()), "yes") == Answers(QuestionId("Q"), {"a": "yes"})
    assert said((*RUNNING, which("Q", CHOICES)), "the second one") == Answers(QuestionId("Q"), {"side": "The right"})


@pytest.mark.parametrize("text", ["thanks!", "lol 😂", "hold on"])
def test_politeness_answers_nothing(text: str) -> None:
    assert said((*RUNNING, question()), text) == Nothing()


@pytest.mark.parametrize("text", ["which year do you mean?", "¿qué año es?"])
def test_a_question_back_is_passed_on_and_not_the_answer(text: str) -> None:
    found = said((*RUNNING, question()), text)
    assert isinstance(found, Points)
    assert found.says


def test_words_that_are_no_choice_are_passed_on_and_the_person_learns_how_to_choose() -> None:
    found = said((*RUNNING, which("Q", CHOICES)), "whatever is cheaper")
    assert isinstance(found, Points)
    assert found.says
    assert "Press a choice" in found.words


def test_of_two_open_questions_the_person_chooses_unless_one_alone_fits() -> None:
    facts = (*RUNNING, question("Q1"), question("Q2"))
    found = said(facts, "2024")
    assert isinstance(found, Ambiguous)
    assert [(b.verb, b.ref) for b in found.buttons] == [
        ("answer-with", "Q1:1.2"), ("answer-with", "Q2:1.2"), ("pass-on", ":1.2"),
    ]  # fmt: skip
    two = (*RUNNING, which("Q1", CHOICES), which("Q2", Ask(name="x", label="X", options=("A", "B"))))
    assert said(two, "b") == Answers(QuestionId("Q2"), {"x": "B"})


def test_a_reply_to_a_questions_message_answers_that_one() -> None:
    facts = (*RUNNING, question("Q1"), question("Q2"), approval())
    assert said(facts, "yes", replies_to="Q2") == Answers(QuestionId("Q2"), {"a": "yes"})


@pytest.mark.parametrize("text", ["yes, go ahead", "approved", "lgtm", "ok 👍", "no"])
@pytest.mark.parametrize("facts", [(approval(),), (offered(),), (approval(), question())])
def test_typing_never_decides_what_a_button_decides(text: str, facts: tuple[e.Event, ...]) -> None:
    found = said((*RUNNING, *facts), text)
    assert isinstance(found, Points)
    assert not found.says
    assert "Press" in found.words


def test_other_words_under_an_approval_are_for_the_agents() -> None:
    found = said((*RUNNING, approval()), "use the other account")
    assert isinstance(found, Points)
    assert found.says
    assert said((*RUNNING, approval(), question()), "2024") == Answers(QuestionId("Q"), {"a": "2024"})


def test_before_the_start_a_word_for_it_starts_and_a_mere_yes_points_to_the_button() -> None:
    assert said(REVIEW, "looks good, start") == Starts(3)
    assert isinstance(said(REVIEW, "looks good"), Points)
    assert said(REVIEW, "looks good, but shorter") == Says()
    assert said(REVIEW, "thanks") == Nothing()


def test_talk_to_other_people_is_left_alone() -> None:
    for facts in (REVIEW, (*RUNNING, question()), (*RUNNING, approval())):
        assert said(facts, "@Bob what do you think", to_others=True) == Nothing()


def test_after_the_end_only_words_with_content_plan_again() -> None:
    done = (*RUNNING, e.TaskClosed(outcome="done", words="Done, no files."))
    assert said(done, "thanks a lot!") == Nothing()
    assert said(done, "ok") == Nothing()
    assert said(done, "make it shorter") == Says()
    asked = (*RUNNING, e.Replied(text="Shall I add a chart?"), e.TaskClosed(outcome="answered", words="Answered."))
    assert said(asked, "yes please") == Says()


def test_a_stopped_task_says_so_once() -> None:
    found = said((*RUNNING, e.TaskStopped(by=ADA)), "one more thing")
    assert isinstance(found, Points)
    assert found.about == "stopped"


def test_while_only_a_review_is_left_words_may_become_its_changes() -> None:
    ended = [e.SubtaskFinished(subtask=name, attempt=1, leg=1, summary="") for name in (READ, SHEET, SUM)]
    found = said((*RUNNING, offered(), *ended), "make it shorter")
    assert isinstance(found, Ambiguous)
    assert [(b.verb, b.ref) for b in found.buttons] == [
        ("change-with", "D:1.2"), ("approve-with", "D:1.2"), ("pass-on", ":1.2"),
    ]  # fmt: skip


def test_stop_points_to_the_button() -> None:
    found = said(RUNNING, "please stop")
    assert isinstance(found, Points)
    assert "Press Stop" in found.words


def test_several_fields_are_answered_line_by_line() -> None:
    fields = (Ask(name="y", label="Year"), Ask(name="s", label="Side", options=("L", "R")))
    it = Question(id=QuestionId("Q"), subtask=None, text="What?", fields=fields)
    assert fitted(it, "Year: 2024\nSide: L") == {"y": "2024", "s": "L"}
    assert fitted(it, "2024") is None
    assert fitted(it, "Year: 2024") is None


def test_a_message_to_one_step_answers_only_its_question() -> None:
    facts = (*RUNNING, question("Q1"), question("Q2", subtask=SHEET))
    assert said(facts, "2024", subtask=SHEET) == Answers(QuestionId("Q2"), {"a": "2024"})
    assert said(RUNNING, "ok", subtask=READ) == Says()


def test_words_that_nobody_hears_before_a_press_are_passed_on_and_say_what_waits() -> None:
    waits = Waits(approvals=(ApprovalId("A"),))
    facts = (*RUNNING, approval(), e.SubtaskParked(subtask=READ, attempt=1, leg=1, waits=waits))
    for text in ("yes, you can open it", "lass das lieber", "use the other account"):
        found = said(facts, text)
        assert isinstance(found, Points)
        assert found.says
        assert "Press Approve once or Reject" in found.words
        assert "press Stop" in found.words


def test_while_a_step_works_or_has_yet_to_begin_words_are_for_the_agents_and_stop_is_named_once() -> None:
    for facts in (RUNNING, RUNNING[:3], (*RUNNING, approval())):
        for text in ("use the other account", "laat maar, niet meer nodig"):
            found = said(facts, text)
            assert isinstance(found, Points)
            assert (found.says, found.about) == (True, "running/1")
            assert "press Stop" in found.words


def test_words_under_a_failed_step_or_in_a_paused_task_are_passed_on_and_name_the_button() -> None:
    failed = e.SubtaskFailed(subtask=READ, attempt=1, problem="down", again=False)
    for fact, button in ((failed, "Press Retry or Skip"), (e.TaskPaused(by=ADA), "press Resume")):
        found = said((*RUNNING, fact), "mach bitte weiter damit")
        assert isinstance(found, Points)
        assert found.says
        assert button in found.words


def test_a_quoted_question_is_no_part_of_the_answer() -> None:
    quote = "> Which side?\n>\n\n"
    assert said((*RUNNING, question()), f"{quote}2024") == Answers(QuestionId("Q"), {"a": "2024"})
    assert said((*RUNNING, which("Q", CHOICES)), f"{quote}the left") == Answers(QuestionId("Q"), {"side": "The left"})
    assert said(REVIEW, f"{quote}go ahead") == Starts(3)
    assert isinstance(said((*RUNNING, approval()), f"{quote}approved"), Points)


def test_a_message_with_only_files_answers_a_free_question_by_their_names() -> None:
    files = attached(["a.csv", "b.csv"], forwards=True)
    named = "See the attached files: a.csv, b.csv. See the forwarded message."
    assert said((*RUNNING, question()), "", attached=files) == Answers(QuestionId("Q"), {"a": named})
    assert isinstance(said((*RUNNING, which("Q", CHOICES)), "", attached=files), Points)


def test_words_that_are_no_choice_may_become_the_answer_with_one_press() -> None:
    found = said((*RUNNING, which("Q", CHOICES)), "the left and half of the right")
    assert isinstance(found, Points)
    assert [(b.verb, b.ref) for b in found.buttons] == [("answer-with", "Q:1.2")]
    back = said((*RUNNING, which("Q", CHOICES)), "what is on the left?")
    assert isinstance(back, Points)
    assert back.buttons == ()


@pytest.mark.parametrize(
    "text",
    [
        "Year: 2024\nSide: l",
        "year：2024\nSIDE: the l one",
        "**Side:** L\n- year = 2024",
        "> What?\nYear: 2024\nSide: 1",
    ],
)
def test_lines_of_several_fields_are_read_as_people_write_them(text: str) -> None:
    fields = (Ask(name="y", label="Year"), Ask(name="s", label="Side", options=("L", "R")))
    it = Question(id=QuestionId("Q"), subtask=None, text="What?", fields=fields)
    assert fitted(it, text) == {"y": "2024", "s": "L"}
