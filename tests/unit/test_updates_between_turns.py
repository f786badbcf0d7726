"""What an agent is told between its turns."""

from agents.conversation.updates_between_turns import news
from orchestrator.domain import events as e
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import FindingId, Key, Stream, SubtaskId
from orchestrator.domain.plan import Plan, Subtask
from tests.unit.task_facts import READ, SHEET, START, TASK, a_plan


def told(subtask: SubtaskId, *findings: tuple[str, str | None], plan: Plan | None = None) -> str:
    plan = plan or a_plan()
    made = [
        Finding(
            id=FindingId(i), by=SubtaskId(i.split(".")[0]), kind="price", value=1, supersedes=old and FindingId(old)
        )
        for i, old in findings
    ]
    records = [
        e.Record(Stream(TASK), n, Key(f"k{n}"), START, e.FindingShared(finding=f)) for n, f in enumerate(made, 1)
    ]
    row = plan.subtask(subtask)
    assert isinstance(row, Subtask)
    return news(records, row, plan, offered={})


def test_a_correction_names_what_it_replaces_and_how_to_find_its_uses() -> None:
    words = told(SHEET, ("read.2", "read.1"))
    assert "[read.2] price = 1 (by read; no source; replaces read.1)" in words
    assert "read.2 corrects read.1: uses_of_findings ['read.1'] lists the cells and paragraphs" in words


def test_a_correction_of_something_never_told_asks_for_no_revision() -> None:
    words = told(SHEET, ("read.1", None), ("read.2", "read.1"))
    assert "uses_of_findings" not in words


def test_a_correction_by_somebody_else_reaches_those_who_were_fed_the_old_finding() -> None:
    assert "sum.1 corrects read.1" in told(SHEET, ("sum.1", "read.1"))
    assert told(SHEET, ("sum.1", None)) == ""
    assert told(READ, ("sum.1", "sum.0")) == ""
