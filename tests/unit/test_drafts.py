"""What models are writing: read by whoever has the time, gone with its turn, never waited for."""

import asyncio
from dataclasses import replace
from functools import partial

import pytest

from orchestrator.domain import events as e
from orchestrator.domain.ids import SubtaskId, TaskId
from orchestrator.domain.model_messages import Reply
from orchestrator.domain.open_drafts import MOST_ANSWER, MOST_SUMMARY, OpenDraft, awaited
from orchestrator.draft_store import Drafts
from tests.unit.task_facts import ADA, READ, RUNNING, TASK, opened, replayed

WORDS = OpenDraft("So far so good", turn=1, subtask=READ)
ANSWER = OpenDraft("So far so good", turn=1)


def taken(attempt: int = 1, turn: int = 1) -> e.TurnTaken:
    return e.TurnTaken(subtask=READ, attempt=attempt, turn=turn, saw=0, reply=Reply(text="So far so good."), model="m")


def test_a_draft_is_awaited_until_its_turn_is_recorded() -> None:
    assert awaited(replayed(*RUNNING), [WORDS]) == (WORDS,)
    assert awaited(replayed(*RUNNING, taken()), [WORDS]) == ()
    second = replace(WORDS, turn=2)
    assert awaited(replayed(*RUNNING, taken()), [WORDS, second]) == (second,)


@pytest.mark.parametrize(
    "event",
    [
        e.TaskStopped(by=ADA),
        e.SubtaskSkipped(subtask=READ, by=ADA),
        e.SubtaskFailed(subtask=READ, attempt=1, problem="x", again=True),
        e.SubtaskFinished(subtask=READ, attempt=1, leg=1, summary="x"),
    ],
)
def test_nobody_waits_for_the_draft_of_a_step_that_has_ended(event: e.Event) -> None:
    assert awaited(replayed(*RUNNING, event), [WORDS]) == ()


def test_a_draft_of_an_earlier_attempt_is_not_shown() -> None:
    again = (
        e.SubtaskFailed(subtask=READ, attempt=1, problem="x", again=True),
        e.SubtaskRetried(subtask=READ, attempt=2),
        e.SubtaskStarted(subtask=READ, attempt=2, leg=1, host="h"),
    )
    assert awaited(replayed(*RUNNING, *again), [WORDS, replace(WORDS, attempt=2)]) == (replace(WORDS, attempt=2),)


def test_an_answer_is_awaited_in_its_round_of_planning() -> None:
    assert awaited(replayed(opened()), [ANSWER]) == (ANSWER,)
    assert awaited(replayed(opened()), [replace(ANSWER, turn=2)]) == ()
    assert awaited(replayed(opened(), e.Replied(text="x"), e.TaskClosed(outcome="answered", words="x")), [ANSWER]) == ()


def test_a_draft_without_words_is_none() -> None:
    assert awaited(replayed(opened()), [replace(ANSWER, text=" \n")]) == ()


def test_what_the_final_text_cannot_hold_is_not_shown_before_either() -> None:
    long = "x" * (MOST_ANSWER + 1)
    assert len(OpenDraft(long, turn=1).kept) == MOST_ANSWER
    assert len(OpenDraft(long, turn=1, subtask=READ).kept) == MOST_SUMMARY


def test_the_newest_words_are_read_and_they_end_with_their_context() -> None:
    drafts = Drafts()
    with drafts.begin(TASK, 1, subtask=READ) as grown:
        grown(partial(str, "So"))
        grown(partial(str, "So far"))
        assert [one.text for one in drafts.of(TASK)] == ["So far"]
        assert drafts.of(TaskId("other")) == []
    assert drafts.of(TASK) == []


def test_a_text_is_looked_at_once_however_many_read_it_and_not_at_all_if_nobody_does() -> None:
    drafts, looks = Drafts(), list[int]()

    def look() -> str:
        looks.append(1)
        return "So far"

    with drafts.begin(TASK, 1) as grown:
        for _ in range(1000):
            grown(look)
        assert looks == []
        assert drafts.of(TASK) == drafts.of(TASK)
        assert looks == [1]


def test_a_character_in_two_pieces_is_never_shown_by_half() -> None:
    drafts = Drafts()
    with drafts.begin(TASK, 1) as grown:
        for text, read in (("A \ud83d", "A "), ("A \ud83d\ude00", "A 😀"), ("A \ud83d x\0", "A \ufffd x\ufffd")):
            grown(partial(str, text))
            assert drafts.of(TASK)[0].text == read


async def test_a_slow_reader_gets_the_newest_state_and_never_a_queue() -> None:
    drafts = Drafts()
    changes = drafts.changes()
    first = asyncio.ensure_future(anext(changes))
    await asyncio.sleep(0)
    with drafts.begin(TASK, 1) as grown, drafts.begin(TaskId("other"), 1, subtask=SubtaskId("a")) as other:
        grown(partial(str, "So"))
        assert await first == {TASK}
        for n in range(1000):
            grown(partial(str, f"{n}"))
            other(partial(str, f"{n}"))
        assert await anext(changes) == {TASK, "other"}
        waiting = asyncio.ensure_future(anext(changes))
        await asyncio.sleep(0)
        assert not waiting.done()
        grown(partial(str, "end"))
        assert await waiting == {TASK}
    assert await anext(changes) == {TASK, "other"}
    await changes.aclose()
