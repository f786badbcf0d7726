"""The terminal: a person's request followed to its end, and what is said when something is wrong."""

import asyncio
import io
import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from rich.console import Console

from bot.terminal.external_editor import opens
from bot.terminal.fill_button_form import Forms
from bot.terminal.follow_task import Follower
from bot.terminal.line_input import Keyboard
from bot.terminal.live_view import LiveView
from bot.terminal.save_files import save
from orchestrator.clock import MovedClock
from orchestrator.desk import PersonalDesk
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Approval, Ask, Question
from orchestrator.domain.audience import Viewer
from orchestrator.domain.deliverables import Check, Deliverable
from orchestrator.domain.ids import ApprovalId, CallId, DeliverableId, PersonId, QuestionId, SubtaskId, TaskId
from orchestrator.domain.people import Person, Place, Request
from orchestrator.domain.plan import Plan, Subtask
from orchestrator.domain.tool_calls import Effect
from tests.scenarios.memory_desk import memory_desk

ADA = Person(id=PersonId("terminal:ada"), name="Ada")
DIG = SubtaskId("dig")
PLAN = Plan(title="Dig", subtasks=(Subtask(id=DIG, title="Dig a hole", instructions="Dig.", agent="developer"),))


class Terminal:
    """A person's terminal on a small desk: what is typed goes in, what is shown comes out."""

    def __init__(self, folder: Path) -> None:
        self.desk = memory_desk(folder / "shelf")
        self.out = folder / "out"
        self.shown = io.StringIO()
        self.task = TaskId("")
        self._reads, self.types = os.pipe()

    async def opens(self) -> None:
        request = Request(text="Dig", by=ADA, place=Place(platform="terminal", channel="ada", thread="1"))
        self.task = (await self.desk.submit(c.OpenTask(id="1", by=ADA, request=request))).task

    def enters(self, line: str) -> None:
        os.write(self.types, line.encode() + b"\n")

    def follow(self, *, yes: bool = False, interactive: bool = True, live: str = "") -> "asyncio.Task[int]":
        console = Console(file=self.shown, width=200, force_terminal=bool(live), _environ={"TERM": live})
        forms = Forms(console, Keyboard(self._reads), self.desk.shelf)
        view = LiveView(console, MovedClock())
        own = PersonalDesk(self.desk, Viewer(ADA))
        follower = Follower(own, self.task, console, view, forms, self.out, yes=yes, interactive=interactive)
        return asyncio.create_task(follower.follow())

    async def sees(self, words: str) -> None:
        """Waits until the words stand on the terminal."""
        async with asyncio.timeout(60):
            while words not in self.shown.getvalue():  # noqa: ASYNC110  (a terminal rings no bell)
                await asyncio.sleep(0.01)

    async def wants(self, kind: type[c.Command]) -> c.Command:
        """Waits until a command of that kind was submitted."""
        async with asyncio.timeout(60):
            while not (found := [s for s in self.desk.submitted if isinstance(s, kind)]):  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return found[-1]

    async def offers(self, content: bytes) -> None:
        file = await self.desk.shelf.put(content, name="hole.csv")
        wrong = Check(name="formulas", ok=False, words="A3 shows #DIV/0!")
        hole = Deliverable(id=DeliverableId("d1"), subtask=DIG, file=file, version=1, checks=(wrong,))
        await self.desk.fact(self.task, e.DeliverableOffered(deliverable=hole))

    async def fails(self) -> None:
        await self.desk.fact(self.task, e.PlanStarted(version=1))
        await self.desk.fact(self.task, e.SubtaskStarted(subtask=DIG, attempt=1, leg=1, host="h"))
        await self.desk.fact(
            self.task, e.SubtaskFailed(subtask=DIG, attempt=1, problem="The spade broke.", again=False)
        )

    async def ends(self) -> None:
        await self.desk.fact(self.task, e.TaskClosed(outcome="done", words="Done."))

    async def asks_to_send(self) -> None:
        approval = Approval(
            id=ApprovalId("a1"), subtask=DIG, call=CallId("c1"), tool="send", args={"to": "bob"}, fingerprint="f",
            effects=frozenset({Effect.NETWORK_SEND}), target="bob.example",
        )  # fmt: skip
        await self.desk.fact(self.task, e.ApprovalRequested(approval=approval))

    def close(self) -> None:
        os.close(self._reads)
        os.close(self.types)


