"""The exam of every Engine."""

import asyncio
import base64
import contextvars
import logging
import pickle
import sqlite3
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Protocol

import psycopg
import pytest

from orchestrator.engine.dbos_engine import DbosEngine, engine_file
from orchestrator.engine.running_flows import MemoryEngine
from orchestrator.errors import LedgerBusy, LedgerFailed
from orchestrator.ports import Engine, Flow
from tests.small_hub import Hub, lines, until


class Registering(Engine, Protocol):
    def register(self, name: str, flow: Flow) -> None: ...


Make = Callable[[], Registering]


@pytest.fixture(params=["memory", "sqlite", "postgres"])
async def make(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Make]:
    url = "" if request.param == "memory" else url_of(request, tmp_path)
    made: list[Registering] = []

    def new() -> Registering:
        made.append(MemoryEngine() if request.param == "memory" else DbosEngine(url))
        return made[-1]

    yield new
    for engine in made:
        await engine.close()


@pytest.fixture(params=["sqlite", "postgres"])
def kept_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an engine can be found again."""
    return url_of(request, tmp_path)


def url_of(request: pytest.FixtureRequest, folder: Path) -> str:
    return f"sqlite://{folder}/hub.db" if request.param == "sqlite" else request.getfixturevalue("postgres_url")


class Bench:
    """A flow that says when it begins and ends, and waits in between until it may go."""

    def __init__(self) -> None:
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.cleaned: list[int] = []
        self.go = asyncio.Event()

    async def flow(self, number: int) -> None:
        self.begun.append(number)
        try:
            await self.go.wait()
            self.ended.append(number)
        finally:
            self.cleaned.append(number)


async def nothing_runs(engine: Engine) -> None:
    async with asyncio.timeout(60):
        while await engine.running():  # noqa: ASYNC110  (the port has no bell for it)
            await asyncio.sleep(0.01)


async def launched(make: Make, **flows: Flow) -> Registering:
    engine = make()
    for name, flow in flows.items():
        engine.register(name, flow)
    await engine.launch()
    return engine


async def test_a_flow_gets_its_arguments_and_ends(make: Make) -> None:
    given: list[tuple[str, int]] = []

    async def flow(word: str, number: int) -> None:
        given.append((word, number))

    engine = await launched(make, f=flow)
    assert await engine.start("f", "key", word="ä", number=7)
    await nothing_runs(engine)

    assert given == [("ä", 7)]


async def test_a_key_starts_once_however_many_try_at_once(make: Make) -> None:
    bench = Bench()
    engine = await launched(make, f=bench.flow)
    begun = await asyncio.gather(*(engine.start("f", "key", number=n) for n in range(20)))
    await until(lambda: bool(bench.begun))

    assert sum(begun) == 1
    bench.go.set()
    await nothing_runs(engine)
    assert not await engine.start("f", "key", number=99)
    assert len(bench.begun) == len(bench.ended) == 1


async def test_fifty_flows_run_at_the_same_time(make: Make) -> None:
    bench = Bench()
    engine = await launched(make, f=bench.flow)
    await asyncio.gather(*(engine.start("f", f"k{n}", number=n) for n in range(50)))
    await until(lambda: len(bench.begun) == 50)

    assert sorted(await engine.running()) == sorted(f"k{n}" for n in range(50))
    bench.go.set()
    await nothing_runs(engine)
    assert sorted(bench.ended) == list(range(50))


async def test_a_stopped_flow_cleans_up_and_never_ends(make: Make) -> None:
    bench = Bench()
    engine = await launched(make, f=bench.flow)
    await engine.start("f", "one", number=1)
    await engine.start("f", "two", number=2)
    await until(lambda: len(bench.begun) == 2)
    await asyncio.wait_for(engine.stop("one"), 60)

    assert bench.cleaned == [1]
    assert list(await engine.running()) == ["two"]
    bench.go.set()
    await nothing_runs(engine)
    assert bench.ended == [2]


async def test_a_flow_can_be_stopped_as_soon_as_start_returns(make: Make) -> None:
    bench = Bench()
    engine = await launched(make, f=bench.flow)
    await engine.start("f", "key", number=1)
    assert "key" in await engine.running()
    await engine.stop("key")
    bench.go.set()
    await nothing_runs(engine)

    assert bench.ended == []


async def test_stopping_what_does_not_run_here_has_no_effect(make: Make) -> None:
    bench = Bench()
    engine = await launched(make, f=bench.flow)
    await engine.stop("key")
    assert await engine.start("f", "key", number=1)
    bench.go.set()
    await nothing_runs(engine)
    await engine.stop("key")

    assert bench.ended == [1]


async def test_a_flow_that_raises_is_logged_and_the_others_go_on(make: Make, caplog: pytest.LogCaptureFixture) -> None:
    async def fail() -> None:
        raise RuntimeError("the reason")

    bench = Bench()
    engine = await launched(make, fail=fail, f=bench.flow)
    with caplog.at_level(logging.ERROR):
        await engine.start("fail", "bad")
        bench.go.set()
        await engine.start("f", "good", number=1)
        await nothing_runs(engine)

    assert bench.ended == [1]
    assert not await engine.start("fail", "bad")
    assert "'bad'" in caplog.text
    assert "the reason" in caplog.text


async def test_a_flow_starts_others_and_sees_nothing_of_its_caller(make: Make) -> None:
    mark = contextvars.ContextVar[str]("mark", default="clean")
    seen: list[str] = []
    answers: list[bool] = []

    async def child(number: int) -> None:
        seen.append(f"{number} {mark.get()}")

    async def parent() -> None:
        mark.set("parent")
        answers.extend(await asyncio.gather(*(engine.start("child", f"c{n % 3}", number=n % 3) for n in range(6))))

    engine = await launched(make, child=child, parent=parent)
    mark.set("caller")
    await engine.start("parent", "p")
    await until(lambda: len(answers) == 6 and len(seen) == 3)
    await nothing_runs(engine)

    assert sorted(seen) == ["0 clean", "1 clean", "2 clean"]
    assert sum(answers) == 3


async def test_a_flow_keeps_running_when_its_starter_is_cancelled(make: Make) -> None:
    bench = Bench()
    engine = await launched(make, f=bench.flow)
    starter = asyncio.create_task(engine.start("f", "key", number=1))
    await asyncio.sleep(0)
    starter.cancel()
    bench.go.set()
    await until(lambda: bench.ended == [1])


async def test_an_unknown_flow_is_refused_by_name(make: Make) -> None:
    engine = await launched(make)
    with pytest.raises(ValueError, match="'nope'"):
        await engine.start("nope", "key")


async def test_engines_come_and_go_in_one_process_and_threads_still_work(make: Make) -> None:
    for number in range(3):
        bench = Bench()
        bench.go.set()
        engine = await launched(make, f=bench.flow)
        assert await engine.start("f", f"key{number}", number=number)
        await until(lambda bench=bench: len(bench.ended) == 1)
        await engine.close()
        assert await asyncio.to_thread(lambda: "fine") == "fine"


async def test_closing_interrupts_and_the_next_launch_goes_on(kept_url: str) -> None:
    first, second = Bench(), Bench()
    one = DbosEngine(kept_url)
    one.register("f", first.flow)
    await one.launch()
    await one.start("f", "left", number=1)
    await one.start("f", "stopped", number=2)
    await until(lambda: len(first.begun) == 2)
    await one.stop("stopped")
    await one.close()
    assert sorted(first.cleaned) == [1, 2]

    two = DbosEngine(kept_url)
    two.register("f", second.flow)
    await two.launch()
    second.go.set()
    await until(lambda: second.ended == [1])
    assert second.begun == [1]
    await two.close()


@pytest.fixture
def hubs() -> Iterator[list[Hub]]:
    hubs: list[Hub] = []
    yield hubs
    for hub in hubs:
        hub.kill()


def begun(folder: Path, hub: Hub) -> set[str]:
    return {line.key for line in lines(folder, "begin") if line.process == hub.pid}


async def test_what_a_killed_hub_left_is_done_by_the_next(kept_url: str, tmp_path: Path, hubs: list[Hub]) -> None:
    keys = {"a", "b", "c"}
    hubs.append(Hub(kept_url, tmp_path, *keys))
    await until(lambda: begun(tmp_path, hubs[0]) == keys)
    await asyncio.to_thread(hubs[0].kill)
    hubs.append(Hub(kept_url, tmp_path))
    await until(lambda: begun(tmp_path, hubs[1]) == keys, within=60)
    (tmp_path / "go").touch()
    await until(lambda: len(lines(tmp_path, "end")) == 3)

    assert {line.key for line in lines(tmp_path, "end")} == keys


@pytest.mark.slow
async def test_a_living_hub_takes_over_from_a_dead_one_alone(
    postgres_url: str, tmp_path: Path, hubs: list[Hub]
) -> None:
    hubs.append(Hub(postgres_url, tmp_path, "a1", "a2"))
    await until(lambda: begun(tmp_path, hubs[0]) == {"a1", "a2"})
    hubs.extend([Hub(postgres_url, tmp_path, "b1", "b2"), Hub(postgres_url, tmp_path)])
    await until(lambda: begun(tmp_path, hubs[1]) == {"b1", "b2"} and len(lines(tmp_path, "ready")) == 3)
    await asyncio.to_thread(hubs[0].kill)
    await until(lambda: len([line for line in lines(tmp_path, "begin") if line.key.startswith("a")]) == 4, within=60)
    (tmp_path / "go").touch()
    await until(lambda: len(lines(tmp_path, "end")) == 4)

    assert sorted(line.key for line in lines(tmp_path, "begin")) == ["a1", "a1", "a2", "a2", "b1", "b2"]
    assert sorted(line.key for line in lines(tmp_path, "end")) == ["a1", "a2", "b1", "b2"]


async def test_two_hubs_that_start_one_key_start_it_once(postgres_url: str, tmp_path: Path, hubs: list[Hub]) -> None:
    keys = [f"k{n}" for n in range(10)]
    hubs.extend([Hub(postgres_url, tmp_path, *keys), Hub(postgres_url, tmp_path, *keys)])
    (tmp_path / "go").touch()
    await until(lambda: len(lines(tmp_path, "ready")) == 2 and len(lines(tmp_path, "end")) == 10)
    (tmp_path / "leave").touch()
    for hub in hubs:
        assert await asyncio.to_thread(hub.process.wait, 20) == 0

    assert sorted(line.key for line in lines(tmp_path, "begin")) == sorted(keys)


LOCKS = """
select pid from pg_locks join pg_stat_activity using (pid)
where locktype = 'advisory' and granted and application_name like 'threadwork %'
"""
CUT = "select count(pg_terminate_backend(pid)) from pg_stat_activity where application_name like 'threadwork %'"


@pytest.mark.parametrize("moved", [False, True])
async def test_a_hub_that_was_cut_off_gives_up_only_what_another_has_taken_over(postgres_url: str, moved: bool) -> None:
    bench = Bench()
    engine = DbosEngine(postgres_url)
    engine.register("f", bench.flow)
    await engine.launch()
    await asyncio.gather(engine.start("f", "one", number=1), engine.start("f", "two", number=2))
    await until(lambda: len(bench.begun) == 2)
    if moved:
        ask(postgres_url, "update {table} set executor_id = 'other' where workflow_uuid = 'one' returning 1")
    lost = ask(postgres_url, LOCKS)
    assert ask(postgres_url, CUT) == "1"
    await until(lambda: ask(postgres_url, LOCKS) not in ("", lost))
    if moved:
        await until(lambda: bench.cleaned == [1])

    assert sorted(await engine.running()) == (["two"] if moved else ["one", "two"])
    await engine.close()


async def test_a_second_hub_on_the_same_file_is_refused(tmp_path: Path, hubs: list[Hub]) -> None:
    url = f"sqlite://{tmp_path}/hub.db"
    hubs.append(Hub(url, tmp_path))
    await until(lambda: bool(lines(tmp_path, "ready")))
    with pytest.raises(LedgerBusy, match="Another hub"):
        await DbosEngine(url).launch()


async def test_a_server_that_cannot_be_reached_is_said_so() -> None:
    engine = DbosEngine("postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(LedgerFailed):
        await engine.launch()


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[[Path], None], tuple[Path]]:
        return Path.touch, (self.path,)


PLANT = """
insert into {table} (workflow_uuid, status, name, inputs, serialization, queue_name, application_version, priority,
                     created_at, updated_at)
