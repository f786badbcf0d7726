"""The form in which people edit a drafted skill. Pure."""

from collections.abc import Mapping

from bot.cards.skill_checkpoints import SCOPES
from bot.chat_platform import Input
from orchestrator.domain.skills import SkillScope, SkillText, skill_text
from orchestrator.domain.task import TaskState
from orchestrator.errors import NotFound, Refused

_PAGE = 2_900
_VALID: dict[str, SkillScope] = {"person": "person", "channel": "channel", "team": "team"}


def skill_inputs(state: TaskState, ref: str) -> tuple[Input, ...]:
    """Returns the fields, prefilled; long instructions are split over two. Raises NotFound."""
    number = ref.partition(":")[0]
    row = state.saved.get(int(number)) if number.isdecimal() else None
    if row is None or row.draft is None:
        raise NotFound("That skill isn't part of this task.")
    first, rest = _split(row.draft.body)
    help_ = "With a different name, it becomes a new skill." if row.replaces else "Lowercase words joined by hyphens."
    return (
        Input(name="name", label="Name", value=row.draft.name, help=help_),
        Input(name="description", label="What it does and when to use it", kind="text", value=row.draft.description),
        Input(name="body", label="Instructions", kind="text", value=first),
        Input(name="more", label="Instructions, continued", kind="text", value=rest, required=False),
        Input(name="scope", label="Who can use it", kind="choice", options=SCOPES, value=row.scope),
    )


def read_skill_form(values: Mapping[str, str]) -> tuple[SkillText, SkillScope]:
    """Returns what was filled in. Raises Refused with a sentence for the form."""
    body = "\n".join(part for part in (values.get("body", ""), values.get("more", "")) if part.strip())
    scope = _VALID.get(values.get("scope", ""))
    if scope is None:
        raise Refused("Choose who can use the skill.")
    try:
        return skill_text(values.get("name", ""), values.get("description", ""), body.replace("\r\n", "\n")), scope
    except ValueError as error:
        raise Refused(str(error)) from error


def _split(body: str) -> tuple[str, str]:
    if len(body) <= _PAGE:
        return body, ""
    at = body.rfind("\n", 1, _PAGE)
    return (body[:at], body[at + 1 :]) if at > 0 else (body[:_PAGE], body[_PAGE:])
