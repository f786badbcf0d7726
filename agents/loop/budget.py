"""Limits an attempt's turns and the task's cost; asks people when the cost limit is reached. Pure."""

from orchestrator.domain.approvals import Ask, Question
from orchestrator.domain.ids import QuestionId, SubtaskId, digest
from orchestrator.domain.task import Answered, TaskState
from orchestrator.errors import OutOfBudget

FIELD = "more"
NO = "No, don't spend more"


def check_turns(turn: int, most: int) -> None:
    """Raises OutOfBudget when the turn limit is exceeded."""
    if turn > most:
        raise OutOfBudget(
            f"Stopped after {most} model turns without a result. Press Retry to continue with the existing files, or "
            f"raise limits.turns."
        )


def money_question(state: TaskState, most: float, subtask: SubtaskId) -> Question | None:
    """Returns what people have to answer before more is spent; None while the task is within its limit.

    Asks once for all subtasks; each yes adds `most`. Raises OutOfBudget after a no.
    """
    limit = most
    while state.cost >= limit:
        name = QuestionId(digest(state.id, "cost", f"{limit:.6f}"))
        row = state.questions.get(name)
        if row is None:
            return _question(name, subtask, state.cost, limit, most)
        if row.answers is None:
            return row.question
        if not _agreed(row):
            who = row.by.name if row.by else "a person"
            raise OutOfBudget(
                f"This task has cost ${state.cost:.2f}, and {who} declined to spend more. Skip this step, or raise "
                f"limits.task_cost, restart threadwork and press Retry."
            )
        limit += most
    return None


def _question(name: QuestionId, subtask: SubtaskId, spent: float, limit: float, most: float) -> Question:
    return Question(
        id=name,
        subtask=subtask,
        text=f"This task has cost ${spent:.2f}; its limit is ${limit:.2f} (limits.task_cost). Continue?",
        fields=(Ask(name=FIELD, label="Spend more", options=(f"Yes, up to ${limit + most:.2f}", NO)),),
    )


def _agreed(row: Answered) -> bool:
    return row.answers is not None and row.answers.get(FIELD) != NO
