"""A plan refuses to exist when it cannot run."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.plan import MOST_SUBTASKS, Plan, Subtask, check_agents, ranks
from orchestrator.errors import BadPlan


def row(name: str, *, after: tuple[str, ...] = (), fed_by: tuple[str, ...] = ()) -> Subtask:
    return Subtask(
        id=SubtaskId(name),
        title=name,
        instructions="x",
        agent="browser",
        after=tuple(map(SubtaskId, after)),
        fed_by=tuple(map(SubtaskId, fed_by)),
    )


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ((), "no steps"),
        ((row("a"), row("a")), "named 'a'"),
        ((row("a", after=("z",)),), "'z', which isn't in the plan"),
        ((row("a", after=("a",)),), "depends on itself"),
        ((row("a", after=("b",)), row("b", fed_by=("a",))), "a → b → a"),
        ((row("b"), row("a", after=("b",), fed_by=("b",))), "both in"),
        (tuple(row(f"s{i}") for i in range(MOST_SUBTASKS + 1)), "61 steps"),
    ],
)
def test_a_plan_that_cannot_run_says_why(rows: tuple[Subtask, ...], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Plan(title="t", subtasks=rows)


def test_an_agent_nobody_knows_is_named() -> None:
    with pytest.raises(BadPlan, match=r"'browser'\. Use one of: analyst"):
        check_agents(Plan(title="t", subtasks=(row("a"),)), ["analyst"])


@given(st.lists(st.sets(st.integers(0, 11)), min_size=1, max_size=12))
def test_edges_to_earlier_rows_only_never_make_a_cycle_and_ranks_grow_along_them(edges: list[set[int]]) -> None:
    rows = tuple(row(f"s{i}", after=tuple(f"s{j}" for j in sorted(e) if j < i)) for i, e in enumerate(edges))
    plan = Plan(title="t", subtasks=rows)
    place = ranks(plan)
    assert all(place[a] < place[s.id] for s in plan.subtasks for a in s.after)
