"""The lists on the left of the workspace: what waits for whom, wherever it was asked."""

from dataclasses import replace

from bot.web import summaries
from bot.web.view_models import Rail, Summary
from bot.web.workspace_state import WorkspaceRoom
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import Person
from orchestrator.domain.saved_skill import SavedSkill
from orchestrator.domain.skills import skill_text
from orchestrator.domain.task import TaskState

ADA = Person.model_validate({"id": "web:ada", "name": "Ada"})


def a_task(name: str, by: str, *, platform: str = "web", needs: bool = False) -> Summary:
    return Summary(
        task=name, title=name, state="needs-you" if needs else "running", headline="", platform=platform,
        channel="general", by=by, by_id=by, needs=needs, done=0, steps=1,
    )  # fmt: skip


def rail(*tasks: Summary) -> Rail:
    return summaries.rail(WorkspaceRoom(), tasks, ADA)


def names(tasks: tuple[Summary, ...]) -> list[str]:
    return [t.task for t in tasks]


def test_what_needs_me_waits_for_me_and_the_rest_of_mine_is_below() -> None:
    shown = rail(a_task("a", "web:ada", needs=True), a_task("b", "web:ada"), a_task("c", "web:bob", needs=True))
    assert (names(shown.waiting), names(shown.mine), names(shown.elsewhere)) == (["a"], ["b"], [])


def test_a_task_from_my_terminal_is_mine() -> None:
    shown = rail(
        a_task("a", "terminal:ada", platform="terminal", needs=True), a_task("b", "terminal:ada", platform="terminal")
    )
    assert (names(shown.waiting), names(shown.mine), names(shown.elsewhere)) == (["a"], ["b"], [])


def test_a_task_of_another_terminal_or_of_a_namesake_on_another_platform_is_elsewhere() -> None:
    shown = rail(
        a_task("a", "terminal:bob", platform="terminal", needs=True),
        a_task("b", "slack:ada", platform="slack", needs=True),
    )
    assert (names(shown.waiting), names(shown.mine), names(shown.elsewhere)) == ([], [], ["a", "b"])


def test_a_drafted_skill_is_listed_for_everyone_who_sees_its_task() -> None:
    row = SavedSkill(by=ADA, status="waiting", seq=1, draft=skill_text("report", "Writes it.", "Begin."))
    filed = replace(row, status="filed")
    states = [TaskState(TaskId(name), saved={1: one}) for name, one in (("a", row), ("b", filed))]
    shown = rail(*(summaries.summary(state) for state in states))
    assert [(t.task, t.draft) for t in shown.drafts] == [("a", "report")]
