"""Two people who press at once: one decision holds, and the other person reads what happened instead."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any, get_args

import pytest

from orchestrator.clock import MovedClock
from orchestrator.desk import PlanChoices
from orchestrator.domain import commands as c
from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Approval, Ask, Decision, Question
from orchestrator.domain.deliverables import Deliverable
from orchestrator.domain.ids import ApprovalId, CallId, DeliverableId, Key, QuestionId, Sha, SubtaskId, TaskId
from orchestrator.domain.people import FileRef, Person, Place, Request
from orchestrator.domain.plan import Plan, Subtask
from orchestrator.domain.skills import SkillScript, SkillText, UsedSkill
from orchestrator.domain.task import TaskState
from orchestrator.domain.tool_calls import Effect
from orchestrator.engine.running_flows import MemoryEngine
from orchestrator.errors import Stale
from orchestrator.flows.conductor import Conductor
from orchestrator.flows.plan import PlanFlow
from orchestrator.ledger.file_shelf import FolderShelf
from orchestrator.ledger.open_ledger import open_ledger
from orchestrator.ledger_desk import LedgerDesk
from orchestrator.ports import AgentRow, Ledger, Outcome, Work
from orchestrator.task_event_logs import Logs
from tests.memory_hub import ADA, BOB, NOON, ScriptedModel, say
from tests.scenarios.memory_desk import always

TASK, A = TaskId("t"), SubtaskId("a")
PLAN = Plan(title="P", subtasks=(Subtask(id=A, title="A", instructions="a", agent="browser"),))
OTHER = Plan(title="Other", subtasks=(Subtask(id=A, title="A", instructions="something else", agent="browser"),))
FILE = FileRef(sha=Sha("f" * 64), name="r.md", size=1, media="text/markdown")
YES, NO = Decision(verb="approve"), Decision(verb="reject", reason="no")
APPROVAL = Approval(id=ApprovalId("p"), subtask=A, call=CallId("a.1.1.0"), tool="t", args={}, fingerprint="f",
                    effects=frozenset({Effect.NETWORK_READ}))  # fmt: skip
QUESTION = Question(id=QuestionId("q"), subtask=A, text="Which?", fields=(Ask(name="which", label="Which"),))
OFFERED = Deliverable(id=DeliverableId("d"), subtask=A, file=FILE, version=1, path="r.md")

REVIEW = (
    e.TaskOpened(request=Request(text="x", by=ADA, place=Place(platform="web", channel="c", thread="1"))),
    e.PlanDrafted(plan=PLAN, version=1),
)
RUNNING = (*REVIEW, e.PlanStarted(version=1, by=ADA), e.SubtaskStarted(subtask=A, attempt=1, leg=1, host="h"))
FAILED = (*RUNNING, e.SubtaskFailed(subtask=A, attempt=1, problem="x", again=False))
SAVED = (
    *RUNNING,
    e.SubtaskFinished(subtask=A, attempt=1, leg=1, summary="s"),
    e.TaskClosed(outcome="done", words="Done."),
)
SCRIPT = SkillScript(name="sum.py", does="Adds up.", code="print(1)\n")
DRAFT = SkillText(name="report", description="Writes the report.", body="Write it.")
SAVING = (*SAVED, e.SkillRequested(saving=1, by=ADA), e.SkillDrafted(saving=1, draft=DRAFT, script=SCRIPT))
FILED = (
    *SAVING,
    e.SkillDecided(saving=1, by=ADA, approved=True, scope="team"),
    e.SkillFiled(saving=1, skill=UsedSkill(name="report", digest="f" * 64, source="team", version="1")),
)
ARCHIVED = (*FILED, e.SkillArchived(saving=1, days=180))
ASKING = (
    *RUNNING,
    e.ApprovalRequested(approval=APPROVAL),
    e.QuestionAsked(question=QUESTION),
    e.DeliverableOffered(deliverable=OFFERED),
)


def of(kind: type, by: Person, **more: Any) -> Any:
    return kind(id=f"{by.name}-{kind.__name__}", by=by, task=TASK, **more)


def decide(by: Person, decision: Decision) -> c.Decide:
    return of(c.Decide, by, approval=APPROVAL.id, decision=decision)


def edit(by: Person, *, plan: Plan, running: bool = False) -> c.EditPlan:
    return of(c.EditPlan, by, base=1, plan=plan, running=running)


def review(by: Person, verdict: str, **more: Any) -> c.Review:
    return of(c.Review, by, deliverable=OFFERED.id, verdict=verdict, **more)


def answer(by: Person, words: str) -> c.AnswerQuestion:
    return of(c.AnswerQuestion, by, question=QUESTION.id, answers={"which": words})


def skill(kind: type, by: Person, **more: Any) -> Any:
    return of(kind, by, saving=1, revision=1, **more)


PAIRS: dict[str, tuple[Sequence[e.Event], c.AnyCommand, c.AnyCommand]] = {
    "start, edit": (REVIEW, of(c.StartPlan, ADA, base=1), edit(BOB, plan=OTHER)),
    "start, start": (REVIEW, of(c.StartPlan, ADA, base=1), of(c.StartPlan, BOB, base=1)),
    "start, edit of the run": (REVIEW, of(c.StartPlan, ADA, base=1), edit(BOB, plan=OTHER, running=True)),
    "start, other words": (REVIEW, of(c.StartPlan, ADA, base=1), of(c.Say, BOB, text="no, do it like this")),
    "edit, edit": (REVIEW, edit(ADA, plan=OTHER), edit(BOB, plan=PLAN)),
    "retry, skip": (FAILED, of(c.RetrySubtask, ADA, subtask=A, attempt=1),
                    of(c.SkipSubtask, BOB, subtask=A, attempt=1)),
    "retry, retry": (FAILED, of(c.RetrySubtask, ADA, subtask=A, attempt=1),
                     of(c.RetrySubtask, BOB, subtask=A, attempt=1, model="m")),
    "approve, reject": (ASKING, decide(ADA, YES), decide(BOB, NO)),
    "answer, answer": (ASKING, answer(ADA, "this"), answer(BOB, "that")),
    "replace, approve": (ASKING, review(ADA, "replaced", file=FILE), review(BOB, "approved")),
    "changes, approve": (ASKING, review(ADA, "changes", text="shorter"), review(BOB, "approved")),
    "stop, start": (REVIEW, of(c.Stop, ADA), of(c.StartPlan, BOB, base=1)),
    "stop, edit": (REVIEW, of(c.Stop, ADA), edit(BOB, plan=OTHER)),
    "stop, pause": (RUNNING, of(c.Stop, ADA), of(c.Pause, BOB)),
    "stop, stop": (RUNNING, of(c.Stop, ADA), of(c.Stop, BOB)),
    "stop, skip": (RUNNING, of(c.Stop, ADA), of(c.SkipSubtask, BOB, subtask=A, attempt=1)),
    "stop, retry": (FAILED, of(c.Stop, ADA), of(c.RetrySubtask, BOB, subtask=A, attempt=1)),
    "stop, approve": (ASKING, of(c.Stop, ADA), decide(BOB, YES)),
    "stop, answer": (ASKING, of(c.Stop, ADA), answer(BOB, "that")),
    "stop, accept": (ASKING, of(c.Stop, ADA), review(BOB, "approved")),
    "stop, take": (RUNNING, of(c.Stop, ADA), of(c.StartTakeover, BOB, subtask=A)),
    "take, take": (RUNNING, of(c.StartTakeover, ADA, subtask=A), of(c.StartTakeover, BOB, subtask=A)),
    "save, save": (SAVED, of(c.SaveSkill, ADA), of(c.SaveSkill, BOB)),
    "edit skill, approve skill": (SAVING, skill(c.EditSkill, ADA, draft=DRAFT, scope="team"),
                                  skill(c.DecideSkill, BOB, approved=True)),
    "approve skill, discard skill": (SAVING, skill(c.DecideSkill, ADA, approved=True),
                                     skill(c.DecideSkill, BOB, approved=False)),
    "export skill, roll back skill": (FILED, of(c.ExportSkill, ADA, saving=1), of(c.RollBackSkill, BOB, saving=1)),
    "approve script, approve script": (SAVING, skill(c.DecideScript, ADA, approved=True),
                                       skill(c.DecideScript, BOB, approved=True)),
    "try skill, try skill": (SAVING, skill(c.TrySkill, ADA), skill(c.TrySkill, BOB)),
    "bring skill back, bring skill back": (ARCHIVED, of(c.ReviveSkill, ADA, saving=1),
                                           of(c.ReviveSkill, BOB, saving=1)),
    "pause, pause": (RUNNING, of(c.Pause, ADA), of(c.Pause, BOB)),
}  # fmt: skip
BOTH_HOLD = {"start, other words", "start, edit of the run"}
"""Said after the start, the words go to the agents; before, to the planner, and the start is refused.

