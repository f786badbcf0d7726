"""What an attempt may use up: turns, and the task's money. At the money's limit people are asked. Pure."""

from orchestrator.domain.approvals import Ask, Question
from orchestrator.domain.ids import QuestionId, SubtaskId, digest
from orchestrator.domain.task import Answered, TaskState
from orchestrator.errors import OutOfBudget

FIELD = "more"
NO = "No, do not spend more"


def check_turns(turn: int, most: int) -> None:
    """Raises OutOfBudget for a turn too many."""
    if turn > most:
        raise OutOfBudget(
            f"No result after {most} model turns, so it was stopped. Press Retry to go on from the files that are "
            "there, or raise limits.turns."
        )


def money_question(state: TaskState, most: float, subtask: SubtaskId) -> Question | None:
    """What people have to answer before more is spent; None while the task is within its limit.

    The limit is asked about once for all subtasks; each yes adds `most`. Raises OutOfBudget after a no.
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
                f"This task has cost ${state.cost:.2f}, and {who} said that it may not cost more. "
                "Skip this step, or raise limits.task_cost, start again and press Retry."
            )
        limit += most
    return None


def _question(name: QuestionId, subtask: SubtaskId, spent: float, limit: float, most: float) -> Question:
    return Question(
        id=name,
        subtask=subtask,
        text=f"This task has cost ${spent:.2f}; its limit is ${limit:.2f} (limits.task_cost). May it go on?",
        fields=(Ask(name=FIELD, label="More money", options=(f"Yes, up to ${limit + most:.2f}", NO)),),
    )


def _agreed(row: Answered) -> bool:
    return row.answers is not None and row.answers.get(FIELD) != NO
