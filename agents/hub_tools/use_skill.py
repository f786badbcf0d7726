"""Defines the tool with which an agent reads a skill. The skill is recorded as used, at the version that it read."""

from typing import Annotated

from agents.hub_tools.coordination import HubCallContext
from agents.skills.allowed_tools import understood
from agents.skills.library import SkillLibrary
from agents.skills.name_precedence import VisibleSkills
from agents.skills.skill_list_text import line
from agents.skills.skill_text_for_agent import whole
from agents.skills.skills_of_attempt import key_of, used_in
from agents.tool import Tool, tool
from orchestrator.domain import events as e
from orchestrator.domain.skill_content import SkillContent
from orchestrator.domain.skills import OUTSIDE
from orchestrator.domain.tool_calls import CallResult, Label
from orchestrator.errors import ToolFailed
from orchestrator.ports import Work

PAGE = 40_000
"""Characters shown at once."""
_CLOSEST = 6
_WIDTH = 160
WORKSPACE = "skills"
"""The folder of the workspace for files of a skill that aren't text."""


def use_skill_tool(library: SkillLibrary) -> Tool:
    """Returns the tool for these skills."""

    @tool(effects=(), place="hub", parallel=True)
    async def use_skill(
        side: HubCallContext,
        name: Annotated[str, "the skill's name, or a few English words describing what you need"],
        file: Annotated[str | None, "one of its files"] = None,
        start: Annotated[int, "character to start at"] = 0,
    ) -> CallResult:
        """Read a skill's instructions, or one of its files, and follow them for this step."""
        used = await _used(side.work, library, name)
        content = await library.read(used.content)
        labels = frozenset({Label.UNTRUSTED} if used.skill.source in OUTSIDE else frozenset[Label]())
        if file is None:
            words = whole(used.skill, content, start=max(0, start), most=PAGE)
        else:
            words = await _file(side.work, library, used.skill.name, content, file, max(0, start))
        return CallResult(ok=True, text=words, labels=labels)

    return use_skill


async def _used(work: Work, library: SkillLibrary, given: str) -> e.SkillUsed:
    """Returns the skill as this attempt reads it, from its first use on. Raises ToolFailed."""
    name = given.strip().strip("/").lower()
    event = next((one for one in used_in(work) if one.skill.name == name), None)
    if event is None:
        visible = await library.visible(work.state)
        if name not in visible.by_name:
            raise ToolFailed(await _unknown(given, visible, library))
        one = visible.by_name[name]
        made = e.SkillUsed(
            subtask=work.subtask, attempt=work.attempt, skill=visible.used(name), by="agent",
            content=await library.content(one), allows=understood(one.sheet.tools),
        )  # fmt: skip
        event = await work.record(key_of(work, name), made)
        assert isinstance(event, e.SkillUsed)
    await work.host.lend(event.skill.digest, (await library.read(event.content)).files)
    return event


async def _unknown(given: str, visible: VisibleSkills, library: SkillLibrary) -> str:
    """Says that there is no such skill, and which ones come closest."""
    found = await library.closest(visible, given.replace("-", " "), _CLOSEST)
    if not found:
        return f"There's no skill {given[:200]!r}, and none is close. Continue without a skill."
    closest = "\n".join(line(one, _WIDTH) for one in found)
    return f"There's no skill {given[:200]!r}. If one of these fits, call use_skill with its name:\n{closest}"


async def _file(work: Work, library: SkillLibrary, name: str, content: SkillContent, path: str, start: int) -> str:
    """Returns a text file's content, or puts another file into the workspace. Raises ToolFailed."""
    wanted = path.strip().removeprefix("./").removeprefix(f"/skills/{name}/")
    found = next((one.file for one in content.files if one.path == wanted), None)
    if found is None:
        paths = ", ".join(one.path for one in content.files) or "none"
        raise ToolFailed(f"The skill {name!r} has no file {path!r}. Its files: {paths[:2000]}.")
    try:
        text = (await library.bytes_of(found)).decode()
    except UnicodeDecodeError:
        place = f"{WORKSPACE}/{name}/{wanted}"
        await work.host.give(work.task, found, place)
        return f"{wanted} isn't text. A copy is now in the workspace: {place}"
    end = start + PAGE
    rest = f"\n[{len(text) - end} more characters; start={end} shows them]" if len(text) > end else ""
    return f"{wanted} of the skill {name}:\n\n{text[start:end]}{rest}"
