"""What waits, since when, and when a working day has passed."""

from datetime import UTC, datetime

import pytest

from bot.outbox.pending_decisions import first_of_each, open_waits, reminder_at
from orchestrator.domain import events as e
from orchestrator.domain.ids import QuestionId
from tests.unit.task_facts import ADA, RUNNING, a_plan, approval, offered, opened, question, replayed


@pytest.mark.parametrize(
    ("since", "due"),
    [
        ((2026, 11, 23, 10), (2026, 11, 24, 10)),
        ((2026, 11, 27, 16), (2026, 11, 30, 16)),
        ((2026, 11, 28, 9), (2026, 12, 1, 9)),
        ((2026, 11, 29, 9), (2026, 12, 1, 9)),
    ],
)  # fmt: skip
def test_a_working_day_leaves_out_the_weekend(since: tuple[int, ...], due: tuple[int, ...]) -> None:
    at = datetime(since[0], since[1], since[2], since[3], tzinfo=UTC)
    assert reminder_at(at) == datetime(due[0], due[1], due[2], due[3], tzinfo=UTC)


def test_only_the_first_of_what_waits_together_mentions_anyone() -> None:
    answered = e.QuestionAnswered(question=QuestionId("Q"), answers={"a": "x"}, by=ADA)
    assert first_of_each(replayed(*RUNNING, question(), approval())) == {"Q"}
    assert first_of_each(replayed(*RUNNING, question(), approval(), answered, question("Q2"))) == {"Q"}
    assert first_of_each(replayed(*RUNNING, question(), answered, approval())) == {"Q", "A"}


def test_a_plan_a_question_and_a_file_wait() -> None:
    review = replayed(opened(), e.PlanDrafted(plan=a_plan(), version=1))
    assert [wait.id for wait in open_waits(review)] == ["plan/1"]
    assert [wait.id for wait in open_waits(replayed(*RUNNING, question(), offered()))] == ["Q", "D"]
    assert open_waits(replayed(*RUNNING, question(), e.TaskStopped(by=ADA))) == ()
