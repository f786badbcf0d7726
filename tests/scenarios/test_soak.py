"""Weeks of tasks that come and go: what is kept in memory stays small, and old tasks are still known."""

import gc
from collections import Counter
from pathlib import Path

import pytest

from bot.chat_platform import Changed, Whisper
from bot.inbox import known_inputs
from bot.inbox.known_inputs import KnownInputs
from bot.outbox import record_posted_messages, thread_index
from bot.outbox.record_posted_messages import PostedMessages
from orchestrator import ledger_desk, task_event_logs
from orchestrator.domain import events as e
from orchestrator.domain.people import Person
from tests.soaking import ADA, mention, place, reply, soak

FEW = 8
GUS = Person(id="fake:gus", name="Gus", kind="guest")  # pyright: ignore[reportArgumentType]


@pytest.fixture(autouse=True)
def small_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Limits that a short test reaches."""
    for module in (known_inputs, record_posted_messages, thread_index):
        monkeypatch.setattr(module, "MOST", FEW)
    monkeypatch.setattr(known_inputs, "SUM_EVERY", FEW)
    monkeypatch.setattr(task_event_logs, "KEPT", FEW)
    monkeypatch.setattr(task_event_logs, "GLANCED", FEW)
    monkeypatch.setattr(ledger_desk.Repeats.__init__, "__defaults__", (FEW,))


def counts(it: object) -> bool:
    """Our own objects; containers of libraries come with whatever else was imported meanwhile."""
    return str(type(it).__module__).partition(".")[0] in ("bot", "orchestrator", "agents")


@pytest.mark.slow
async def test_objects_in_memory_do_not_grow_with_the_tasks_that_came_and_went(tmp_path: Path) -> None:
    async with soak(tmp_path, f"sqlite:///{tmp_path}/ledger.db") as it:

        async def after(numbers: range) -> Counter[str]:
            for number in numbers:
                await it.live(number)
            await it.calm()
            gc.collect()
            return Counter(f"{type(o).__module__}.{type(o).__name__}" for o in gc.get_objects() if counts(o))

        before = await after(range(100, 200))
        grown = (await after(range(200, 400))) - before
        assert grown.total() < 2 * 200, grown.most_common(8)


async def test_what_memory_forgot_is_still_known(tmp_path: Path) -> None:
    async with soak(tmp_path, f"sqlite:///{tmp_path}/ledger.db") as it:
        first = await it.live(100)
        waiting = await it.inbox.take(mention(101))
        assert waiting is None
        second = await it.posts.threads.task_at(place(101))
        assert second is not None
        turned_away = await it.take(reply(101, "hello", GUS))
        assert isinstance(turned_away, Whisper)
        for number in range(110, 110 + 3 * FEW):
            await it.live(number)
        await it.calm()

        shown = it.platform.posts
        await it.take(mention(100))  # delivered again
        await it.outbox.tell("told/100", place(100), "It was stopped.")  # told again
        await it.calm()
        assert it.platform.posts == shown
        assert await it.posts.threads.task_at(place(100)) == first
        assert await it.known.request_at("T1/C1", "100.0") == first
        assert await it.known.message_of(first) == "100.0"
        assert await it.take(reply(101, "hello again", GUS)) is None

        await it.take(reply(101, "In English, please"))
        await it.on.until(second, lambda s: any(line.text == "In English, please" for line in s.lines))
        await it.take(Changed(id="c1", by=ADA, place=place(101), message="101.0", text="Write a letter"))
        await it.on.until(second, lambda s: any("Write a letter" in line.text for line in s.lines))


async def test_a_start_reads_what_was_heard_since_the_last_sum_and_knows_the_rest(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.db"
    async with soak(tmp_path, url) as it:
        first = await it.live(100)
        for number in range(101, 101 + 3 * FEW):
            await it.live(number)
        await it.calm()
        facts = len(await it.desk.room("fake"))
        sums = [r.event for r in await it.desk.room("fake/inbox/fake") if isinstance(r.event, e.InboxSummed)]
        assert sums and facts - sums[-1].upto < 6 * FEW
    async with soak(tmp_path, url) as it:
        assert not it.known.undone
        assert await it.known.since("T1/C1") == f"{100 + 3 * FEW}.0"
        assert await it.known.request_at("T1/C1", "100.0") == first
        await it.take(mention(100))
        assert len(await it.desk.states()) == 1 + 3 * FEW


async def test_an_inbox_of_before_there_were_sums_is_indexed_at_its_first_start(tmp_path: Path) -> None:
    async with soak(tmp_path, "memory://") as it:
        heard = e.Heard(kind="mentioned", inbound=mention(1).model_dump(mode="json"))
        await it.desk.note("old", "mentioned/T1/C1/1.0", heard)
        await it.desk.note("old", "acted/mentioned/T1/C1/1.0", e.Acted(heard="mentioned/T1/C1/1.0", opened="t1"))
        lost = e.Heard(kind="mentioned", inbound=mention(2).model_dump(mode="json"))
        await it.desk.note("old", "mentioned/T1/C1/2.0", lost)
        for _ in range(2):
            old, posts = KnownInputs(it.desk, "old"), PostedMessages(it.desk, "old")
            assert await old.begin("old", posts.threads) == {"mentioned/T1/C1/2.0": lost}
            assert await posts.threads.task_at(place(1)) == "t1"
            assert await old.message_of("t1") == "1.0"  # pyright: ignore[reportArgumentType]
            assert await old.channels("T1") == ["T1/C1"]


async def test_a_new_account_begins_with_what_is_unfinished_and_not_at_the_first_fact(tmp_path: Path) -> None:
    async with soak(tmp_path, "memory://") as it:
        for number in range(100, 100 + FEW):
            await it.live(number)
        await it.calm()
        assert await it.desk.marked("outbox/fake") > 0
