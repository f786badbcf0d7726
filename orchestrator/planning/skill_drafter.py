"""Drafts a skill through the model, with one repair."""

import ast
import asyncio
from dataclasses import dataclass
from importlib.resources import files

from pydantic import JsonValue

from orchestrator.domain.model_messages import Message, Prompt, Returned, Said
from orchestrator.domain.skills import MOST_BODY, MOST_SCRIPT, SkillScript, SkillText, skill_script, skill_text
from orchestrator.domain.token_usage import Usage
from orchestrator.domain.tool_calls import ToolSpec
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
            "script": {
                "type": "object",
                "description": "Only for a deterministic part whose code ran in this task.",
                "properties": {
                    "name": {**_TEXT, "description": "e.g. sum_by_month.py"},
                    "does": {**_TEXT, "description": "What it does, and its arguments."},
                    "code": {**_TEXT, "description": f"Python, at most {MOST_SCRIPT} characters."},
                },
                "required": ["name", "does", "code"],
                "additionalProperties": False,
            },
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
    script: SkillScript | None
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
            script = await asyncio.to_thread(_script, calls[0].args.get("script"))
            return DraftedSkill(made, script, answer.model, cost, usage)
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


def _script(given: JsonValue) -> SkillScript | None:
    """Raises ValueError with a sentence. Blocks: to describe a mistake, Python looks for a file."""
    if not isinstance(given, dict):
        return None
    name, does, code = (str(given.get(key, "")) for key in ("name", "does", "code"))
    script = skill_script(name, does, code)
    try:
        ast.parse(script.code)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ValueError(f"The script isn't valid Python ({error}).") from error
    return script
