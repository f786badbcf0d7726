"""Runs one round of planning: asks the planner, and records the result."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from orchestrator.domain import events as e
from orchestrator.domain.approvals_and_questions import Question
from orchestrator.domain.ids import Key, QuestionId, TaskId, digest
from orchestrator.domain.open_drafts import MOST_ANSWER
from orchestrator.domain.plan import Plan
from orchestrator.domain.task import TaskState
from orchestrator.domain.token_usage import Usage
from orchestrator.errors import Spent, ThreadworkError
from orchestrator.planning.planner import NO_SKILLS, Drafted, propose
from orchestrator.planning.planner_tools import ProposedAnswer, ProposedInstall, ProposedQuestion, ProposedSkillChange
from orchestrator.ports import Agent, Model, OnDraft, SkillCatalogue
from orchestrator.task_event_logs import KeyedEvent, Logs, TaskLog

MOST_DRAFTS = 4
"""Requests to the planner in one round: another one for each time people said more while it was drafting."""
UNCHANGED = "The plan hasn't changed. Press Start on the card to begin, or Stop to end the task."
CHANGING = "I'm drafting that change to the skill {}. It takes effect once someone approves it here."
INSTALLING = "I'm unpacking the skill {}. It takes effect once someone approves it here."
FETCHING = "I'm getting the skill from {}. It takes effect once someone approves it here."
_WORDS = 2_000
"""Characters of a wish that are kept."""
BUSY = (
    "I can't do that yet: guests can't ask for it, and only one skill at a time can be saved in a thread. "
    "Approve or discard the draft above, then ask again."
)


class PlanFlow:
    """The durable function behind the engine's flow `plan`."""

    def __init__(
        self, logs: Logs, agent: Agent, model: Model, name: str, *, start: bool = False,
        skills: SkillCatalogue | None = None,
    ) -> None:  # fmt: skip
        """`name`: the planner's model. `start`: this workspace's policy lets plans run without *Start*."""
        self._logs, self._agent, self._model, self._name, self._start = logs, agent, model, name, start
        self._skills = skills

    async def __call__(self, task: str, round: int) -> None:
        """Drafts, answers, asks, or says why not. Records nothing if people have overtaken the round."""
        log = await self._logs.open(TaskId(task))
        made = log.under(_key(round))
        if isinstance(made, e.Replied):  # a crash came between the answer and the end
            await _close(log, round)
        elif isinstance(made, e.PlanDrafted):  # or between the plan and its start
            await self._start_at_once(log, round)
        if made is not None or not _current(log.state, round):
            return
        with self._logs.drafts.begin(log.task, round) as on_draft:
            await self._draft(log, round, on_draft)

    async def _draft(self, log: TaskLog, number: int, on_draft: OnDraft) -> None:
        """Drafts again if people said more in the meantime, so that what is shown answers everything they said."""
        spent = Spent()
        for left in reversed(range(MOST_DRAFTS)):
            seen = log.state
            try:
                skills = await self._skills.for_planner(seen, self._name) if self._skills else NO_SKILLS
                await _tell(log, number, skills.problems)
                roster = await self._agent.roster(seen.request)
                drafted = await propose(seen, roster, self._model, self._name, on_draft, skills)
            except ThreadworkError as error:
                spent = spent.plus(error.spent)
                failed = e.PlanningFailed(
                    problem=str(error)[:2000], round=number, cost=spent.cost, usage=Usage.of(spent)
                )
                await _record(log, number, lambda _, failed=failed: failed)
                return
            whole = replace(drafted, cost=drafted.cost + spent.cost, usage=drafted.usage + Usage.of(spent))
            if await self._settle(log, number, whole, seen=seen.seq if left else None):
                return
            spent = whole.usage.spent(whole.cost)

    async def crashed(self, error: Exception, task: str, round: int) -> None:
        """Reports an unexpected error in the thread; *Try again* starts the next round."""
        problem = f"Planning failed unexpectedly ({type(error).__name__}: {error}); the log has the details."
        failed = e.PlanningFailed(problem=problem[:1000], round=round)
        await _record(await self._logs.open(TaskId(task)), round, lambda _: failed)

    async def _settle(self, log: TaskLog, number: int, drafted: Drafted, *, seen: int | None) -> bool:
        """Returns False if people have said more since the ledger sequence `seen`; nothing is recorded then. None:
        records whatever they have said."""
        if isinstance(drafted.proposal, ProposedSkillChange | ProposedInstall):
            proposal = drafted.proposal
            await log.decide(lambda state: _change(state, number, proposal), patiently=True)
        await _record(log, number, lambda state: None if _more(state, seen) else _made(state, number, drafted))
        if _current(log.state, number) and log.under(_key(number)) is None:
            return False
        match drafted.proposal:
            case Plan():
                await self._start_at_once(log, number)
            case ProposedAnswer() | ProposedSkillChange() | ProposedInstall():
                await _close(log, number)
            case ProposedQuestion():
                pass
        return True

    async def _start_at_once(self, log: TaskLog, number: int) -> None:
        if self._start or log.state.trial is not None:
            await log.decide(lambda state: _started(state, number), patiently=True)


