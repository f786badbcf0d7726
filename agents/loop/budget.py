"""Limits an attempt's turns and what the task and its steps spend; asks people when a limit is reached. Pure.

Money limits models whose price is known, tokens the others; a task with both has both limits.
"""

from collections.abc import Callable
from typing import NamedTuple

from orchestrator.domain.approvals_and_questions import Ask, Question
from orchestrator.domain.ids import QuestionId, SubtaskId, digest
from orchestrator.domain.task import Answered, TaskState
from orchestrator.errors import OutOfBudget

FIELD = "more"
NO = "No, don't spend more"


class SpendingLimits(NamedTuple):
    """What may be spent before people are asked; None: anything. `cost`: US dollars. `tokens`: of models without a
    known price. `agent`: whose own limits these are, for each of its steps; empty: limits of the task."""

    cost: float | None = None
    tokens: int | None = None
    agent: str = ""


NO_LIMITS = SpendingLimits()


class _Meter(NamedTuple):
    """One thing that is spent, and its limit. `so_far`: the sentence that says what was spent, without its end.

    `how`: how the limit is raised.
    """

    kind: str
    spent: float
    most: float
    setting: str
    how: str
    so_far: str
    amount: Callable[[float], str]


def check_turns(turn: int, most: int) -> None:
    """Raises OutOfBudget when the turn limit is exceeded."""
    if turn > most:
        raise OutOfBudget(
            f"Stopped after {most} model turns without a result. Press Retry to continue with the existing files, or "
            f"raise limits.turns."
        )


def spending_question(state: TaskState, limits: SpendingLimits, subtask: SubtaskId) -> Question | None:
    """Returns what people have to answer before more is spent; None while the task, or the step, is within its limits.

    Asks about the task once for all subtasks; each yes adds the limit once more. Raises OutOfBudget after a no.
    """
    return next((asked for meter in _meters(state, limits, subtask) if (asked := _asked(state, meter, subtask))), None)


def _meters(state: TaskState, limits: SpendingLimits, subtask: SubtaskId) -> list[_Meter]:
    step = state.of(subtask) if limits.agent else None
    cost, used = (step.cost, step.used.unpriced) if step else (state.cost, state.used.unpriced)
    what, mark = ("This step", f"/{subtask}") if step else ("This task", "")
    settings = (
        (f"limits.{{}} of the agent {limits.agent!r}", "") if step else ("limits.task_{}", "restart threadwork, ")
    )
    found: list[_Meter] = []
    for kind, spent, most, so_far, amount in (
        ("cost", cost, limits.cost, f"{what} has cost {_dollars(cost)}", _dollars),
        ("tokens", used, limits.tokens, f"{what} has used {_tokens(used)} on models without a known price", _tokens),
    ):
        if most is not None:
            setting = settings[0].format(kind)
            found.append(_Meter(kind + mark, spent, most, setting, settings[1], so_far, amount))
    return found


def _asked(state: TaskState, meter: _Meter, subtask: SubtaskId) -> Question | None:
    limit = meter.most
    while meter.spent >= limit:
        name = QuestionId(digest(state.id, meter.kind, f"{limit:.6f}"))
        row = state.questions.get(name)
        if row is None:
            return _question(name, subtask, meter, limit)
        if row.answers is None:
            return row.question
        if not _agreed(row):
            who = row.by.name if row.by else "a person"
            raise OutOfBudget(
                f"{meter.so_far}, and {who} declined to spend more. Skip this step, or raise "
                f"{meter.setting}, {meter.how}and press Retry."
            )
        limit += meter.most
    return None


def _question(name: QuestionId, subtask: SubtaskId, meter: _Meter, limit: float) -> Question:
    text = f"{meter.so_far}; its limit is {meter.amount(limit)} ({meter.setting}). Continue?"
    yes = f"Yes, up to {meter.amount(limit + meter.most)}"
    return Question(
        id=name, subtask=subtask, text=text, fields=(Ask(name=FIELD, label="Spend more", options=(yes, NO)),)
    )


def _dollars(amount: float) -> str:
    return f"${amount:.2f}"


def _tokens(amount: float) -> str:
    return f"{amount:,.0f} tokens"


def _agreed(row: Answered) -> bool:
    return row.answers is not None and row.answers.get(FIELD) != NO
