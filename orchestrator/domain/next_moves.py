"""Decides what may happen next. Pure: the conductor only does what these functions say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from orchestrator.domain.approvals_and_questions import Waits
from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.plan import Subtask
from orchestrator.domain.task import SubtaskState, TaskState

MOST_ATTEMPTS = 3
"""Attempts the conductor makes on its own; after these a person decides."""

SAVING = ("drafting", "approved", "restoring", "exporting", "reviving")
"""A skill with such a status waits for us."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Ask the planner, for the given round."""

    round: int


@dataclass(frozen=True, slots=True)
class Begin:
    """Start a leg of a subtask."""

    subtask: SubtaskId
    attempt: int
    leg: int


@dataclass(frozen=True, slots=True)
class Close:
    """Everything in the plan has ended."""

    words: str


@dataclass(frozen=True, slots=True)
class Save:
    """Draft, file, or roll back a skill; `seq`: the fact that asks for it."""

    saving: int
    seq: int


@dataclass(frozen=True, slots=True)
class Try:
    """Open the task that tries a drafted skill."""

    saving: int
    number: int


@dataclass(frozen=True, slots=True)
class ReportTrial:
    """Record in the original task what this trial made."""

    round: int


@dataclass(frozen=True, slots=True)
class Rate:
    """Record how the skills did that the task used."""

    round: int


Move = Draft | Begin | Close | Save | Try | ReportTrial | Rate


def ready(state: TaskState, now: datetime) -> Sequence[Move]:
    """Returns every move that may be made now. Making one twice must change nothing: they are keyed by what they
    name."""
    rate = [Rate(state.rounds)] if state.phase == "done" and any(s.skills for s in state.subtasks.values()) else []
    saves = [Save(n, it.seq) for n, it in state.saved.items() if it.status in SAVING]
    tries = [Try(n, len(it.trials)) for n, it in state.saved.items() if it.trying]
    report = [ReportTrial(state.rounds)] if state.trial and state.final else []
    return [*_work(state, now), *saves, *tries, *report, *rate]


def _work(state: TaskState, now: datetime) -> Sequence[Move]:
    if state.phase == "planning" and not _asks_first(state):
        return [Draft(state.rounds)]
    if state.phase != "running" or state.plan is None:
        return []
    if all(state.of(s.id).status in ("done", "skipped") for s in state.plan.subtasks):
        return [Close(_closing_words(state))]
    begun: set[SubtaskId] = set()
    moves: list[Move] = []
    for subtask in state.plan.subtasks:
        old = state.of(subtask.id)
        if may_begin(state, subtask, old, now, begun):
            begun.add(subtask.id)
            moves.append(Begin(subtask.id, old.attempt, old.leg + 1))
    # feeders may come after their consumers in the plan: check those that only waited for a feeder again
    for subtask in state.plan.subtasks:
        old = state.of(subtask.id)
        if subtask.id not in begun and may_begin(state, subtask, old, now, begun):
            begun.add(subtask.id)
            moves.append(Begin(subtask.id, old.attempt, old.leg + 1))
    return moves


def may_begin(
    state: TaskState, subtask: Subtask, old: SubtaskState, now: datetime, begun: set[SubtaskId] | frozenset[SubtaskId]
) -> bool:
    """Returns whether a new leg of this subtask may start. `begun`: subtasks that start at the same moment."""
    match old.status:
        case "planned" | "retrying":
            return not blockers(state, subtask, begun)
        case "parked":
            return old.waits is not None and waits_over(state, subtask, old.waits, now)
        case "revising":
            return True
        case _:
            return False


def blockers(state: TaskState, subtask: Subtask, begun: set[SubtaskId] | frozenset[SubtaskId]) -> list[SubtaskId]:
    """Returns the subtasks this one still waits for before its first leg."""
    unfinished = [n for n in subtask.after if state.of(n).status not in ("done", "skipped")]
    silent = [n for n in subtask.fed_by if state.of(n).status == "planned" and n not in begun]
    return [*unfinished, *silent]


def waits_over(state: TaskState, subtask: Subtask, waits: Waits, now: datetime) -> bool:
    """Returns whether a parked subtask may continue."""
    if waits.paused:
        return state.phase != "paused"
    if waits.approvals or waits.questions:
        decided = all((row := state.approvals.get(a)) and row.decision for a in waits.approvals)
        return decided and all((row := state.questions.get(q)) and row.answers is not None for q in waits.questions)
    if waits.findings_after is None:
        return True
    feeders = set(subtask.fed_by)
    fresh = sum(1 for s in state.board if s.seq > waits.findings_after and s.finding.by in feeders)
    spoken = any(
        line.seq > waits.findings_after and line.by is not None and line.subtask in (None, subtask.id)
        for line in state.lines
    )
    late = waits.until is not None and now >= waits.until
    return fresh >= waits.enough or feeders_ended(state, subtask) or spoken or late


def feeders_ended(state: TaskState, subtask: Subtask) -> bool:
    """Returns whether no more findings can come from its feeders."""
    return all(state.of(f).ended_at is not None for f in subtask.fed_by)


def deadlines(state: TaskState) -> list[datetime]:
    """Returns when parked subtasks have to be checked again even if nothing happens."""
    return [s.waits.until for s in state.subtasks.values() if s.status == "parked" and s.waits and s.waits.until]


def _asks_first(state: TaskState) -> bool:
    return any(q.question.subtask is None and q.answers is None for q in state.questions.values())


def _closing_words(state: TaskState) -> str:
    files = [r.file.name for r in state.deliverables.values() if r.verdict in ("approved", "replaced")]
    skipped = sum(1 for s in state.subtasks.values() if s.status == "skipped")
    made = f"{len(files)} file{'s' if len(files) != 1 else ''}: {', '.join(files)}" if files else "no files"
    return f"Done, {made}.{f' {skipped} subtask(s) were skipped.' if skipped else ''}"
