"""The entry of a task, made fact by fact, says what the fold says."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orchestrator.domain import events as e
from orchestrator.domain.fold import apply
from orchestrator.domain.fold_task_list import next_entry
from orchestrator.domain.ids import Key, Stream
from orchestrator.domain.task import TaskState
from orchestrator.domain.task_list import TaskEntry
from tests.recorded_tasks import TALES, Tale, prefixes
from tests.unit.task_facts import EVENTS, START, TASK, approval, offered, opened, question


def agrees(entry: TaskEntry | None, state: TaskState) -> bool:
    assert entry is not None
    assert state.request is not None
    undecided = {
        *(("approval", name) for name, row in state.approvals.items() if row.decision is None),
        *(("question", name) for name, row in state.questions.items() if row.answers is None),
        *(("file", name) for name, row in state.deliverables.items() if row.verdict in ("waiting", "changes")),
    }
    assert {(ask.kind, ask.id) for ask in entry.undecided} == undecided
    assert (entry.phase, entry.started, entry.unfinished) == (state.phase, state.started, not state.final)
    assert (entry.task, entry.by, entry.place) == (state.id, state.request.by.id, state.request.place)
    assert entry.opened == state.opened
    return True


@pytest.mark.parametrize("tale", TALES, ids=lambda tale: tale.__name__)
async def test_for_every_prefix_of_a_recorded_task_the_entry_agrees_with_the_fold(tale: Tale, tmp_path: Path) -> None:
    records = await tale(tmp_path)
    entry = None
    for number, state in prefixes(records):
        entry = next_entry(entry, number, records[number - 1])
        assert agrees(entry, state)
        assert entry is not None and entry.cost == pytest.approx(state.cost)


@given(st.lists(EVENTS, max_size=30))
def test_whatever_happens_the_entry_agrees_with_the_fold(events: list[e.Event]) -> None:
    state, entry = TaskState(TASK), None
    known = [opened(), approval("A"), approval("B"), question("Q"), question("P", None), offered("D"), offered("E", 2)]
    for number, event in enumerate([*known, *(event for event in events if event.type != "task-opened")], 1):
        record = e.Record(Stream(TASK), number, Key(f"k{number}"), START, event)
        state, entry = apply(state, record), next_entry(entry, number, record)
        assert agrees(entry, state)


def test_facts_that_come_before_the_opening_make_no_entry() -> None:
    record = e.Record(Stream("room/web"), 1, Key("a"), START, e.TaskClosed(outcome="done", words=""))

    assert next_entry(None, 1, record) is None


def test_a_fact_that_changes_nothing_leaves_the_entry_alone() -> None:
    entry = next_entry(None, 1, e.Record(Stream(TASK), 1, Key("a"), START, opened()))
    later = e.Record(Stream(TASK), 2, Key("b"), START, e.PersonSaid(by=opened().request.by, text="go on"))

    assert next_entry(entry, 7, later) is entry
