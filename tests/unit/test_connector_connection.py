"""A connection to a server that misbehaves: every fault is one sentence, and nothing else stops."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from agents.connectors.call_types import (
    Asked,
    ConnectorFailed,
    ExchangeHooks,
    FormAsked,
    ListChanged,
    PersonReply,
    ServerRequest,
)
from agents.connectors.connection import ConnectorConnection
from agents.connectors.connector_pool import ConnectorPool, OpenConnection
from agents.connectors.tool_list import ApprovedTools
from tests.connector_stand import hostile
from tests.small_hub import until

LOOK, DELETE = ServerRequest("tool", "look", {}), ServerRequest("tool", "delete", {"text": "all"})


class Watched:
    """What a server did during a call."""

    def __init__(self, reply: PersonReply | None = None) -> None:
        self.asked: list[Asked] = []
        self.progress: list[str] = []
        self.sent = 0
        self._reply = reply or PersonReply("decline")

    @property
    def hooks(self) -> ExchangeHooks:
        return ExchangeHooks(sending=self._sending, ask=self._ask, progress=self.progress.append)

    async def _sending(self) -> None:
        self.sent += 1

    async def _ask(self, asked: Asked) -> PersonReply:
        self.asked.append(asked)
        return self._reply


@asynccontextmanager
async def opened(behaviour: str, log: Path, *, seconds: float = 45) -> AsyncGenerator[ConnectorConnection]:
    connection = hostile(behaviour, log, seconds=seconds)
    living = asyncio.create_task(connection.live())
    try:
        yield connection
    finally:
        connection.close()
        await living


def did(log: Path) -> list[str]:
    return log.read_text().splitlines() if log.exists() else []


async def test_a_call_returns_the_answer_and_its_progress(tmp_path: Path) -> None:
    watched = Watched()
    async with opened("works", tmp_path / "log") as connection:
        offered = await connection.offered()
        answer = await connection.call(ServerRequest("tool", "look", {"text": "here"}), watched.hooks, seconds=30)
    assert [(tool.name, tool.hint) for tool in offered.tools] == [("look", True), ("delete", False)]
    assert answer.text == 'look: {"text": "here"}'
    assert watched.progress == ["50% sorting", "100% sorting"]


@pytest.mark.parametrize("behaviour", ["junk", "drips", "floods"])
async def test_junk_a_flood_and_a_slow_drip_only_delay_their_own_call(behaviour: str, tmp_path: Path) -> None:
    async with opened(behaviour, tmp_path / "log") as connection:
        answer = await connection.call(LOOK, Watched().hooks, seconds=60)
    assert not answer.failed


async def test_an_answer_of_20_mb_is_dropped_before_it_is_parsed(tmp_path: Path) -> None:
    async with opened("huge", tmp_path / "log") as connection:
        answer = await connection.call(LOOK, Watched().hooks, seconds=120)
        again = await connection.offered()
    assert answer.failed and answer.text == "the answer is larger than 1 MB"
    assert len(again.tools) == 2  # the connection goes on


@pytest.mark.parametrize(
    ("behaviour", "said"),
    [
        ("dies at connect", "it disconnected; no licence file"),
        ("hangs at connect", "it didn't answer within 2 seconds"),
        ("newer", "it requires a protocol version that this version of threadwork doesn't support; update one of"),
    ],
)
async def test_a_server_that_cannot_be_reached_is_one_sentence(behaviour: str, said: str, tmp_path: Path) -> None:
    async with opened(behaviour, tmp_path / "log", seconds=2 if "hangs" in behaviour else 45) as connection:
        with pytest.raises(ConnectorFailed, match=said) as failed:
            await connection.opened()
    assert not failed.value.sent


async def test_a_call_that_hangs_ends_with_its_timeout_and_the_server_is_told(tmp_path: Path) -> None:
    async with opened("hangs", tmp_path / "log") as connection:
        await connection.offered()
        with pytest.raises(ConnectorFailed, match="it didn't answer within 1 seconds") as failed:
            await connection.call(DELETE, Watched().hooks, seconds=1)
    assert failed.value.sent and failed.value.slow and connection.gone
    assert did(tmp_path / "log") == ["listed", "called delete", "hangs", "cancelled"]


async def test_a_cancelled_call_reaches_the_server(tmp_path: Path) -> None:
    async with opened("hangs", tmp_path / "log") as connection:
        await connection.offered()
        calling = asyncio.create_task(connection.call(DELETE, Watched().hooks, seconds=100))
        await until(lambda: "hangs" in did(tmp_path / "log"))
        calling.cancel()
        await asyncio.gather(calling, return_exceptions=True)
        await until(lambda: "cancelled" in did(tmp_path / "log"))


async def test_a_death_during_a_call_says_that_the_call_was_sent(tmp_path: Path) -> None:
    async with opened("dies", tmp_path / "log") as connection:
        with pytest.raises(ConnectorFailed, match="it disconnected; I have had enough") as failed:
            await connection.call(DELETE, Watched().hooks, seconds=60)
    assert failed.value.sent and not failed.value.slow and connection.gone


@pytest.mark.parametrize(
    ("reply", "heard"),
    [
        (PersonReply("accept", {"city": "Ulm", "many": 3}), '{"action": "accept", "content": {"city": "Ulm", "many":'),
        (PersonReply("decline"), '{"action": "decline"}'),
        (PersonReply("cancel"), '{"action": "cancel"}'),
    ],
)
async def test_a_question_of_the_server_gets_a_persons_answer(reply: PersonReply, heard: str, tmp_path: Path) -> None:
    watched = Watched(reply)
    async with opened("asks", tmp_path / "log") as connection:
        answer = await connection.call(LOOK, watched.hooks, seconds=60)
    assert answer.text == "thank you"
    (asked,) = watched.asked
    assert isinstance(asked, FormAsked)
    assert any(line.startswith(f"answered {heard}") for line in did(tmp_path / "log"))


async def test_the_timeout_of_a_call_does_not_run_while_a_person_is_asked(tmp_path: Path) -> None:
    watched, loop = Watched(), asyncio.get_running_loop()

    async def slow(asked: Asked) -> PersonReply:
        later = asyncio.Event()
        loop.call_later(1.5, later.set)
        await later.wait()
        return PersonReply("decline")

    hooks = ExchangeHooks(sending=watched.hooks.sending, ask=slow, progress=lambda words: None)
    async with opened("asks", tmp_path / "log") as connection:
        await connection.offered()
        answer = await connection.call(LOOK, hooks, seconds=1)
    assert answer.text == "thank you"


class Paused:
    """A clock that only moves when somebody waits."""

    def __init__(self) -> None:
        self.at, self.waits = 0.0, list[float]()

    def now(self) -> float:
        return self.at

    async def pause(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.at += seconds


def pool_of(behaviour: str, log: Path, clock: Paused) -> ConnectorPool:
    async def make() -> OpenConnection:
        return hostile(behaviour, log)

    return ConnectorPool(make, now=clock.now, pause=clock.pause)


async def test_a_server_that_keeps_dying_is_tried_again_with_back_off(tmp_path: Path) -> None:
    clock = Paused()
    pool = pool_of("dies at connect", tmp_path / "log", clock)
    for _ in range(4):
        with pytest.raises(ConnectorFailed, match="no licence file"):
            await pool.offered()
    with pytest.raises(ConnectorFailed, match="no licence file; the next try is in 8 seconds"):
        await pool.offered()
    assert clock.waits == [1, 2, 4]
    await pool.close()


async def test_a_server_that_died_comes_back_for_the_next_call(tmp_path: Path) -> None:
    clock = Paused()
    pool = pool_of("dies once", tmp_path / "log", clock)
    approved = ApprovedTools(list=await pool.offered())
    with pytest.raises(ConnectorFailed, match="I have had enough"):
        await pool.call(DELETE, Watched().hooks, approved, seconds=60)
    answer = await pool.call(DELETE, Watched().hooks, approved, seconds=60)
    assert answer.text == "delete is done" and clock.waits == [1]
    await pool.close()


async def test_a_changed_list_stops_every_call_before_it_is_sent(tmp_path: Path) -> None:
    watched = Watched()
    first = pool_of("changes", tmp_path / "log", Paused())
    approved = ApprovedTools(list=await first.offered())
    await first.close()
    second = pool_of("changes", tmp_path / "log", Paused())
    with pytest.raises(ListChanged) as changed:
        await second.call(DELETE, watched.hooks, approved, seconds=60)
    await second.close()
    assert [tool.name for tool in changed.value.offered.tools] == ["look", "steal"]
    assert watched.sent == 0 and did(tmp_path / "log") == ["listed", "listed"]
