"""The exam of every Ledger."""

import asyncio
import multiprocessing
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from orchestrator.clock import MovedClock
from orchestrator.domain.events import MOST_BYTES, Noted, Record
from orchestrator.domain.ids import Key, Stream
from orchestrator.errors import BadSettings, LedgerBusy, LedgerFailed, LedgerTooOld, OutOfSpace, Overtaken
from orchestrator.ledger import postgres, sqlite
from orchestrator.ledger.load_sql_files import migrations, schema
from orchestrator.ledger.open_ledger import migrate, open_ledger
from orchestrator.ledger.postgres_connection import PostgresConnection
from orchestrator.ledger.sqlite import SqliteLedger
from orchestrator.ports import Ledger
from tests.postgres import Server

TASK = Stream("task-1")
OTHER = Stream("task-2")
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)

Open = Callable[[], Awaitable[Ledger]]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    match request.param:
        case "memory":
            return "memory://"
        case "sqlite":
            return f"sqlite://{tmp_path}/ledger.db"
        case _:
            return request.getfixturevalue("postgres_url")


@pytest.fixture(params=["sqlite", "postgres"])
def kept_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Of the ledgers that outlive a process."""
    return f"sqlite://{tmp_path}/ledger.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock(START)


@pytest.fixture
async def ledger(url: str, clock: MovedClock) -> AsyncIterator[Ledger]:
    ledger = await open_ledger(url, clock)
    yield ledger
    await ledger.close()


def note(text: str) -> Noted:
    return Noted(text=text)


def texts(records: Sequence[Record]) -> list[str]:
    return [r.event.text for r in records if isinstance(r.event, Noted)]


async def first(ledger: Ledger, count: int, *, after: int = 0, within: float = 60) -> list[tuple[int, Record]]:
    """The first `count` records that a new reader sees."""
    seen: list[tuple[int, Record]] = []
    async with asyncio.timeout(within), aclosing(ledger.tail(after=after)) as tail:  # type: ignore[type-var]
        async for item in tail:
            seen.append(item)
            if len(seen) == count:
                break
    return seen


async def test_a_fact_is_found_by_its_key(ledger: Ledger) -> None:
    kept = await ledger.record(TASK, Key("a"), note("one"))
    await ledger.record(TASK, Key("b"), note("two"))
    assert await ledger.find(TASK, Key("a")) == kept
    assert await ledger.find(TASK, Key("c")) is None
    assert await ledger.find(OTHER, Key("a")) is None


async def test_a_recorded_fact_is_read_back_whole(ledger: Ledger) -> None:
    recorded = await ledger.record(TASK, Key("a"), note("naïve ✓"))

    assert recorded == Record(TASK, 1, Key("a"), START, note("naïve ✓"))
    assert list(await ledger.read(TASK)) == [recorded]


async def test_the_first_fact_under_a_key_stays(ledger: Ledger, clock: MovedClock) -> None:
    earlier = await ledger.record(TASK, Key("a"), note("first"))
    clock.move(60)

    assert await ledger.record(TASK, Key("a"), note("second")) == earlier
    assert list(await ledger.read(TASK)) == [earlier]


async def test_a_fact_that_rests_on_the_newest_state_is_written(ledger: Ledger) -> None:
    await ledger.record(TASK, Key("a"), note("a"), expects=0)
    await ledger.record(OTHER, Key("a"), note("another stream"))
    recorded = await ledger.record(TASK, Key("b"), note("b"), expects=1)

    assert recorded.seq == 2


@pytest.mark.parametrize("expects", [0, 1, 3])
async def test_a_fact_that_rests_on_another_state_is_not_written(ledger: Ledger, expects: int) -> None:
    await ledger.record(TASK, Key("a"), note("a"))
    await ledger.record(TASK, Key("b"), note("b"))

    with pytest.raises(Overtaken):
        await ledger.record(TASK, Key("c"), note("c"), expects=expects)

    assert texts(await ledger.read(TASK)) == ["a", "b"]
    assert await ledger.position() == 2
    assert (await ledger.record(TASK, Key("c"), note("c"), expects=2)).seq == 3


async def test_of_two_decisions_on_one_state_one_is_written(ledger: Ledger) -> None:
    await ledger.record(TASK, Key("plan"), note("plan"))

    answers = await asyncio.gather(
        *(ledger.record(TASK, Key(f"k{n}"), note(str(n)), expects=1) for n in range(20)), return_exceptions=True
    )

    assert sum(isinstance(it, Overtaken) for it in answers) == 19
    assert len(await ledger.read(TASK)) == 2


async def test_what_was_written_before_answers_also_when_the_state_has_changed(ledger: Ledger) -> None:
    earlier = await ledger.record(TASK, Key("a"), note("first"), expects=0)
    await ledger.record(TASK, Key("b"), note("b"))

    assert await ledger.record(TASK, Key("a"), note("second"), expects=0) == earlier


async def test_an_overtaken_fact_spoils_no_other_of_its_batch(ledger: Ledger) -> None:
    plain = (ledger.record(TASK, Key(f"k{n}"), note(str(n))) for n in range(5))
    answers = await asyncio.gather(
        ledger.record(TASK, Key("first"), note("first")),
        ledger.record(TASK, Key("late"), note("late"), expects=0),
        *plain,
        return_exceptions=True,
    )

    assert isinstance(answers[1], Overtaken)
    assert texts(await ledger.read(TASK)) == ["first", "0", "1", "2", "3", "4"]


async def test_two_processes_do_not_decide_on_one_state(kept_url: str, clock: MovedClock) -> None:
    one, two = await open_ledger(kept_url, clock), await open_ledger(kept_url, clock)
    await one.record(TASK, Key("a"), note("a"))

    answers = await asyncio.gather(
        one.record(TASK, Key("start"), note("start"), expects=1),
        two.record(TASK, Key("edit"), note("edit"), expects=1),
        return_exceptions=True,
    )

    assert sum(isinstance(it, Overtaken) for it in answers) == 1
    assert len(await one.read(TASK)) == 2
    await one.close()
    await two.close()


async def test_a_fact_carries_the_clocks_time_in_utc(ledger: Ledger, clock: MovedClock) -> None:
    clock.move(1.25)
    recorded = await ledger.record(TASK, Key("a"), note("x"))

    (read,) = await ledger.read(TASK)
    assert read.at == recorded.at == clock.now()
    assert read.at.tzinfo is UTC


async def test_each_stream_counts_its_own_facts_without_gaps(ledger: Ledger) -> None:
    for number in range(3):
        await ledger.record(TASK, Key(f"k{number}"), note("t"))
        await ledger.record(TASK, Key("k0"), note("again"))
        await ledger.record(OTHER, Key(f"k{number}"), note("o"))

    assert [r.seq for r in await ledger.read(TASK)] == [1, 2, 3]
    assert [r.seq for r in await ledger.read(OTHER)] == [1, 2, 3]


async def test_reading_after_a_sequence_leaves_out_what_came_before(ledger: Ledger) -> None:
    for number in range(4):
        await ledger.record(TASK, Key(f"k{number}"), note(str(number)))

    assert texts(await ledger.read(TASK, after=2)) == ["2", "3"]
    assert list(await ledger.read(Stream("unknown"))) == []


async def test_streams_are_listed_by_prefix_in_the_order_they_began(ledger: Ledger) -> None:
    for name in ("task-2", "room/web", "task-1", "task-2"):
        await ledger.record(Stream(name), Key("a"), note("x"))

    assert list(await ledger.streams()) == ["task-2", "room/web", "task-1"]
    assert list(await ledger.streams(prefix="task-")) == ["task-2", "task-1"]
    assert list(await ledger.streams(prefix="%")) == []


async def test_the_position_grows_by_one_with_every_new_fact_of_any_stream(ledger: Ledger) -> None:
    assert await ledger.position() == 0
    await ledger.record(TASK, Key("a"), note("x"))
    await ledger.record(OTHER, Key("a"), note("x"))
    await ledger.record(OTHER, Key("a"), note("known"))

    assert await ledger.position() == 2


async def test_many_facts_at_once_are_all_kept_once(ledger: Ledger) -> None:
    await asyncio.gather(*(ledger.record(TASK, Key(f"k{n % 150}"), note(str(n % 150))) for n in range(300)))

    records = await ledger.read(TASK)
    assert [r.seq for r in records] == list(range(1, 151))
    assert sorted(texts(records), key=int) == [str(n) for n in range(150)]


async def test_a_tail_gives_old_and_new_facts_in_order_and_once(ledger: Ledger) -> None:
    await ledger.record(TASK, Key("old"), note("old"))
    reader = asyncio.create_task(first(ledger, 52))
    await asyncio.gather(*(ledger.record(TASK, Key(f"k{n}"), note("new")) for n in range(50)))
    await ledger.record(OTHER, Key("last"), note("last"))

    seen = await reader
    assert [position for position, _ in seen] == list(range(1, 53))
    assert [record for _, record in seen[:-1]] == list(await ledger.read(TASK))


async def test_a_tail_begins_after_the_position_it_is_given(ledger: Ledger) -> None:
    await asyncio.gather(*(ledger.record(TASK, Key(f"k{n}"), note("x")) for n in range(1200)))

    seen = await first(ledger, 1195, after=5)
    assert [position for position, _ in seen] == list(range(6, 1201))


@pytest.fixture
def no_polling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ledgers that are opened from here on look for what others wrote once an hour only."""
    for module in (sqlite, postgres):
        monkeypatch.setattr(module, "GLANCE", 3_600.0)


