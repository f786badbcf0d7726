"""Skills as they are sent and shown: their files, their text, and what a planner knows of them. Pure."""

from orchestrator.domain.base_value import Value
from orchestrator.domain.people import FileRef
from orchestrator.domain.skills import KnownSkill, PackagedSkill


class SkillFile(Value):
    """One file of a skill. `path`: relative to its folder, with slashes."""

    path: str
    file: FileRef


class SkillContent(Value):
    """Everything of a skill as it was when a step used it; on the shelf, so that later edits don't change the step."""

    text: str
    files: tuple[SkillFile, ...] = ()


class UnpackedSkill(Value):
    """An attached skill: what people look at before it is installed, and a `SkillContent` as JSON on the shelf.

    `near`: the skill of that name that it would replace, or else the one that it is most like.
    """

    package: PackagedSkill
    content: FileRef
    near: KnownSkill | None = None


class PlannerSkills(Value):
    """What a planner knows of skills. `text`: the list to choose from; `names`: every name that exists.

    `called`: those that a person asked for by name; `problems`: sentences for people, e.g. about an unknown name.
    `attached`: those that came as files with this task.
    """

    text: str = ""
    names: frozenset[str] = frozenset()
    called: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()