A plan that runs may be edited by somebody who saw it run."""


class Nobody:
    """An agent that is never asked to work."""

    async def roster(self, request: Request | None = None) -> Sequence[AgentRow]:
        return ()

    async def work(self, work: Work) -> Outcome:
        raise AssertionError


@pytest.fixture(params=["memory", "sqlite"])
async def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Ledger]:
    url = "memory://" if request.param == "memory" else f"sqlite://{tmp_path}/ledger.db"
    opened = await open_ledger(url, MovedClock(NOON))
    yield opened
    await opened.close()


async def a_desk(ledger: Ledger, tmp_path: Path, facts: Sequence[e.Event], logs: Logs | None = None) -> LedgerDesk:
    logs = logs or Logs(ledger)
    log = await logs.open(TASK)
    for number, fact in enumerate(facts):
        await log.record(Key(str(number)), fact)
    rows = (AgentRow(name="browser", description="b"),)
    return LedgerDesk(logs, FolderShelf(tmp_path / "shelf"), MovedClock(NOON), PlanChoices(agents=always(rows)))


def happened(state: TaskState) -> object:
    return (state.phase, state.plan, state.subtasks, state.approvals, state.questions, state.deliverables, state.saved)


@pytest.mark.parametrize("first", [0, 1], ids=["as listed", "the other way round"])
@pytest.mark.parametrize("pair", PAIRS)
async def test_of_two_presses_at_once_one_holds_and_the_other_reads_who_did_what(
    ledger: Ledger, tmp_path: Path, pair: str, first: int
) -> None:
    facts, *presses = PAIRS[pair]
    winner, loser = presses[first], presses[1 - first]
    desk = await a_desk(ledger, tmp_path, facts)

    won, lost = await asyncio.gather(desk.submit(winner), desk.submit(loser), return_exceptions=True)

    assert not isinstance(won, BaseException)
    if (pair in BOTH_HOLD and first == 0) or (isinstance(loser, c.Stop) and not isinstance(winner, c.Stop)):
        assert not isinstance(lost, BaseException)  # these are possible whatever came before
        return
    assert isinstance(lost, Stale), lost
    assert winner.by.name in str(lost), str(lost)
    alone = await a_desk(await open_ledger("memory://", MovedClock(NOON)), tmp_path, facts)
    await alone.submit(winner)
    assert happened(await desk.state(TASK)) == happened(await alone.state(TASK))


async def test_what_another_process_decided_is_seen_before_ours_is_recorded(tmp_path: Path) -> None:
    url = f"sqlite://{tmp_path}/ledger.db"
    one, two = await open_ledger(url, MovedClock(NOON)), await open_ledger(url, MovedClock(NOON))
    hub, terminal = await a_desk(one, tmp_path, REVIEW), await a_desk(two, tmp_path, ())
    await terminal.state(TASK)

    await hub.submit(edit(ADA, plan=OTHER))
    with pytest.raises(Stale, match="Ada has changed the plan"):
        await terminal.submit(of(c.StartPlan, BOB, base=1))

    for ledger in (one, two):
        await ledger.close()


async def test_busy_agents_do_not_refuse_a_decision(ledger: Ledger, tmp_path: Path) -> None:
    logs = Logs(ledger)
    desk = await a_desk(ledger, tmp_path, ASKING, logs)
    log = await logs.open(TASK)
    notes = (log.record(Key(f"n{n}"), e.Noted(text=str(n))) for n in range(50))

    await asyncio.gather(*notes, desk.submit(decide(ADA, YES)), *(
        log.record(Key(f"m{n}"), e.Noted(text=str(n))) for n in range(50)))  # fmt: skip

    assert (await desk.state(TASK)).approvals[APPROVAL.id].decision == YES


async def test_a_task_does_not_end_over_a_step_that_is_added_meanwhile(ledger: Ledger, tmp_path: Path) -> None:
    done = (*RUNNING, e.SubtaskFinished(subtask=A, attempt=1, leg=1, summary="s"))
    logs = Logs(ledger)
    desk = await a_desk(ledger, tmp_path, done, logs)
    conductor = Conductor(logs, MemoryEngine(), MovedClock(NOON))
    more = Subtask(id=SubtaskId("b"), title="B", instructions="b", agent="browser")
    longer = edit(ADA, plan=PLAN.model_copy(update={"subtasks": (*PLAN.subtasks, more)}), running=True)

    await asyncio.gather(desk.submit(longer), conductor.advance(TASK))

    state = await desk.state(TASK)
    assert state.plan is not None
    assert (state.phase, len(state.plan.subtasks)) == ("running", 2)


async def test_a_stopped_task_stays_stopped_whatever_the_planner_brings(ledger: Ledger, tmp_path: Path) -> None:
    logs = Logs(ledger)
    desk = await a_desk(ledger, tmp_path, REVIEW[:1], logs)
    flow = PlanFlow(logs, Nobody(), ScriptedModel({"plan": [say(answer={"text": "42"})]}), "m")

    await asyncio.gather(desk.submit(of(c.Stop, ADA)), flow(TASK, 1))

    assert (await desk.state(TASK)).phase == "stopped"


def test_every_command_that_decides_is_raced() -> None:
    raced = {type(press) for _, *presses in PAIRS.values() for press in presses}
    never = {c.OpenTask, c.RetryPlanning, c.Resume, c.EndTakeover, c.AllowDomain, c.Remark}
    assert raced | never == set(get_args(c.AnyCommand))
