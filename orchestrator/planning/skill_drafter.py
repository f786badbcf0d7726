"""Drafts a skill through the model, with one repair."""

from dataclasses import dataclass
from importlib.resources import files

from orchestrator.domain.calls import ToolSpec
from orchestrator.domain.model_messages import Message, Prompt, Returned, Said
from orchestrator.domain.skills import MOST_BODY, SkillText, skill_text
from orchestrator.domain.usage import Usage
from orchestrator.errors import BadPlan, ModelFailed
from orchestrator.ports import Model

_PROMPT = (files("orchestrator.planning") / "prompts" / "skill_maker.md").read_text(encoding="utf-8")
_TEXT = {"type": "string", "minLength": 1}
_SPEC = ToolSpec(
    name="draft_skill",
    description="Draft the skill; a person reviews it.",
    parameters={
        "type": "object",
        "properties": {
            "name": {**_TEXT, "description": "Lowercase words joined by hyphens, e.g. weekly-report."},
            "description": {**_TEXT, "description": "What it does and when to use it."},
            "instructions": {**_TEXT, "description": f"Markdown, at most {MOST_BODY} characters."},
        },
        "required": ["name", "description", "instructions"],
        "additionalProperties": False,
    },
    effects=frozenset(),
    place="hub",
    parallel=False,
)


@dataclass(frozen=True)
class DraftedSkill:
    """What the model wrote, and what its turns have spent: US dollars and tokens."""

    text: SkillText
    model: str
    cost: float
    usage: Usage


async def draft_skill(text: str, model: Model, name: str, topic: str, keeps: str = "") -> DraftedSkill:
    """Asks the model, once more with the problem. `keeps`: the name of the skill that it changes.

    Raises BadPlan or ModelFailed, each with what was spent.
    """
    messages: list[Message] = [Said(role="system", text=_PROMPT), Said(role="user", text=text)]
    cost, usage, problem = 0.0, Usage(), ""
    for _ in range(2):
        prompt = Prompt(model=name, messages=tuple(messages), tools=(_SPEC,), must_call=True, topic=topic)
        try:
            answer = await model.complete(prompt)
        except ModelFailed as error:
            error.spent = error.spent.plus(usage.spent(cost))
            raise
        cost, usage = cost + answer.cost, usage + answer.usage
        calls = answer.reply.calls
        args = {key: str(value) for key, value in calls[0].args.items()} if calls else {}
        try:
            made = skill_text(keeps or args.get("name", ""), args.get("description", ""), args.get("instructions", ""))
            return DraftedSkill(made, answer.model, cost, usage)
        except ValueError as error:
            problem = str(error)
        again = f"This can't be saved: {problem} Fix it and call draft_skill again."
        told = [Returned(call=c.id, tool=c.tool, text=again, ok=False) for c in calls]
        messages += [answer.reply, *(told or [Said(role="user", text=again)])]
    end = BadPlan(
        f"The skill couldn't be drafted, even after a correction: {problem} Press Save as skill to try again."
    )
    end.spent = usage.spent(cost)
    raise end
