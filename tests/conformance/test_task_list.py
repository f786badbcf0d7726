"""The exam of every Ledger, second part: the list of tasks."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import psycopg
import pytest

from orchestrator.clock import MovedClock
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Approval, Decision
from orchestrator.domain.ids import ApprovalId, CallId, Key, PersonId, Stream, SubtaskId
from orchestrator.domain.people import Person, Place, Request
from orchestrator.domain.task_list import Tally, TaskQuery
from orchestrator.domain.token_usage import Usage
from orchestrator.ledger.load_sql_files import queries, schema
from orchestrator.ledger.open_ledger import open_ledger
from orchestrator.ledger.task_rows import question
from orchestrator.ports import Ledger
from tests.conformance.test_ledger import START

ADA = Person(id=PersonId("web:ada"), name="Ada")
BOB = Person(id=PersonId("slack:bob"), name="Bob")


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ledger]:
    urls = {"memory": "memory://", "sqlite": f"sqlite://{tmp_path}/ledger.db"}
    url = urls.get(request.param) or request.getfixturevalue("postgres_url")
    ledger = await open_ledger(url, MovedClock(START))
    yield ledger
    await ledger.close()


def opening(by: Person = ADA, channel: str = "general", platform: str = "web") -> e.TaskOpened:
    place = Place(platform=platform, channel=channel, thread="t")
    return e.TaskOpened(request=Request(text="Compare", by=by, place=place))


async def opened(ledger: Ledger, *names: str, event: e.TaskOpened | None = None) -> None:
    for name in names:
        await ledger.record(Stream(name), Key("opened"), event or opening())


async def ended(ledger: Ledger, *names: str) -> None:
    for name in names:
        await ledger.record(Stream(name), Key("closed:1"), e.TaskClosed(outcome="done", words="Done."))


def asked(name: str) -> e.ApprovalRequested:
    return e.ApprovalRequested(
        approval=Approval(
            id=ApprovalId(name), subtask=SubtaskId("read"), call=CallId("c"), tool="shell", args={}, fingerprint="f",
            effects=frozenset(),
        )
    )  # fmt: skip


async def names(ledger: Ledger, query: TaskQuery) -> list[str]:
    return [entry.task for entry in await ledger.tasks(query)]


async def test_the_unfinished_tasks_are_listed_newest_first(ledger: Ledger) -> None:
    await opened(ledger, "one", "two", "three")
    await ended(ledger, "two")
    await ledger.record(Stream("room/web"), Key("m"), e.ChannelOpened(channel="general"))

    assert await names(ledger, TaskQuery(unfinished=True)) == ["three", "one"]
    assert await names(ledger, TaskQuery()) == ["three", "two", "one"]


async def test_an_entry_carries_whose_task_it_is_where_and_since_when(ledger: Ledger) -> None:
    await opened(ledger, "one", event=opening(BOB, "T1/C1", "slack"))
    await ledger.record(Stream("one"), Key("said"), e.Replied(text="Hello", cost=0.25, model="m"))

    (entry,) = await ledger.tasks(TaskQuery())
    assert (entry.task, entry.by, entry.opened, entry.cost) == ("one", BOB.id, START, 0.25)
    assert (entry.place.platform, entry.place.channel) == ("slack", "T1/C1")
    assert (entry.position, entry.changed) == (1, 2)


async def test_the_list_is_narrowed_by_person_and_place(ledger: Ledger) -> None:
    await opened(ledger, "one", "two")
    await opened(ledger, "three", event=opening(BOB))
    await opened(ledger, "four", event=opening(BOB, "T1/C1", "slack"))
    await ended(ledger, "two", "four")

    assert await names(ledger, TaskQuery(by=BOB.id)) == ["four", "three"]
    assert await names(ledger, TaskQuery(by=BOB.id, unfinished=True)) == ["three"]
    assert await names(ledger, TaskQuery(platform="web", channel="general")) == ["three", "two", "one"]
    assert await names(ledger, TaskQuery(platform="web", channel="general", by=ADA.id)) == ["two", "one"]
    assert await names(ledger, TaskQuery(platform="slack")) == ["four"]
    assert await names(ledger, TaskQuery(platform="slack", unfinished=True)) == []


async def test_a_long_list_is_read_page_by_page(ledger: Ledger) -> None:
    await opened(ledger, *(f"t{number}" for number in range(7)))

    first = await ledger.tasks(TaskQuery(most=3))
    second = await ledger.tasks(TaskQuery(most=3, before=first[-1].position))
    assert [entry.task for entry in (*first, *second)] == ["t6", "t5", "t4", "t3", "t2", "t1"]
    assert len(await ledger.tasks(TaskQuery(most=None))) == 7


async def test_what_nobody_has_decided_is_found(ledger: Ledger) -> None:
    await opened(ledger, "one", "two")
    await ledger.record(Stream("one"), Key("ask"), asked("A"))

    (entry,) = await ledger.tasks(TaskQuery(undecided=True))
    assert (entry.task, [ask.id for ask in entry.undecided]) == ("one", ["A"])
    assert await names(ledger, TaskQuery(undecided=True, unfinished=True)) == ["one"]

    decided = e.ApprovalDecided(approval=ApprovalId("A"), decision=Decision(verb="approve"), by=ADA)
    await ledger.record(Stream("one"), Key("decided"), decided)
    assert await names(ledger, TaskQuery(undecided=True)) == []
    assert await names(ledger, TaskQuery(unfinished=True)) == ["two", "one"]


async def test_a_fact_that_came_too_late_does_not_change_the_list(ledger: Ledger) -> None:
    await opened(ledger, "one")
    await ended(ledger, "one")
    await ledger.record(Stream("one"), Key("closed:1"), e.TaskResumed(by=ADA))
    await ledger.record(Stream("one"), Key("opened"), opening(BOB))

    (entry,) = await ledger.tasks(TaskQuery())
    assert (entry.phase, entry.by) == ("done", ADA.id)


async def test_facts_written_at_once_leave_a_list_that_counts_them_all(ledger: Ledger) -> None:
    await asyncio.gather(*(opened(ledger, f"t{number}") for number in range(40)))
    await asyncio.gather(
        *(ledger.record(Stream(f"t{n}"), Key(f"a{k}"), asked(f"A{k}")) for n in range(40) for k in range(3)),
        *(ended(ledger, f"t{number}") for number in range(20)),
    )

    unfinished = await ledger.tasks(TaskQuery(unfinished=True))
    assert {entry.task for entry in unfinished} == {f"t{number}" for number in range(20, 40)}
    assert {len(entry.undecided) for entry in await ledger.tasks(TaskQuery())} == {3}


def rewind(url: str) -> None:
    """Makes the database what the version before the task list left behind."""
    for statement in ("drop table tasks", "pragma user_version = 1", "update ledger_version set version = 1"):
        if url.startswith("sqlite"):
            if "ledger_version" not in statement:
                with sqlite3.connect(url.removeprefix("sqlite://")) as file:
                    file.execute(statement)
                file.close()
        elif "pragma" not in statement:
            with psycopg.connect(url) as server:
                server.execute(statement.encode())


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
async def test_the_list_of_an_older_database_is_filled_once(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite://{tmp_path}/l.db" if kind == "sqlite" else request.getfixturevalue("postgres_url")
    before = await open_ledger(url, MovedClock(START))
    await opened(before, "one", "two")
    await opened(before, "three", event=opening(BOB, "T1/C1", "slack"))
    await before.record(Stream("three"), Key("ask"), asked("A"))
    await before.record(Stream("room/web"), Key("m"), e.ChannelOpened(channel="general"))
    await ended(before, "two")
    listed = await before.tasks(TaskQuery())
    await before.close()
    rewind(url)

    after = await open_ledger(url, MovedClock(START))
    assert await after.tasks(TaskQuery()) == listed
    await ended(after, "one")
    assert await names(after, TaskQuery(unfinished=True)) == ["three"]
    await after.close()


def test_ended_tasks_are_not_read_for_the_unfinished_ones() -> None:
    """The index holds unfinished tasks alone, so what a start reads does not grow with what has ended."""
    file = sqlite3.connect(":memory:")
    for statement in schema("sqlite"):
        file.execute(statement)
    name, parameters = question(TaskQuery(unfinished=True, most=None))
    plan = file.execute(f"explain query plan {queries('sqlite')[name]}", parameters).fetchall()
    file.close()

    assert "tasks_unfinished" in str(plan)
    assert "TEMP B-TREE" not in str(plan)


async def test_a_tally_counts_one_persons_tasks_and_their_cost(tmp_path: Path, request: pytest.FixtureRequest) -> None:
    for url in ("memory://", f"sqlite://{tmp_path}/ledger.db", request.getfixturevalue("postgres_url")):
        clock = MovedClock(START)
        ledger = await open_ledger(url, clock)
        await opened(ledger, "old", "ended")
        await ended(ledger, "ended")
        clock.move(24 * 3600)
        await opened(ledger, "new")
        await opened(ledger, "his", event=opening(BOB))
        for name, cost in (("old", 0.25), ("new", 0.5), ("his", 4.0)):
            used = Usage(prompt=8, unpriced=8)
            await ledger.record(Stream(name), Key("said"), e.Replied(text="x", cost=cost, usage=used))

        every, today = await ledger.tally(ADA.id), await ledger.tally(ADA.id, since=clock.now())
        assert every == Tally(tasks=3, unfinished=2, cost=0.75, unpriced=16), url
        assert today == Tally(tasks=1, unfinished=1, cost=0.5, unpriced=8), url
        assert await ledger.tally(PersonId("web:eve")) == Tally()
        await ledger.close()