@asynccontextmanager
async def opened(folder: Path, *, plan: bool = True) -> AsyncGenerator[Terminal]:
    terminal = Terminal(folder)
    try:
        await terminal.opens()
        if plan:
            await terminal.desk.fact(terminal.task, e.PlanDrafted(plan=PLAN, version=1))
        yield terminal
    finally:
        terminal.close()


async def test_yes_starts_the_plan_approves_the_file_and_saves_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as terminal:
        following = terminal.follow(yes=True, interactive=False)
        await terminal.wants(c.StartPlan)
        await terminal.desk.fact(terminal.task, e.SubtaskStarted(subtask=DIG, attempt=1, leg=1, host="h"))
        await terminal.offers(b"depth\n3\n")
        await terminal.wants(c.Review)
        await terminal.ends()

        assert await following == 0
        assert (terminal.out / "hole.csv").read_bytes() == b"depth\n3\n"
        assert "hole.csv: A3 shows #DIV/0!" in terminal.shown.getvalue()


async def test_a_file_is_saved_before_anybody_is_asked_about_it(tmp_path: Path) -> None:
    async with opened(tmp_path) as terminal:
        await terminal.desk.fact(terminal.task, e.PlanStarted(version=1))
        await terminal.offers(b"depth\n3\n")
        following = terminal.follow()
        await terminal.sees("[1] Approve")
        assert f"Saved {str(terminal.out / 'hole.csv')!r}" in terminal.shown.getvalue()
        assert (terminal.out / "hole.csv").read_bytes() == b"depth\n3\n"
        terminal.enters("1")
        await terminal.ends()
        assert await following == 0
        assert [path.name for path in terminal.out.iterdir()] == ["hole.csv"]


async def test_who_is_not_at_a_terminal_finds_the_waiting_file_saved(tmp_path: Path) -> None:
    async with opened(tmp_path) as terminal:
        await terminal.desk.fact(terminal.task, e.PlanStarted(version=1))
        await terminal.offers(b"depth\n3\n")
        assert await terminal.follow(interactive=False) == 3
        assert f"Saved {str(terminal.out / 'hole.csv')!r}" in terminal.shown.getvalue()


async def test_a_failed_step_is_offered_retry_skip_and_stop(tmp_path: Path) -> None:
    async with opened(tmp_path) as terminal:
        await terminal.fails()
        following = terminal.follow()
        await terminal.sees("[1] Retry  [2] Skip  [3] Stop")
        assert "failed: needs you" in terminal.shown.getvalue()
        terminal.enters("1")
        retried = await terminal.wants(c.RetrySubtask)
        await terminal.ends()
        assert await following == 0
        assert isinstance(retried, c.RetrySubtask)


async def test_a_failed_step_without_a_person_is_a_failure_and_names_the_command(tmp_path: Path) -> None:
    async with opened(tmp_path) as terminal:
        await terminal.fails()
        assert await terminal.follow(interactive=False) == 1
        assert f"(Retry, Skip, Stop), run: threadwork ask --task {terminal.task}" in terminal.shown.getvalue()
        assert "needs-you" not in terminal.shown.getvalue()


async def test_yes_never_approves_an_effect_outside_and_tells_how_to(tmp_path: Path) -> None:
    async with opened(tmp_path) as terminal:
        following = terminal.follow(yes=True, interactive=False)
        await terminal.wants(c.StartPlan)
        await terminal.asks_to_send()

        assert await following == 3
        assert "threadwork approve a1" in terminal.shown.getvalue()
        assert not [s for s in terminal.desk.submitted if isinstance(s, c.Decide)]


async def test_a_person_starts_by_a_number_and_rejects_with_a_reason(tmp_path: Path) -> None:
    async with opened(tmp_path) as terminal:
        following = terminal.follow()
        await terminal.sees("[1] Start")
        terminal.enters("1")
        await terminal.wants(c.StartPlan)
        await terminal.asks_to_send()
        await terminal.sees("[4] Reject")
        terminal.enters("rej")
        terminal.enters("Not to Bob")
        decided = await terminal.wants(c.Decide)
        await terminal.ends()

        assert await following == 0
        assert isinstance(decided, c.Decide)
        assert (decided.decision.verb, decided.decision.reason) == ("reject", "Not to Bob")


