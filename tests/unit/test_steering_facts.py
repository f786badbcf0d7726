"""What agents say wakes nobody who only waits for a step to be stopped, skipped or retried."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from orchestrator.clock import SystemClock
from orchestrator.domain import events as e
from orchestrator.domain.fold import apply
from orchestrator.domain.ids import Key, Stream
from orchestrator.domain.task import TaskState
from orchestrator.ledger.memory import MemoryLedger
from orchestrator.task_event_logs import TALK, Logs
from tests.unit.task_facts import ADA, EVENTS, RUNNING, START, TASK, called, finding, replayed


def wanted(state: TaskState) -> tuple[object, ...]:
    """All that tells whether a leg is still wanted."""
    steps = {name: (s.attempt, s.leg, s.status in ("skipped", "retrying")) for name, s in state.subtasks.items()}
    rows = state.plan.subtasks if state.plan else ()
    told = {name: step for name, step in steps.items() if step != (1, 0, False)}
    return state.final, tuple(row.id for row in rows), told


@given(st.lists(EVENTS, max_size=12))
def test_what_agents_say_never_decides_whether_a_step_is_wanted(events: list[e.Event]) -> None:
    state = replayed(*RUNNING)
    for event in events:
        record = e.Record(Stream(TASK), state.seq + 1, Key(f"k{state.seq}"), START, event)
        before, state = state, apply(state, record)
        if isinstance(event, TALK) and not state.set_aside:
            assert wanted(state) == wanted(before)


async def test_only_facts_that_steer_wake_a_waiting_step() -> None:
    log = await Logs(MemoryLedger(SystemClock())).open(TASK)
    for number, event in enumerate(RUNNING, 1):
        await log.record(Key(f"k{number}"), event)
    waiting = asyncio.create_task(log.steered(after=log.state.seq))
    await log.record(Key("turn"), called("browser_open"))
    await log.record(Key("finding"), finding())
    assert not waiting.done()
    await log.record(Key("stop"), e.TaskStopped(by=ADA))
    await asyncio.wait_for(waiting, 5)
