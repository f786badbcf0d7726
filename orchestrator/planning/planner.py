"""Turns a request into a proposal through the model, with one repair."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import NamedTuple

from orchestrator.domain.ids import SubtaskId
from orchestrator.domain.model_messages import Answer, Message, Prompt, Returned, Said
from orchestrator.domain.plan import Plan, check_agents
from orchestrator.domain.skill_content import PlannerSkills
from orchestrator.domain.task import TaskState
from orchestrator.domain.token_usage import Usage
from orchestrator.domain.tool_calls import ToolSpec
from orchestrator.errors import BadPlan, ModelFailed, ModelTooLong, Spent, ThreadworkError
from orchestrator.planning.planner_tools import (
    ANSWER,
    CHANGE_SKILL,
    INSTALL_SKILL,
    SPECS,
    Proposal,
    ProposedInstall,
    ProposedSkillChange,
    parse,
)
from orchestrator.planning.request_text import LEAST, describe
from orchestrator.planning.skills_in_plan import asked_for, with_skills
from orchestrator.ports import AgentRow, Model, OnDraft

NO_SKILLS = PlannerSkills()
_CHARACTERS = 3
"""Per token, at least."""
_TOOLS = sum(len(str(spec.parameters)) for spec in SPECS)
_PROMPT = (files("orchestrator.planning") / "prompts" / "planner.md").read_text(encoding="utf-8")


@dataclass(frozen=True)
class Drafted:
    """A proposal that can run, and what the turns have spent: US dollars and tokens."""

    proposal: Proposal
    model: str
    cost: float
    usage: Usage


class _Opening(NamedTuple):
    """What the model gets at first. `attached`: the skills that it may offer to install."""

    system: str
    text: str
    tools: Sequence[ToolSpec]
    attached: Sequence[str]


async def propose(
    state: TaskState, roster: Sequence[AgentRow], model: Model, name: str, on_draft: OnDraft | None = None,
    skills: PlannerSkills = NO_SKILLS,
) -> Drafted:  # fmt: skip
    """Asks the model, once more with the error if the plan can't run, and with less if the request is too long.

    Raises BadPlan or ModelFailed.
    """
    own = changeable(state)
    system, text, spent = _system(roster, skills, own), describe(state), Spent()
    installs = bool(skills.attached) or _names_a_skill(state)
    tools = (*SPECS, *([CHANGE_SKILL] if own else []), *([INSTALL_SKILL] if installs else []))
    while True:
        try:
            opening = _Opening(system, text + asked_for(skills), tools, skills.attached)
            drafted = await _drafted(state, roster, model, name, opening, on_draft)
        except ModelTooLong as problem:
            spent = spent.plus(problem.spent)
            shorter = describe(state, _room(len(text), len(system), problem.window))
            if len(shorter) >= len(text):
                raise _too_long(name, spent) from problem
            text = shorter
        except ThreadworkError as error:
            error.spent = spent.plus(error.spent)
            raise
        else:
            if isinstance(drafted.proposal, Plan):
                drafted = replace(drafted, proposal=_settled(drafted.proposal, state, skills))
            return replace(drafted, cost=drafted.cost + spent.cost, usage=drafted.usage + Usage.of(spent))


async def _drafted(
    state: TaskState, roster: Sequence[AgentRow], model: Model, name: str, opening: _Opening,
    on_draft: OnDraft | None,
) -> Drafted:  # fmt: skip
    messages: list[Message] = [Said(role="system", text=opening.system), Said(role="user", text=opening.text)]
    cost, usage = 0.0, Usage()
    problem = BadPlan()
    for _ in range(2):
        prompt = Prompt(
            model=name, messages=tuple(messages), tools=tuple(opening.tools), must_call=True, spoken=ANSWER,
            topic=f"{state.id}/plan:{state.rounds}",
        )  # fmt: skip
        try:
            answer = await model.complete(prompt, on_draft=on_draft)
        except ModelFailed as error:
            error.spent = error.spent.plus(usage.spent(cost))
            raise
        cost, usage = cost + answer.cost, usage + answer.usage
        try:
            return Drafted(_proposal(answer, state, roster, opening.attached), answer.model, cost, usage)
        except BadPlan as error:
            problem = error
            messages += _again(answer, error)
    end = BadPlan(f"The planner's plan can't run, even after a correction: {problem} Add details, or press Try again.")
    end.spent = usage.spent(cost)
    raise end


def _room(size: int, system: int, window: int | None) -> int:
    """Returns the characters that the request may have after `size` were too many. `system`: characters of the rest;
    `window`: tokens, if the server named them."""
    left = window * _CHARACTERS - system - _TOOLS if window else size
    return max(LEAST, min(size // 2, left))


def _too_long(name: str, spent: Spent) -> ModelTooLong:
    problem = ModelTooLong(
        f"The request is too long for {name!r}, even without the earlier messages and the file lists. "
        "Choose a planner with a larger context window (models.planner), or ask for less at once."
    )
    problem.spent = spent
    return problem


def _proposal(
    answer: Answer, state: TaskState, roster: Sequence[AgentRow], attached: Sequence[str]
) -> Proposal:  # fmt: skip
    if not answer.reply.calls:
        raise BadPlan("Call one of these tools: propose_plan, answer, or ask_person.")
    call = answer.reply.calls[0]
    proposal = parse(call.tool, call.args)
    if isinstance(proposal, Plan):
        check_agents(proposal, [row.name for row in roster])
        return joined(state, proposal)
    if isinstance(proposal, ProposedInstall) and proposal.source:
        if not any(proposal.source in text for text in _said(state)):
            raise BadPlan(
                f"Nobody here wrote the address {proposal.source[:120]!r}; use one exactly as it was written."
            )
    elif isinstance(proposal, ProposedInstall) and proposal.skill not in attached:
        raise BadPlan(f"{proposal.skill!r} isn't an attached skill; attached skills: {', '.join(attached) or 'none'}.")
    if isinstance(proposal, ProposedSkillChange) and proposal.skill not in (names := changeable(state)):
        raise BadPlan(f"{proposal.skill!r} isn't a skill of this task; its skills: {', '.join(names) or 'none'}.")
    return proposal


def _said(state: TaskState) -> list[str]:
    """Returns what people wrote themselves."""
    asked = [state.request.text] if state.request and not state.request.relayed else []
    return [*asked, *(line.text for line in state.lines if line.by is not None)]


def _names_a_skill(state: TaskState) -> bool:
    """Returns whether the newest words are about a skill at an address; most languages have the same word for it."""
    newest = next(reversed(_said(state)), "").lower()
    return "skill" in newest and ("https://" in newest or "http://" in newest)


def changeable(state: TaskState) -> tuple[str, ...]:
    """Returns the skills that a finished task has used or made: those that a person may want different next time."""
    if state.request is None or not any(step.status == "done" for step in state.subtasks.values()):
        return ()
    used = [one.name for step in state.subtasks.values() for one in step.skills]
    made = [row.filed.name for row in state.saved.values() if row.filed and row.status == "filed"]
    return tuple(dict.fromkeys([*used, *made]))


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


def _settled(plan: Plan, state: TaskState, skills: PlannerSkills) -> Plan:
    """Settles the skills of the new steps only."""
    old = {s.id for s in state.plan.subtasks} if state.plan else set[SubtaskId]()
    kept = tuple(s for s in plan.subtasks if s.id in old and state.of(s.id).status != "planned")
    new = tuple(s for s in plan.subtasks if s not in kept)
    if not new:
        return plan
    settled = with_skills(plan.model_copy(update={"subtasks": new}), skills)
    return plan.model_copy(update={"subtasks": (*kept, *settled.subtasks)})


def _system(roster: Sequence[AgentRow], skills: PlannerSkills, own: Sequence[str]) -> str:
    prompt = _PROMPT.replace("{agents}", "\n".join(f"- {row.name}: {row.description}" for row in roster))
    mine = f"Skills of this task that change_skill can change: {', '.join(own)}." if own else ""
    given = f"Attached skills that install_skill can keep: {', '.join(skills.attached)}." if skills.attached else ""
    return "\n".join(part for part in (prompt, skills.text, mine, given) if part)