async def test_an_own_fact_reaches_a_waiting_reader_without_polling(no_polling: None, ledger: Ledger) -> None:
    async with aclosing(ledger.tail(after=0)) as tail:  # type: ignore[type-var]
        waiting = asyncio.ensure_future(anext(tail))
        await ledger.record(TASK, Key("warm"), note("x"))
        await waiting
        waiting = asyncio.ensure_future(anext(tail))
        await asyncio.sleep(0)
        await ledger.record(TASK, Key("a"), note("now"))
        _, record = await asyncio.wait_for(waiting, 60)
        assert texts([record]) == ["now"]


async def test_a_mark_never_goes_back(ledger: Ledger) -> None:
    assert await ledger.marked("outbox") == 0
    for position in (5, 9, 7):
        await ledger.mark("outbox", position)

    assert await ledger.marked("outbox") == 9
    assert await ledger.marked("audit") == 0


async def test_an_event_of_64_kilobytes_is_refused_by_its_type(ledger: Ledger) -> None:
    with pytest.raises(ValueError, match=r"'noted'.*shelf"):
        await ledger.record(TASK, Key("a"), note("x" * MOST_BYTES))
    assert list(await ledger.read(TASK)) == []


async def test_closing_ends_every_reader(ledger: Ledger) -> None:
    reader = asyncio.create_task(first(ledger, 1))
    await asyncio.sleep(0)
    await ledger.close()

    assert await reader == []


