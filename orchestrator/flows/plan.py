"""One round of planning: ask the planner, record what came of it."""

from orchestrator.domain import events as e
from orchestrator.domain.approvals import Question
from orchestrator.domain.ids import Key, QuestionId, TaskId, digest
from orchestrator.domain.plan import Plan
from orchestrator.errors import ThreadworkError
from orchestrator.planning.planner import Drafted, propose
from orchestrator.planning.schema import ProposedAnswer, ProposedQuestion
from orchestrator.ports import Agent, Model
from orchestrator.task_logs import Logs, TaskLog


class PlanFlow:
    """The durable function behind the engine's flow `plan`."""

    def __init__(self, logs: Logs, agent: Agent, model: Model, name: str, *, start: bool = False) -> None:
        """`name`: the planner's model. `start`: this workspace's policy is that plans need no *Start*."""
        self._logs, self._agent, self._model, self._name, self._start = logs, agent, model, name, start

    async def __call__(self, task: str, round: int) -> None:
        """Drafts, answers, asks, or says why not. A round that people have overtaken records nothing."""
        log = await self._logs.open(TaskId(task))
        if not _current(log, round):
            return
        if isinstance(log.under(_key(round)), e.Replied):  # a crash came between the answer and the end
            await _close(log, round)
            return
        try:
            drafted = await propose(log.state, await self._agent.roster(), self._model, self._name)
        except ThreadworkError as error:
            await _record(log, round, e.PlanningFailed(problem=str(error)[:2000], round=round))
            return
        if _current(log, round):
            await self._settle(log, round, drafted)

    async def crashed(self, error: Exception, task: str, round: int) -> None:
        """An error nobody foresaw is told in the thread; *Try again* starts the next round."""
        problem = f"Planning went wrong unexpectedly ({type(error).__name__}: {error}); the log has the details."
        await _record(await self._logs.open(TaskId(task)), round, e.PlanningFailed(problem=problem[:1000], round=round))

    async def _settle(self, log: TaskLog, number: int, drafted: Drafted) -> None:
        cost, model = drafted.cost, drafted.model
        match drafted.proposal:
            case Plan() as plan:
                version = log.state.version + 1
                await _record(log, number, e.PlanDrafted(plan=plan, version=version, cost=cost, model=model))
                if self._start:
                    await log.record_patiently(Key(f"start:{number}"), e.PlanStarted(version=version))
            case ProposedQuestion(question=text, fields=fields):
                name = QuestionId(digest(log.task, "plan", str(number)))
                question = Question(id=name, subtask=None, text=text, fields=tuple(fields))
                await _record(log, number, e.QuestionAsked(question=question))
            case ProposedAnswer(text=text):
                await _record(log, number, e.Replied(text=text[:20_000], cost=cost, model=model))
                await _close(log, number)


def _current(log: TaskLog, number: int) -> bool:
    state = log.state
    asked = any(q.question.subtask is None and q.answers is None for q in state.questions.values())
    return state.phase == "planning" and state.rounds == number and not asked


async def _record(log: TaskLog, number: int, event: e.Event) -> None:
    await log.record_patiently(_key(number), event)


async def _close(log: TaskLog, number: int) -> None:
    await log.record_patiently(Key(f"closed:{number}"), e.TaskClosed(outcome="answered", words="Answered."))


def _key(number: int) -> Key:
    return Key(f"plan:{number}")