async def test_a_wrong_number_is_asked_again(tmp_path: Path) -> None:
    async with opened(tmp_path) as terminal:
        following = terminal.follow()
        await terminal.sees("[1] Start")
        terminal.enters("9")
        await terminal.sees("Type a number from 1 to 3.")
        terminal.enters("3")
        await terminal.wants(c.Stop)
        assert await following == 1


async def test_a_question_is_answered_field_by_field(tmp_path: Path) -> None:
    async with opened(tmp_path, plan=False) as terminal:
        fields = (Ask(name="where", label="Where?"), Ask(name="deep", label="How deep?", required=False))
        question = Question(id=QuestionId("q1"), subtask=None, text="The hole", fields=fields)
        await terminal.desk.fact(terminal.task, e.QuestionAsked(question=question))
        following = terminal.follow()
        await terminal.sees("[1] Answer")
        for line in ("1", "", "Here", ""):
            terminal.enters(line)
        answered = await terminal.wants(c.AnswerQuestion)
        await terminal.ends()

        assert await following == 0
        assert isinstance(answered, c.AnswerQuestion)
        assert answered.answers == {"where": "Here", "deep": ""}


async def test_a_plan_is_edited_in_the_editor_of_the_person(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", "sed -i s/hole/well/")
    async with opened(tmp_path) as terminal:
        following = terminal.follow()
        await terminal.sees("[2] Edit plan")
        terminal.enters("2")
        edited = await terminal.wants(c.EditPlan)
        await terminal.ends()

        assert await following == 0
        assert isinstance(edited, c.EditPlan)
        assert edited.plan.subtasks[0].title == "Dig a well"
        assert edited.plan.subtasks[0].instructions == "Dig."
        assert "Opens in sed; save and close it" in terminal.shown.getvalue()


@pytest.mark.parametrize(("program", "way_out"), [("/usr/bin/vi", ":q!"), ("nano", "Ctrl-X"), ("code -w", "close it")])
def test_an_editor_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch, program: str, way_out: str) -> None:
    monkeypatch.setenv("VISUAL", program)
    assert way_out in opens()


async def test_what_somebody_else_decides_ends_the_asking(tmp_path: Path) -> None:
    async with opened(tmp_path) as terminal:
        following = terminal.follow()
        await terminal.sees("[1] Start")
        await terminal.desk.fact(terminal.task, e.PlanStarted(version=1))
        await terminal.sees("Someone else has already decided this.")
        await terminal.ends()
        assert await following == 0


async def test_at_the_end_of_the_input_it_says_what_waits(tmp_path: Path) -> None:
    async with opened(tmp_path) as terminal:
        following = terminal.follow()
        await terminal.sees("[1] Start")
        os.close(terminal.types)
        terminal.types = os.dup(1)

        assert await following == 3
        assert f"threadwork ask --task {terminal.task}" in terminal.shown.getvalue()


async def test_a_plan_that_cannot_be_made_is_a_failure_without_a_person(tmp_path: Path) -> None:
    async with opened(tmp_path, plan=False) as terminal:
        await terminal.desk.fact(terminal.task, e.PlanningFailed(problem="The key is wrong.", round=1))
        following = terminal.follow(interactive=False)
        assert await following == 1
        assert "The key is wrong." in terminal.shown.getvalue()


async def test_what_a_model_writes_cannot_command_the_terminal(tmp_path: Path) -> None:
    async with opened(tmp_path) as terminal:
        await terminal.desk.fact(terminal.task, e.Noted(text="\x1b]0;owned\x07[red]plain[/red]"))
        await terminal.ends()
        await terminal.follow(interactive=False)
        assert "\x1b" not in terminal.shown.getvalue()
        assert "[red]plain[/red]" in terminal.shown.getvalue()


async def test_a_file_that_is_there_is_never_overwritten(tmp_path: Path) -> None:
    async with opened(tmp_path) as terminal:
        file = await terminal.desk.shelf.put(b"new", name="../hole.csv")
        terminal.out.mkdir()
        (terminal.out / "hole.csv").write_bytes(b"mine")

        twice = [await save(terminal.desk.shelf, [file], terminal.out) for _ in range(2)]

        assert twice == [[terminal.out / "hole-2.csv"], [terminal.out / "hole-2.csv"]]
        assert (terminal.out / "hole.csv").read_bytes() == b"mine"