def _made(state: TaskState, number: int, drafted: Drafted) -> e.Event:
    cost, usage, model = drafted.cost, drafted.usage, drafted.model
    match drafted.proposal:
        case Plan() as plan:
            return e.PlanDrafted(plan=plan, version=state.version + 1, cost=cost, usage=usage, model=model)
        case ProposedQuestion(question=text, fields=fields):
            name = QuestionId(digest(state.id, "plan", str(number)))
            question = Question(id=name, subtask=None, text=text, fields=tuple(fields))
            return e.QuestionAsked(question=question, cost=cost, usage=usage, model=model)
        case ProposedSkillChange() | ProposedInstall() as proposal:
            words = _begun(state, proposal) or BUSY
            keeps = state.has_unstarted_plan
            return e.Replied(text=words, keeps_plan=keeps, cost=cost, usage=usage, model=model)
        case ProposedAnswer(text=text):
            words, keeps = text[:MOST_ANSWER], state.has_unstarted_plan
            if keeps:
                words = f"{words}\n\n{UNCHANGED}"
            return e.Replied(text=words, keeps_plan=keeps, cost=cost, usage=usage, model=model)


def _begun(state: TaskState, proposal: ProposedSkillChange | ProposedInstall) -> str:
    """Returns what to tell people if the change or the installation has been asked for; else nothing."""
    for row in state.saved.values():
        match proposal:
            case ProposedInstall(source=source) if source and row.source == source:
                return FETCHING.format(source)
            case ProposedInstall(skill=skill, source="") if row.installs == skill and not row.source:
                return INSTALLING.format(skill)
            case ProposedSkillChange(skill=skill, change=words) if (row.updates, row.words) == (skill, words[:_WORDS]):
                return CHANGING.format(skill)
            case _:
                pass
    return ""


def _change(
    state: TaskState, number: int, proposal: ProposedSkillChange | ProposedInstall
) -> KeyedEvent | None:  # fmt: skip
    """Asks for it in the name of whoever said it, once; not while another skill is being saved."""
    by = state.moved_by or (state.request.by if state.request else None)
    busy = any(it.status in ("drafting", "waiting", "approved") for it in state.saved.values())
    if not _current(state, number) or by is None or by.kind in ("guest", "outsider") or busy:
        return None
    saving = len(state.saved) + 1
    match proposal:
        case ProposedInstall(skill=skill, source=source):
            event = e.SkillRequested(saving=saving, by=by, installs=skill, source=source)
        case ProposedSkillChange(skill=skill, change=words):
            event = e.SkillRequested(saving=saving, by=by, words=words[:_WORDS], updates=skill)
    return KeyedEvent(Key(f"skill:{saving}"), event)


def _started(state: TaskState, number: int) -> KeyedEvent | None:
    """Starts the plan that was just drafted, by policy, unless people have changed it in the meantime."""
    if state.phase != "review" or state.rounds != number or state.planned_by is not None:
        return None
    return KeyedEvent(Key(f"start:{number}"), e.PlanStarted(version=state.version))


def _current(state: TaskState, number: int) -> bool:
    asked = any(q.question.subtask is None and q.answers is None for q in state.questions.values())
    return state.phase == "planning" and state.rounds == number and not asked


def _more(state: TaskState, seen: int | None) -> bool:
    return seen is not None and any(line.by is not None and line.seq > seen for line in state.lines)


async def _tell(log: TaskLog, number: int, problems: Sequence[str]) -> None:
    """Says once in the thread what is wrong with the skills that people attached or called."""
    for words in problems:
        key = Key(f"plan:{number}/skill:{digest(words)}")
        await log.record_patiently(key, e.Noted(text=words, level="warning"))


async def _record(log: TaskLog, number: int, make: Callable[[TaskState], e.Event | None]) -> None:
    """Records the round's result, unless people have overtaken it or there is none."""

    def rule(state: TaskState) -> KeyedEvent | None:
        made = make(state) if _current(state, number) else None
        return None if made is None else KeyedEvent(_key(number), made)

    await log.decide(rule, patiently=True)


async def _close(log: TaskLog, number: int) -> None:
    closed = KeyedEvent(Key(f"closed:{number}"), e.TaskClosed(outcome="answered", words="Answered."))
    await log.decide(lambda state: closed if _current(state, number) else None, patiently=True)


def _key(number: int) -> Key:
    return Key(f"plan:{number}")
