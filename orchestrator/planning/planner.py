"""Turns a request into a proposal through the model, with one repair."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files

from orchestrator.domain.message_context_text import described, paths
from orchestrator.domain.model_messages import Answer, Message, Prompt, Returned, Said
from orchestrator.domain.plan import Plan, check_agents
from orchestrator.domain.task import TaskState
from orchestrator.domain.usage import Usage
from orchestrator.errors import BadPlan
from orchestrator.planning.planner_tools import ANSWER, SPECS, Proposal, parse
from orchestrator.ports import AgentRow, Model, OnDraft

_PROMPT = (files("orchestrator.planning") / "prompts" / "planner.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Drafted:
    """A proposal that can run, and what the turns have spent: US dollars and tokens."""

    proposal: Proposal
    model: str
    cost: float
    usage: Usage


async def propose(
    state: TaskState, roster: Sequence[AgentRow], model: Model, name: str, on_draft: OnDraft | None = None
) -> Drafted:
    """Asks the model, once more with the error if the plan can't run. Raises BadPlan or ModelFailed."""
    messages: list[Message] = [Said(role="system", text=_system(roster)), Said(role="user", text=describe(state))]
    cost, usage = 0.0, Usage()
    problem = BadPlan()
    for _ in range(2):
        prompt = Prompt(
            model=name, messages=tuple(messages), tools=SPECS, must_call=True, spoken=ANSWER,
            topic=f"{state.id}/plan:{state.rounds}",
        )  # fmt: skip
        answer = await model.complete(prompt, on_draft=on_draft)
        cost, usage = cost + answer.cost, usage + answer.usage
        try:
            return Drafted(_proposal(answer, state, roster), answer.model, cost, usage)
        except BadPlan as error:
            problem = error
            messages += _again(answer, error)
    raise BadPlan(f"The planner's plan can't run, even after a correction: {problem} Add details, or press Try again.")


def _proposal(answer: Answer, state: TaskState, roster: Sequence[AgentRow]) -> Proposal:
    if not answer.reply.calls:
        raise BadPlan("Call one of the tools propose_plan, answer, or ask_person.")
    call = answer.reply.calls[0]
    proposal = parse(call.tool, call.args)
    if isinstance(proposal, Plan):
        check_agents(proposal, [row.name for row in roster])
        return joined(state, proposal)
    return proposal


def joined(state: TaskState, plan: Plan) -> Plan:
    """A follow-up's plan comes after earlier work; a plan that nobody has started is replaced."""
    if state.plan is None:
        return plan
    kept = [s for s in state.plan.subtasks if state.of(s.id).status != "planned"]
    taken = {s.id for s in kept}
    if clash := next((s.id for s in plan.subtasks if s.id in taken), None):
        raise BadPlan(f"Step {clash!r} has already started; give the new step another ID.")
    return Plan(title=state.plan.title if kept else plan.title, subtasks=(*kept, *plan.subtasks))


def _again(answer: Answer, error: BadPlan) -> list[Message]:
    words = f"This can't run: {error} Fix it and call the tool again."
    if not answer.reply.calls:
        return [answer.reply, Said(role="user", text=words)]
    replies = [Returned(call=c.id, tool=c.tool, text=words, ok=False) for c in answer.reply.calls]
    return [answer.reply, *replies]


def _system(roster: Sequence[AgentRow]) -> str:
    return _PROMPT.replace("{agents}", "\n".join(f"- {row.name}: {row.description}" for row in roster))


def describe(state: TaskState) -> str:
    """Returns the request and the conversation, as the planner reads them."""
    assert state.request is not None
    parts = [f"Request of {state.request.by.name}:\n{state.request.text}"]
    if state.request.files:
        parts.append(f"Attached files: {', '.join(f.name for f in state.request.files)}")
    parts += [words] if (words := described(state.request.background)) else []
    for line in state.lines:
        attached = f" [attached: {paths(line.files)}]" if line.files else ""
        words = described(line.background)
        if line.by is not None and (line.text or attached or words):
            parts += [f"{line.by.name} says: {line.text}{attached}", *([words] if words else [])]
    for row in state.questions.values():
        if row.question.subtask is None and row.answers is not None:
            pairs = "; ".join(f"{name}: {text}" for name, text in row.answers.items())
            parts.append(f"You asked: {row.question.text}\nThe answer: {pairs}")
    if state.plan is not None:
        rows = [f"- {s.id} ({state.of(s.id).status}): {s.title}. {state.of(s.id).summary}" for s in state.plan.subtasks]
        parts.append("The plan so far (only add what is new):\n" + "\n".join(rows))
    return "\n\n".join(parts)