values ('planted', 'ENQUEUED', 'f', '{inputs}', 'py_pickle', '_dbos_internal_queue', 'threadwork-1', 0, 1, 1)
"""


async def test_a_pickled_row_is_refused_and_not_executed(kept_url: str, tmp_path: Path) -> None:
    bench, sprung = Bench(), tmp_path / "sprung"
    inputs = base64.b64encode(pickle.dumps({"args": (Trap(sprung),), "kwargs": {}})).decode()
    one = DbosEngine(kept_url)
    one.register("f", bench.flow)
    await one.launch()
    await one.start("f", "good", number=1)
    bench.go.set()
    await nothing_runs(one)
    await asyncio.to_thread(ask, kept_url, PLANT, inputs)
    await until(lambda: ask(kept_url, "select status from {table} where workflow_uuid = 'planted'") == "ERROR")
    await one.close()

    assert not sprung.exists()
    pickle.loads(base64.b64decode(inputs))
    assert sprung.exists(), "the trap itself works"
    assert bench.begun == [1]


def test_naming_the_engine_and_the_ledger_loads_no_heavy_library() -> None:
    code = (
        "import sys, orchestrator.engine.dbos_engine, orchestrator.ledger.open_ledger;"
        "assert not {'dbos', 'sqlalchemy', 'psycopg'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


async def test_what_is_stored_is_json(kept_url: str) -> None:
    bench = Bench()
    bench.go.set()
    engine = DbosEngine(kept_url)
    engine.register("f", bench.flow)
    await engine.launch()
    await engine.start("f", "key", number=1)
    await nothing_runs(engine)
    await engine.close()

    assert ask(kept_url, "select serialization from {table} where workflow_uuid = 'key'") == "portable_json"
    assert ask(kept_url, "select application_version from {table} where workflow_uuid = 'key'") == "threadwork-1"


async def test_ended_flows_are_forgotten_after_their_days_and_unfinished_ones_never(kept_url: str) -> None:
    bench = Bench()
    engine = DbosEngine(kept_url)
    engine.register("f", bench.flow)
    engine.register("quick", ends_at_once)
    await engine.launch()
    await engine.start("quick", "ended")
    await nothing_runs(engine)
    await engine.start("f", "open", number=1)
    assert await engine.sweep(days=1) == 0
    await until(lambda: ask(kept_url, "select status from {table} where workflow_uuid = 'ended'") == "SUCCESS")
    assert await engine.sweep(days=-1) == 1

    assert ask(kept_url, "select workflow_uuid from {table}") == "open"
    await engine.close()


async def ends_at_once() -> None:
    """Ends at once."""


def ask(url: str, query: str, inputs: str = "") -> str:
    """The first field of the answer of the engine's own database."""
    if url.startswith("sqlite"):
        connection = sqlite3.connect(engine_file(url), timeout=10)
        with connection:
            cursor = connection.execute(query.format(table="workflow_status", inputs=inputs))
            row = cursor.fetchone() if cursor.description else None
        connection.close()
    else:
        with psycopg.connect(url) as server:
            answer = server.execute(query.format(table="dbos.workflow_status", inputs=inputs).encode())
            row = answer.fetchone() if answer.description else None
    return str(row[0]) if row else ""
