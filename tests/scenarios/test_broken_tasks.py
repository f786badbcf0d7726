"""What a start reads, and what it does with a task whose facts cannot be read."""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import pytest

from bot.cards.card_projection import project
from orchestrator.clock import MovedClock
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Decision
from orchestrator.domain.ids import ApprovalId, Key, Stream, TaskId
from orchestrator.domain.task import TaskState
from orchestrator.errors import Refused
from orchestrator.flows import conductor
from orchestrator.flows.conductor import Conductor
from orchestrator.ledger.memory import MemoryLedger
from orchestrator.ledger.open_ledger import open_ledger
from orchestrator.task_event_logs import Logs
from tests.memory_hub import NOON, ScriptedModel, say, stage
from tests.unit.task_facts import ADA, opened


class Counted(MemoryLedger):
    """Remembers which streams were read."""

    def __init__(self) -> None:
        super().__init__(MovedClock(NOON))
        self.reads: set[str] = set()

    async def read(self, stream: Stream, *, after: int = 0) -> Sequence[e.Record]:
        self.reads.add(stream)
        return await super().read(stream, after=after)


class Idle:
    """An engine that only notes what was started."""

    def __init__(self) -> None:
        self.started: list[str] = []

    async def start(self, flow: str, key: str, **arguments: str | int) -> bool:
        self.started.append(key)
        return True

    async def stop(self, key: str) -> None: ...
    async def running(self) -> Sequence[str]:
        return ()

    async def launch(self) -> None: ...
    async def close(self) -> None: ...


async def begun(ledger: MemoryLedger, engine: Idle, *, keys: set[str]) -> None:
    """A conductor starts on what is there, and works until it has started all of `keys`."""
    running = asyncio.create_task(Conductor(Logs(ledger), engine, MovedClock(NOON)).run())
    async with asyncio.timeout(60):
        while not keys <= set(engine.started) and not running.done():  # noqa: ASYNC110  (a fact from outside)
            await asyncio.sleep(0)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_a_start_reads_the_facts_of_unfinished_tasks_alone() -> None:
    ledger, engine = Counted(), Idle()
    for name in ("old-1", "old-2", "new"):
        await ledger.record(Stream(name), Key("opened"), opened())
        if name != "new":
            await ledger.record(Stream(name), Key("closed:1"), e.TaskClosed(outcome="done", words="Done."))
    await ledger.mark("conductor", await ledger.position())

    await begun(ledger, engine, keys={"new/plan:1"})

    assert engine.started == ["new/plan:1"]
    assert ledger.reads == {"new"}


async def test_a_task_whose_fold_raises_is_set_aside_and_the_others_go_on() -> None:
    ledger, engine = Counted(), Idle()
    await ledger.record(Stream("bad"), Key("opened"), opened())
    unheard = e.ApprovalDecided(approval=ApprovalId("never asked"), decision=Decision(verb="approve"), by=ADA)
    await ledger.record(Stream("bad"), Key("decided"), unheard)
    await ledger.record(Stream("bad"), Key("said"), e.PersonSaid(by=ADA, text="Hello?"))
    await ledger.record(Stream("good"), Key("opened"), opened())

    await begun(ledger, engine, keys={"good/plan:1"})

    assert engine.started == ["good/plan:1"]
    bad = (await Logs(ledger).open(TaskId("bad"))).state
    assert bad.set_aside and bad.final and bad.seq == 3
    card = project(bad)
    assert card.state == "stopped" and "record 2 (approval-decided)" in card.headline
    assert any("Other tasks aren't affected" in post.text for post in card.posts)


async def test_a_task_whose_moves_cannot_be_worked_out_says_so_and_the_others_go_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def ready(state: TaskState, now: object) -> Sequence[conductor.Move]:
        if state.id == "bad":
            raise RuntimeError("a bug")
        return [conductor.Draft(1)]

    monkeypatch.setattr(conductor, "ready", ready)
    ledger, engine = Counted(), Idle()
    for name in ("bad", "good"):
        await ledger.record(Stream(name), Key("opened"), opened())

    await begun(ledger, engine, keys={"good/plan:1"})

    (line,) = (await Logs(ledger).open(TaskId("bad"))).state.lines
    assert line.level == "error" and "a bug" in line.text


async def test_a_damaged_row_of_the_database_sets_its_task_aside(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path}/l.db"
    ledger = await open_ledger(url, MovedClock(NOON))
    for name in ("bad", "worse"):
        await ledger.record(Stream(name), Key("opened"), opened())
        await ledger.record(Stream(name), Key("said"), e.PersonSaid(by=ADA, text="Hello?"))
    await ledger.close()
    with sqlite3.connect(tmp_path / "l.db") as file:
        file.execute("""update ledger set event = '{"type":"from-the-future"}' where stream = 'bad' and seq = 2""")
        file.execute("update ledger set event = 'x' where stream = 'worse' and seq = 1")
    file.close()

    model = ScriptedModel({"plan": [say(answer={"text": "Nothing to do here."})]})
    async with stage(tmp_path, model, url=url) as on:
        good = await on.ask("What is new?")
        await on.until(good, lambda s: s.phase == "answered")
        bad = await on.desk.state(TaskId("bad"))
        assert "record 2" in bad.set_aside
        with pytest.raises(Refused, match="stopped"):
            await on.desk.submit(_say(TaskId("bad")))
        shown = {state.id for state in await on.desk.states()}
        assert shown == {good, "bad"}


def _say(task: TaskId) -> c.Say:
    return c.Say(id="s1", by=ADA, task=task, text="Go on")
