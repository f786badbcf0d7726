"""Prepares an attempt's skills: lists what its agent can choose from, and loads those that were fixed for the step."""

from collections.abc import Mapping, Sequence
from typing import Literal

from agents.roster.agent_definition import Colleague
from agents.skills.allowed_tools import narrowed, understood
from agents.skills.called_by_name import called
from agents.skills.library import SkillLibrary
from agents.skills.name_precedence import VisibleSkills
from agents.skills.skill_list_text import FOR_AGENT
from agents.skills.skill_text_for_agent import whole
from agents.skills.skills_of_attempt import key_of, of_attempt, used_in
from orchestrator.domain import events as e
from orchestrator.domain.ids import Key
from orchestrator.domain.plan import Subtask
from orchestrator.domain.skill_content import SkillContent
from orchestrator.domain.tool_calls import ToolSpec
from orchestrator.ports import Shelf, Work

USE_SKILL = "use_skill"
SHARE = 0.15
"""Of the model's window: what skills that were fixed for a step may take of its assignment together."""
_CHARACTERS = 3
"""Per token, at least."""
_MOST_REQUEST = 2_000
FixedBy = Literal["planner", "person", "roster"]


async def prepare(work: Work, library: SkillLibrary, colleague: Colleague, row: Subtask, *, room: int) -> None:
    """Records both before the attempt's first turn, so that a restart gives the same prompt, and lends the host what is
    in use. `room`: tokens of the model's window."""
    if not any(isinstance(x, e.TurnTaken) for x in of_attempt(work)):
        visible = await library.visible(work.state)
        await _list(work, library, visible, row, room=room)
        fixed = fixed_for(row, colleague, _asked(work), visible)
        most = int(SHARE * room * _CHARACTERS) // max(1, len(fixed))
        for name, by in fixed.items():
            one = visible.by_name[name]
            event = e.SkillUsed(
                subtask=work.subtask, attempt=work.attempt, skill=visible.used(name), by=by,
                content=await library.content(one), shown=max(1, most), allows=understood(one.sheet.tools),
            )  # fmt: skip
            await work.record(key_of(work, name), event)
    for used in used_in(work):
        await work.host.lend(used.skill.digest, (await library.read(used.content)).files)


def fixed_for(row: Subtask, colleague: Colleague, asked: Sequence[str], visible: VisibleSkills) -> dict[str, FixedBy]:
    """Returns which skills the step begins with, and who said so."""
    named: dict[str, FixedBy] = dict.fromkeys(colleague.skills, "roster")
    named |= {name: "person" if name in asked else "planner" for name in row.skills}
    return {name: by for name, by in named.items() if name in visible.by_name}


def tools_left(specs: Mapping[str, ToolSpec], work: Work) -> Mapping[str, ToolSpec]:
    """Returns the tools of the attempt: those that its fixed skills allow, and no `use_skill` where there are none."""
    if not any(isinstance(x, e.SkillsListed) for x in of_attempt(work)):
        return {name: spec for name, spec in specs.items() if name != USE_SKILL}
    return narrowed(specs, [used.allows for used in used_in(work) if used.by != "agent"])


async def skill_text(used: e.SkillUsed, shelf: Shelf) -> str:
    """Returns a fixed skill as the assignment shows it."""
    content = SkillContent.model_validate_json(await shelf.get(used.content.sha))
    return f"Follow this skill in this step. {whole(used.skill, content, most=used.shown)}"


async def _list(work: Work, library: SkillLibrary, visible: VisibleSkills, row: Subtask, *, room: int) -> None:
    for name in (*row.skills,):
        if name not in visible.by_name:
            words = f"The skill {name!r} for this step is no longer installed. Continuing without it."
            await work.record(
                Key(f"{work.subtask}/skill-missing:{name}"), e.Noted(text=words, subtask=work.subtask, level="warning")
            )
    if visible.by_name:
        request = work.state.request.text[:_MOST_REQUEST] if work.state.request else ""
        words = "\n".join([row.title, row.instructions, *row.acceptance, request])
        text = await library.listed(visible, words, FOR_AGENT, room=room)
        event = e.SkillsListed(subtask=work.subtask, attempt=work.attempt, text=text)
        await work.record(Key(f"{work.subtask}/try:{work.attempt}/skills"), event)


def _asked(work: Work) -> Sequence[str]:
    """Returns the names that people called, whether or not they exist."""
    state = work.state
    said = [state.request.text] if state.request else []
    said += [line.text for line in state.lines if line.by is not None]
    row = state.plan.subtask(work.subtask) if state.plan else None
    return [name for text in said for name in called(text, row.skills if row else ()).names]
