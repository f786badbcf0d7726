"""The tools a planner answers with, and their arguments as values."""

from typing import Any

from pydantic import BaseModel, Field, ValidationError

from orchestrator.domain.approvals_and_questions import Ask
from orchestrator.domain.model_messages import Spoken
from orchestrator.domain.plan import Plan
from orchestrator.domain.tool_calls import ToolSpec
from orchestrator.errors import BadPlan


class ProposedAnswer(BaseModel):
    text: str = Field(min_length=1, description="What to say in the thread, in Markdown.")


class ProposedQuestion(BaseModel):
    question: str = Field(min_length=1, description="One sentence that explains why you're asking.")
    fields: list[Ask] = Field(min_length=1, max_length=8)


class ProposedSkillChange(BaseModel):
    skill: str = Field(min_length=1, description="The name of the skill.")
    change: str = Field(min_length=1, description="What it should say differently, in the person's words.")


class ProposedInstall(BaseModel):
    skill: str = Field(default="", description="The name of the skill. Empty for the only one at an address.")
    source: str = Field(default="", description="The address, exactly as the person wrote it. Empty if it's attached.")


Proposal = Plan | ProposedAnswer | ProposedQuestion | ProposedSkillChange | ProposedInstall


def _spec(name: str, description: str, schema: dict[str, Any]) -> ToolSpec:
    return ToolSpec(
        name=name, description=description, parameters=schema, effects=frozenset(), place="hub", parallel=False
    )


SPECS = (
    _spec("propose_plan", "Propose a plan of steps for the request.", Plan.model_json_schema()),
    _spec(
        "answer",
        "Answer in the thread. No work is needed; a plan that is waiting for Start stays as it is.",
        ProposedAnswer.model_json_schema(),
    ),
    _spec("ask_person", "Ask the person before planning.", ProposedQuestion.model_json_schema()),
)
CHANGE_SKILL = _spec(
    "change_skill",
    "The newest message says what a skill should do differently from now on (“next time …”). Drafts the change, which "
    "a person then approves. If this task's own work should change too, call propose_plan instead.",
    ProposedSkillChange.model_json_schema(),
)
"""Offered only in a task that has used or made a skill."""
INSTALL_SKILL = _spec(
    "install_skill",
    "The person wants to keep (install, add, save) a skill for later tasks: an attached one, or one at an address that "
    "they wrote (a zip file, a git repository's folder, a website that lists skills). Shows what it contains; a person "
    "then approves it. If they want it followed in this task, call propose_plan instead.",
    ProposedInstall.model_json_schema(),
)
"""Offered only if a skill is attached, or people wrote of a skill and an address."""
ANSWER = Spoken(tool="answer", argument="text")
_VALUES: dict[str, type[Proposal]] = {
    "propose_plan": Plan,
    "answer": ProposedAnswer,
    "ask_person": ProposedQuestion,
    "change_skill": ProposedSkillChange,
    "install_skill": ProposedInstall,
}


def parse(tool: str, args: dict[str, Any]) -> Proposal:
    """Returns the proposal as a value. Raises BadPlan with a sentence the planner can act on."""
    if tool not in _VALUES:
        raise BadPlan(f"{tool!r} is not one of {', '.join(_VALUES)}; call one of these.")
    try:
        return _VALUES[tool].model_validate(args)
    except ValidationError as error:
        words = "; ".join(f"{'.'.join(map(str, p['loc'])) or 'plan'}: {p['msg']}" for p in error.errors()[:4])
        raise BadPlan(words.replace("Value error, ", "")) from error
