"""What should stand in a thread, for every state that a task can have."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.card_projection import project, waiting
from bot.chat_platform import CardItem, FileItem, PointItem, Posted, WordsItem
from bot.outbox.desired_messages import CARD, DesiredMessage, fingerprint, wanted
from bot.outbox.due_changes import due
from bot.outbox.posted_thread import PostedThread
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Decision
from orchestrator.domain.ids import ApprovalId, QuestionId, SubtaskId
from orchestrator.domain.people import Place
from orchestrator.domain.task import TaskState
from tests.unit.task_facts import (
    ADA,
    EVENTS,
    RUNNING,
    SHEET,
    START,
    SUM,
    TASK,
    approval,
    offered,
    question,
    replayed,
    started,
)

PLACE = Place(platform="web", channel="general", thread="t1")


def by_key(state: TaskState) -> dict[str, DesiredMessage]:
    wants = wanted(state, link="http://hub/t/t1")
    found = {w.key: w for w in wants}
    assert len(found) == len(wants)
    return found


@given(st.lists(EVENTS, max_size=14))
def test_no_approval_question_file_or_error_is_left_out(events: list[e.Event]) -> None:
    try:
        state = replayed(*RUNNING, *events)
    except KeyError:
        return  # facts in an order that the head never writes
    found, card = by_key(state), project(state)
    for point in waiting(card.checkpoints):
        want = found[f"point/{point.id}"]
        assert isinstance(want.item, PointItem)
        assert want.urgent
        assert want.item.point.buttons == point.buttons
        assert want.fresh == (state.phase != "stopped")
    for line in card.files:
        assert isinstance(found[f"file/{line.id}/{line.file.sha[:12]}"].item, FileItem)
    for row in card.rows:
        if row.state == "failed":
            assert f"failed/{row.id}/{state.of(SubtaskId(row.id)).attempt}" in found
    for line in state.lines:
        if line.level == "error" and line.text.strip():
            assert isinstance(found[f"words/{line.seq}"].item, WordsItem)
    for want in found.values():
        assert want.fingerprint == fingerprint(want.item)


def test_a_fact_that_shows_nothing_new_changes_no_fingerprint() -> None:
    before = replayed(*RUNNING)
    after = replayed(*RUNNING, e.TaskResumed(by=ADA))
    assert after.seq > before.seq
    assert by_key(before)[CARD].fingerprint == by_key(after)[CARD].fingerprint


def test_what_was_decided_bears_the_time_of_its_fact_and_no_clock_changes_its_look() -> None:
    facts = (*RUNNING, approval("A"), question("Q"), offered())
    decision = e.ApprovalDecided(approval=ApprovalId("A"), decision=Decision(verb="approve"), by=ADA)
    answer = e.QuestionAnswered(question=QuestionId("Q"), answers={"which": "one"}, by=ADA)
    look = e.DeliverableDecided(deliverable=replayed(*facts).pending_deliverables()[0].deliverable.id,
                                verdict="approved", by=ADA)  # fmt: skip
    before, after = (
        replayed(*facts, decision, answer, look),
        replayed(*facts, decision, answer, look, e.TaskPaused(by=ADA)),
    )
    assert not [p.decided_at for p in project(replayed(*facts)).checkpoints if p.decided_at]
    times = {p.kind: p.decided_at for p in project(before).checkpoints}
    numbers = {kind: len(facts) + n for n, kind in enumerate(("approval", "question", "deliverable"), 1)}
    assert times == {kind: START + timedelta(seconds=number) for kind, number in numbers.items()}
    assert [f.judged for f in project(before).files] == [times["deliverable"]]
    looks = [{n: w.fingerprint for n, w in by_key(s).items() if n != CARD} for s in (before, after)]
    assert looks[0] == looks[1]


def test_news_is_ordinary_but_a_checkpoint_or_an_end_raises_the_alarm() -> None:
    running, asked = replayed(*RUNNING), replayed(*RUNNING, approval("A"))
    news = replayed(*RUNNING, e.Noted(text="hello"))
    stopped = replayed(*RUNNING, e.TaskStopped(by=ADA))
    assert by_key(running)[CARD].alarm == by_key(news)[CARD].alarm
    assert len({by_key(s)[CARD].alarm for s in (running, asked, stopped)}) == 3


def test_what_a_stop_leaves_open_is_signed_but_never_posted_anew() -> None:
    stopped = replayed(*RUNNING, approval("A"), e.TaskStopped(by=ADA))
    want = by_key(stopped)["point/A"]
    assert isinstance(want.item, PointItem)
    assert (want.fresh, want.item.point.decided, want.item.point.buttons) == (
        False,
        "Stopped before anyone decided",
        (),
    )


def test_links_are_for_large_files_only() -> None:
    state = replayed(*RUNNING, offered("D"))

    def link(large: int) -> str:
        (item,) = [w.item for w in wanted(state, link="http://hub/t/t1", large=large) if isinstance(w.item, FileItem)]
        return item.link

    assert (link(9), link(10)) == ("http://hub/t/t1", "")


def test_everything_waits_for_the_card_and_then_comes_in_reading_order() -> None:
    wants = wanted(replayed(*RUNNING, offered("D"), approval("A")))
    first = due(TASK, wants, PostedThread(), place=PLACE, before={}, now=5.0)
    assert set(first) == {"mark/seen", CARD}
    standing = PostedThread()
    standing.posted[CARD] = Posted(place=PLACE, message="m1")
    standing.shown[CARD] = next(w.fingerprint for w in wants if w.key == CARD)
    later = due(TASK, wants, standing, place=PLACE, before={}, now=6.0)
    order = [d.want.key.partition("/")[0] for d in sorted(later.values(), key=lambda d: d.order)]
    assert order == ["file", "point", "point", "mark"]
    assert isinstance(wants[1].item, CardItem)


LAST = (e.SubtaskFinished(subtask=SHEET, attempt=1, leg=1, summary="x" * 200), started(SUM))


@pytest.mark.parametrize(
    ("summary", "said"),
    [("Northwind costs 49.", False), ("Northwind:\n- costs 49\n- a month", True), ("word " * 40, True)],
)
def test_an_answer_that_a_card_has_no_room_for_is_a_message_once(summary: str, said: bool) -> None:
    done = e.SubtaskFinished(subtask=SUM, attempt=1, leg=1, summary=summary)
    state = replayed(*RUNNING, *LAST, done)
    answers = {key: want for key, want in by_key(state).items() if key.startswith("answer/")}
    assert set(answers) == ({f"answer/{SUM}/1"} if said else set())
    for want in answers.values():
        assert isinstance(want.item, WordsItem)
        assert want.item.text == f"**Summary**\n\n{summary}"
        assert want.once


def test_what_made_a_file_or_what_others_use_is_no_answer() -> None:
    done = e.SubtaskFinished(subtask=SUM, attempt=1, leg=1, summary="word " * 40)
    assert not [key for key in by_key(replayed(*RUNNING, *LAST)) if key.startswith("answer/")]
    with_file = replayed(*RUNNING, *LAST, offered(subtask=SUM), done)
    assert not [key for key in by_key(with_file) if key.startswith("answer/")]