async def test_a_closed_ledger_takes_nothing_and_says_so(url: str) -> None:
    ledger = await open_ledger(url)
    await ledger.record(TASK, Key("a"), note("x"))
    await ledger.close()
    await ledger.close()
    if not url.startswith("memory"):
        with pytest.raises(LedgerFailed, match="closed"):
            await ledger.record(TASK, Key("b"), note("x"))
        with pytest.raises(LedgerFailed, match="closed"):
            await ledger.read(TASK)
        with pytest.raises(LedgerFailed, match="closed"):
            await ledger.mark("outbox", 1)


async def test_a_fact_survives_the_death_of_its_caller(ledger: Ledger) -> None:
    caller = asyncio.create_task(ledger.record(TASK, Key("a"), note("kept")))
    await asyncio.sleep(0)
    caller.cancel()

    assert texts([(await first(ledger, 1))[0][1]]) == ["kept"]


async def test_what_was_recorded_is_there_after_reopening(kept_url: str) -> None:
    one = await open_ledger(kept_url)
    recorded = await one.record(TASK, Key("a"), note("x"))
    await one.mark("outbox", 1)
    await one.close()

    two = await open_ledger(kept_url)
    assert list(await two.read(TASK)) == [recorded]
    assert await two.marked("outbox") == 1
    await two.close()


