"""A plan: a DAG of subtasks, validated when it is created."""

from collections.abc import Collection, Iterable, Mapping
from typing import Self

from pydantic import Field, model_validator

from orchestrator.domain.base_value import Value
from orchestrator.domain.ids import SubtaskId
from orchestrator.errors import BadPlan

MOST_SUBTASKS = 60
MOST_TEXT = 48_000
"""Bytes of all texts of a plan together."""


class Subtask(Value):
    """One agent's piece of the work.

    `after`: subtasks whose finished output it needs. `fed_by`: subtasks whose findings stream into it while both run.
    `model` overrides the agent's model. `deliverables` are the file names it is expected to hand in. `skills`: names of
    skills to follow.
    """

    id: SubtaskId = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    title: str = Field(min_length=1, max_length=120)
    instructions: str = Field(min_length=1, max_length=8000)
    acceptance: tuple[str, ...] = ()
    agent: str
    model: str | None = None
    after: tuple[SubtaskId, ...] = ()
    fed_by: tuple[SubtaskId, ...] = ()
    deliverables: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    turns: int | None = Field(default=None, ge=1, le=200)
    """Model turns one attempt may take; None: as in the settings."""


class Plan(Value):
    """Subtasks in the order people read them."""

    title: str = Field(min_length=1, max_length=120)
    subtasks: tuple[Subtask, ...]

    @model_validator(mode="after")
    def _can_run(self) -> Self:
        if problem := first_problem(self.subtasks):
            raise ValueError(problem)
        return self

    def subtask(self, name: SubtaskId) -> Subtask | None:
        """Returns the subtask with that id, or None."""
        return next((s for s in self.subtasks if s.id == name), None)


def first_problem(subtasks: Iterable[Subtask]) -> str | None:
    """Returns why these subtasks aren't a valid plan, in one sentence, or None."""
    rows = tuple(subtasks)
    if not rows:
        return "The plan has no steps; add at least one."
    if len(rows) > MOST_SUBTASKS:
        return f"The plan has {len(rows)} steps; at most {MOST_SUBTASKS} are allowed, so merge some."
    if sum(len(s.model_dump_json().encode()) for s in rows) > MOST_TEXT:
        return f"The plan's text is longer than {MOST_TEXT // 1000} kB in total; shorten the instructions."
    names = [s.id for s in rows]
    if twice := next((n for n in names if names.count(n) > 1), None):
        return f"Two steps are named {twice!r}; rename one."
    for row in rows:
        for other in (*row.after, *row.fed_by):
            if other not in names:
                return f"Step {row.id!r} depends on {other!r}, which isn't in the plan."
            if other == row.id:
                return f"Step {row.id!r} depends on itself."
        if both := set(row.after) & set(row.fed_by):
            return f"Step {row.id!r} has {sorted(both)[0]!r} both in `after` and in `fed_by`; choose one."
    if cycle := _cycle({s.id: (*s.after, *s.fed_by) for s in rows}):
        return f"The plan has a cycle: {' → '.join(cycle)}; remove one of these dependencies."
    return None


def check_agents(plan: Plan, agents: Collection[str], *, begun: Collection[SubtaskId] = ()) -> None:
    """Raises BadPlan if a subtask names an agent that isn't on the roster. `begun`: those whose agent stays, even if
    it was removed since."""
    for row in plan.subtasks:
        if row.agent not in agents and row.id not in begun:
            raise BadPlan(
                f"Step {row.id!r} names an unknown agent {row.agent!r}. Use one of: {', '.join(sorted(agents))}."
            )


def ranks(plan: Plan) -> Mapping[SubtaskId, int]:
    """Returns the longest path from a root to each subtask, over both kinds of edges: the column to draw it in."""
    needs = {s.id: (*s.after, *s.fed_by) for s in plan.subtasks}
    rank: dict[SubtaskId, int] = {}

    def of(name: SubtaskId) -> int:
        if name not in rank:
            rank[name] = 1 + max((of(n) for n in needs[name]), default=-1)
        return rank[name]

    return {name: of(name) for name in needs}


def _cycle(needs: Mapping[SubtaskId, tuple[SubtaskId, ...]]) -> list[SubtaskId] | None:
    done: set[SubtaskId] = set()

    def visit(name: SubtaskId, path: list[SubtaskId]) -> list[SubtaskId] | None:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return None
        for other in needs[name]:
            if found := visit(other, [*path, name]):
                return found
        done.add(name)
        return None

    return next((found for name in needs if (found := visit(name, []))), None)
