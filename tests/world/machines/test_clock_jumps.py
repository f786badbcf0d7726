"""The machine's clock is set while work waits or runs: nobody waits for hours, and nothing happens in the past."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from orchestrator.clock import SystemClock
from orchestrator.domain.approvals_and_questions import Waits
from orchestrator.domain.events import Noted
from orchestrator.domain.ids import Key, Stream, SubtaskId, TaskId
from orchestrator.domain.next_moves import waits_over
from orchestrator.domain.plan import Subtask
from orchestrator.domain.task import TaskState
from orchestrator.ledger.sqlite import SqliteLedger
from tests.world.machines.troubles import trouble

HOUR = 3600.0
TASK = TaskId("t")


class Machine:
    """A wall clock that people can set, and a steady one that they can't."""

    def __init__(self) -> None:
        self.wall, self.steady = datetime(2026, 11, 30, 12, tzinfo=UTC).timestamp(), 500.0

    def clock(self) -> SystemClock:
        return SystemClock(lambda: self.wall, lambda: self.steady)

    def passes(self, seconds: float) -> None:
        self.wall += seconds
        self.steady += seconds


@trouble("the clock is set")
def test_time_never_goes_back_and_the_difference_is_made_up_at_half_speed() -> None:
    machine = Machine()
    clock = machine.clock()
    before = clock.now()
    machine.wall -= HOUR
    assert clock.now() == before
    machine.passes(60)
    assert clock.now() == before + timedelta(seconds=30)
    machine.passes(2 * HOUR)
    assert clock.now().timestamp() == machine.wall
    machine.passes(60)
    assert clock.now().timestamp() == machine.wall


@trouble("the clock is set")
def test_a_clock_that_is_set_forward_or_a_machine_that_slept_is_believed_at_once() -> None:
    machine = Machine()
    clock = machine.clock()
    machine.wall += 5 * HOUR
    assert clock.now().timestamp() == machine.wall


@trouble("the clock is set")
def test_a_wait_of_a_minute_ends_within_two_though_the_clock_went_back_by_hours() -> None:
    machine = Machine()
    clock = machine.clock()
    step = Subtask(id=SubtaskId("b"), title="B", instructions="b", agent="analyst", fed_by=(SubtaskId("a"),))
    waits = Waits(findings_after=0, enough=1, until=clock.now() + timedelta(minutes=1))
    machine.wall -= 3 * HOUR
    machine.passes(90)
    assert not waits_over(TaskState(TASK), step, waits, clock.now())
    machine.passes(31)
    assert waits_over(TaskState(TASK), step, waits, clock.now())


@trouble("the clock is set")
async def test_facts_stay_in_the_order_of_their_times(tmp_path: Path) -> None:
    machine = Machine()
    ledger = await SqliteLedger.open(tmp_path / "x.db", machine.clock())
    try:
        records: list[datetime] = []
        for number in range(3):
            records.append((await ledger.record(Stream("t"), Key(f"{number}"), Noted(text="n"))).at)
            machine.wall -= HOUR
            machine.passes(10)
    finally:
        await ledger.close()
    assert records == sorted(records)