async def test_another_ledgers_fact_reaches_a_waiting_reader_soon(kept_url: str) -> None:
    one, two = await open_ledger(kept_url), await open_ledger(kept_url)
    async with aclosing(one.tail(after=0)) as tail:  # type: ignore[type-var]
        for name in ("first", "second"):
            waiting = asyncio.ensure_future(anext(tail))
            await two.record(TASK, Key(name), note(name))
            _, record = await asyncio.wait_for(waiting, 60)
            assert texts([record]) == [name]
    await one.close()
    await two.close()


async def limit_pages(ledger: SqliteLedger, pages: int) -> None:
    """SQLite itself then says that the disk is full."""
    await ledger._run(ledger._writer, lambda: ledger._writing.execute(f"pragma max_page_count = {pages}").fetchone())


def write_from_another_process(url: str, name: str, count: int) -> None:
    async def write() -> None:
        ledger = await open_ledger(url)
        for number in range(count):
            await ledger.record(TASK, Key(f"shared-{number}"), note(name))
            await asyncio.gather(*(ledger.record(TASK, Key(f"{name}-{number}-{n}"), note(name)) for n in range(3)))
        await ledger.close()

    asyncio.run(write())


async def test_two_processes_that_write_at_once_leave_no_gap_and_no_double(kept_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    writers = [spawn.Process(target=write_from_another_process, args=(kept_url, name, 30)) for name in ("a", "b")]
    reader = await open_ledger(kept_url)
    for writer in writers:
        writer.start()
    seen = await first(reader, 30 + 2 * 90, within=60)
    for writer in writers:
        await asyncio.to_thread(writer.join, 20)

    assert [position for position, _ in seen] == list(range(1, 211))
    assert [record.seq for _, record in seen] == list(range(1, 211))
    assert await reader.position() == 210
    await reader.close()


def write_until_killed(url: str, written: "multiprocessing.SimpleQueue[int]") -> None:
    async def write() -> None:
        ledger = await open_ledger(url)
        for number in range(1_000_000):
            await ledger.record(TASK, Key(f"k{number}"), note(str(number)))
            written.put(number)

    asyncio.run(write())


async def test_what_record_returned_survives_a_killed_process(kept_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    written: multiprocessing.SimpleQueue[int] = spawn.SimpleQueue()
    writer = spawn.Process(target=write_until_killed, args=(kept_url, written))
    writer.start()
    while (last := await asyncio.to_thread(written.get)) < 200:
        pass
    writer.kill()
    await asyncio.to_thread(writer.join, 10)

    ledger = await open_ledger(kept_url)
    seqs = [r.seq for r in await ledger.read(TASK)]
    assert seqs == list(range(1, len(seqs) + 1))
    assert len(seqs) > last
    await ledger.close()
    written.close()


async def test_an_address_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(BadSettings, match="'mysql'"):
        await open_ledger("mysql://x")
    with pytest.raises(BadSettings, match="absolute"):
        await open_ledger("sqlite://relative.db")


async def test_a_sqlite_database_from_a_newer_version_is_refused(tmp_path: Path) -> None:
    await migrate(f"sqlite://{tmp_path}/l.db")
    with sqlite3.connect(tmp_path / "l.db") as connection:
        connection.execute("pragma user_version = 99")
    connection.close()

    with pytest.raises(LedgerTooOld, match="99"):
        await open_ledger(f"sqlite://{tmp_path}/l.db")


async def test_a_postgres_database_from_a_newer_version_is_refused(postgres_url: str) -> None:
    await migrate(postgres_url)
    with psycopg.connect(postgres_url) as connection:
        connection.execute("update ledger_version set version = 99")

    with pytest.raises(LedgerTooOld, match="99"):
        await open_ledger(postgres_url)


async def test_ledgers_opened_at_once_migrate_once(kept_url: str) -> None:
    ledgers = await asyncio.gather(*(open_ledger(kept_url) for _ in range(4)))
    for ledger in ledgers:
        await ledger.record(TASK, Key("a"), note("x"))
    assert await ledgers[0].position() == 1
    for ledger in ledgers:
        await ledger.close()


async def test_a_file_that_is_no_database_says_so(tmp_path: Path) -> None:
    (tmp_path / "l.db").write_bytes(b"hello, this is not a database, but a text of some length" * 20)
    with pytest.raises(LedgerFailed, match="not a database"):
        await open_ledger(f"sqlite://{tmp_path}/l.db")


async def test_a_locked_sqlite_file_is_busy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("orchestrator.ledger.sqlite_file.PATIENCE", 0.05)
    ledger = await open_ledger(f"sqlite://{tmp_path}/l.db")
    other = sqlite3.connect(tmp_path / "l.db", isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(LedgerBusy, match="locked"):
        await ledger.record(TASK, Key("a"), note("x"))
    other.execute("rollback")
    other.close()

    assert texts([await ledger.record(TASK, Key("a"), note("x"))]) == ["x"]
    await ledger.close()


async def test_a_full_disk_is_out_of_space_and_keeps_what_was_there(tmp_path: Path) -> None:
    ledger = await open_ledger(f"sqlite://{tmp_path}/l.db")
    assert isinstance(ledger, SqliteLedger)
    await ledger.record(TASK, Key("a"), note("kept"))
    await limit_pages(ledger, 12)
    with pytest.raises(OutOfSpace):
        for number in range(50):
            await ledger.record(TASK, Key(f"k{number}"), note("x" * 30_000))
    await limit_pages(ledger, 100_000)

    await ledger.record(TASK, Key("b"), note("after"))
    assert texts(await ledger.read(TASK))[0] == "kept"
    assert [r.seq for r in await ledger.read(TASK)] == list(range(1, len(await ledger.read(TASK)) + 1))
    await ledger.close()


async def test_a_server_that_restarts_is_waited_for(postgres_server: Server, postgres_url: str) -> None:
    ledger = await open_ledger(postgres_url)
    await ledger.record(TASK, Key("a"), note("before"))
    reader = asyncio.create_task(first(ledger, 2, within=60))
    await first(ledger, 1)
    await asyncio.to_thread(postgres_server.stop)
    with pytest.raises(LedgerFailed):
        await ledger.record(TASK, Key("b"), note("lost"))
    await asyncio.to_thread(postgres_server.start)

    await ledger.record(TASK, Key("b"), note("after"))
    assert texts([record for _, record in await reader]) == ["before", "after"]
    await ledger.close()


async def test_a_connection_that_comes_after_the_closing_is_closed_too(postgres_url: str) -> None:
    line = PostgresConnection(postgres_url)
    work = asyncio.create_task(line.use(lambda connection: asyncio.sleep(60)))
    await asyncio.sleep(0)
    await line.close()

    with pytest.raises(LedgerFailed, match="closed"):
        await asyncio.wait_for(work, 30)


def test_sqlite_migrations_lead_to_the_schema() -> None:
    def built(statements: Sequence[str]) -> list[Any]:
        connection = sqlite3.connect(":memory:")
        for statement in statements:
            connection.execute(statement)
        rows = connection.execute("select type, name, tbl_name, sql from sqlite_master order by name").fetchall()
        connection.close()
        return rows

    assert built([s for m in migrations("sqlite") for s in m.statements]) == built(schema("sqlite"))


async def test_postgres_migrations_lead_to_the_schema(postgres_server: Server) -> None:
    def built(statements: Sequence[str]) -> list[Any]:
        with psycopg.connect(postgres_server.database()) as connection:
            for statement in statements:
                connection.execute(statement.encode())
            columns = connection.execute(
                "select table_name, column_name, data_type, is_nullable, column_default, collation_name"
                " from information_schema.columns where table_schema = 'public' order by 1, 2"
            ).fetchall()
            indexes = connection.execute("select indexdef from pg_indexes where schemaname = 'public' order by 1")
            return [columns, indexes.fetchall()]

    assert built([s for m in migrations("postgres") for s in m.statements]) == built(schema("postgres"))


def test_migrations_are_numbered_without_gaps() -> None:
    for database in ("sqlite", "postgres"):
        numbers = [m.number for m in migrations(database)]
        assert numbers == list(range(1, len(numbers) + 1))
