"""What a card shows of texts that are still being written, and what a chat shows of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.cards.card import DraftLine
from bot.cards.card_projection import project
from bot.cards.live_drafts import draft_words, newest, with_drafts
from bot.outbox.desired_messages import CARD, wanted
from orchestrator.domain import events as e
from orchestrator.domain.model_messages import Reply
from orchestrator.domain.open_drafts import OpenDraft
from tests.unit.task_facts import ADA, READ, RUNNING, SHEET, opened, replayed

WORDS = OpenDraft("Northwind costs **49**", turn=1, subtask=READ)


def test_a_step_that_writes_says_so_and_its_words_are_on_the_card() -> None:
    state = replayed(*RUNNING)
    card = with_drafts(project(state), state, [WORDS])
    assert card.drafts == (DraftLine(step=READ, title=f"Writing: {state.title_of(READ)}", text=WORDS.text),)
    assert {row.id: row.doing for row in card.rows}[READ] == "Writing"
    assert card.headline == project(state).headline


def test_an_answer_without_a_plan_is_the_headline() -> None:
    state = replayed(opened())
    card = with_drafts(project(state), state, [OpenDraft("It is noo", turn=1)])
    assert card.headline == "Writing an answer"
    assert [line.text for line in card.drafts] == ["It is noo"]


def test_the_fact_of_its_turn_replaces_a_draft_at_once() -> None:
    reply = Reply(text="Northwind costs 49.")
    state = replayed(*RUNNING, e.TurnTaken(subtask=READ, attempt=1, turn=1, saw=0, reply=reply, model="m"))
    assert with_drafts(project(state), state, [WORDS]) == project(state)
    assert with_drafts(project(state), state, []) == project(state)


def test_a_step_that_waits_for_people_still_says_so() -> None:
    state = replayed(*RUNNING, e.TaskPaused(by=ADA))
    rows = {row.id: row for row in with_drafts(project(state), state, [WORDS]).rows}
    assert rows[READ].doing == {row.id: row for row in project(state).rows}[READ].doing


def test_a_draft_changes_only_the_card_and_nothing_that_lasts() -> None:
    state = replayed(*RUNNING)
    before = {want.key: want for want in wanted(state)}
    for text in ("Northwind", "Northwind costs"):
        now = {want.key: want for want in wanted(state, drafts=[OpenDraft(text, turn=1, subtask=READ)])}
        assert {key for key in now if now[key].fingerprint != before[key].fingerprint} == {CARD}
        assert now[CARD].lasting == before[CARD].lasting
        assert now[CARD].alarm == before[CARD].alarm
        before = before | {CARD: now[CARD]}


def test_many_drafts_share_the_room_and_the_others_are_counted() -> None:
    lines = [DraftLine(step=f"s{n}", title=f"Writing: {n}", text="word " * 400) for n in range(8)]
    told = draft_words(lines, 1_000)
    assert [title for title, _ in told] == [*(f"Writing: {n}" for n in range(5)), "3 more steps"]
    assert sum(len(text) for _, text in told[:5]) <= 1_000
    assert draft_words([], 1_000) == []


def test_marks_of_markdown_are_not_shown_where_they_are_not_drawn() -> None:
    line = DraftLine(step=SHEET, title="Writing: Sheet", text="## Head\n**bold** and `code`, **half")
    assert draft_words([line], 1_000) == [("Writing: Sheet", "Head\nbold and code, **half")]


@pytest.mark.parametrize(
    ("text", "most", "end"),
    [
        ("short", 10, "short"),
        ("one two three four", 12, "…three four"),
        ("one two\nthree four five six", 18, "…four five six"),
        ("x" * 30, 10, "…" + "x" * 9),
        ("  ", 5, ""),
    ],
)
def test_the_newest_words_start_where_a_word_does(text: str, most: int, end: str) -> None:
    assert newest(text, most) == end


@given(st.text(), st.integers(2, 50))
def test_the_newest_words_are_the_end_of_the_text(text: str, most: int) -> None:
    shown = newest(text, most)
    assert len(shown) <= most
    assert text.strip().endswith(shown.removeprefix("…"))
