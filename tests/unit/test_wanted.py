"""What should stand in a thread, for every state that a task can have."""

from hypothesis import given
from hypothesis import strategies as st

from bot.chat import CardItem, FileItem, PointItem, Posted, WordsItem
from bot.due import due
from bot.posts import Standing
from bot.project import project, waiting
from bot.wanted import CARD, Want, fingerprint, wanted
from orchestrator.domain import events as e
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.people import Place
from orchestrator.domain.task import TaskState
from tests.unit.task_facts import ADA, EVENTS, RUNNING, TASK, approval, offered, replayed

PLACE = Place(platform="web", channel="general", thread="t1")


def by_key(state: TaskState) -> dict[str, Want]:
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
        "Stopped before anybody decided",
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
    first = due(TASK, wants, Standing(), place=PLACE, before={}, now=5.0)
    assert set(first) == {"mark/seen", CARD}
    standing = Standing()
    standing.posted[CARD] = Posted(place=PLACE, message="m1")
    standing.shown[CARD] = next(w.fingerprint for w in wants if w.key == CARD)
    later = due(TASK, wants, standing, place=PLACE, before={}, now=6.0)
    order = [d.want.key.partition("/")[0] for d in sorted(later.values(), key=lambda d: d.order)]
    assert order == ["file", "point", "point", "mark"]
    assert isinstance(wants[1].item, CardItem)
