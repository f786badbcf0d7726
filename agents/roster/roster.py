"""Reads the roster: one Markdown file per agent, ours and the user's."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidationInfo,
    ValidatorFunctionWrapHandler,
    field_validator,
)
from pydantic_core import PydanticCustomError

from agents.tool import sentence
from orchestrator.errors import BadSettings, NotFound
from orchestrator.ports import AgentRow

_NAME = re.compile(r"^[a-z][a-z0-9-]{0,39}$")
SHIPPED = Path(__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""In C if this machine's PyYAML has that, which is ten times as fast; the roster is read at every start."""


class FrontMatter(BaseModel):
    """Front matter of a roster file (between the two `---` lines)."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=_NAME.pattern)
    description: str = Field(min_length=1, max_length=400)
    tools: list[str] = Field(min_length=1)
    families: Mapping[str, Sequence[str]] = {}
    skills: list[str] = []
    model: str | None = None
    turns: int | None = Field(default=None, ge=1, le=200)

    @field_validator("families", mode="wrap")
    @classmethod
    def _named_lists(cls, given: object, read: ValidatorFunctionWrapHandler) -> Mapping[str, Sequence[str]]:
        try:
            families: Mapping[str, Sequence[str]] = read(given)
        except ValidationError:
            families = {"": ()}
        if not all(_NAME.fullmatch(name) and tools for name, tools in families.items()):
            raise PydanticCustomError("families", "write each as a name and its tools, like `slides: [slides_write]`")
        return families

    @field_validator("families")
    @classmethod
    def _each_tool_once(
        cls, families: Mapping[str, Sequence[str]], info: ValidationInfo
    ) -> Mapping[str, Sequence[str]]:
        places = [*{*info.data.get("tools", ())}, *(name for tools in families.values() for name in tools)]
        if twice := next((name for name in places if places.count(name) > 1), None):
            raise PydanticCustomError("twice", "list {name} in one place only", {"name": repr(twice)})
        return families


@dataclass(frozen=True)
class Colleague:
    """One agent of the roster."""

    name: str
    description: str
    tools: tuple[str, ...]
    prompt: str
    model: str | None = None
    turns: int | None = None
    families: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """Tools that its prompts don't show until it opens their family, by the family's name."""

    @property
    def every_tool(self) -> Sequence[str]:
        return (*self.tools, *(name for tools in self.families.values() for name in tools))

    skills: tuple[str, ...] = ()
    """Names of skills that each of its steps begins with."""

    @property
    def row(self) -> AgentRow:
        return AgentRow(name=self.name, description=self.description, model=self.model)


@dataclass(frozen=True)
class Roster:
    """Holds all agents by name; a user's file of the same name replaces ours."""

    colleagues: Sequence[Colleague]

    def get(self, name: str) -> Colleague:
        """Raises NotFound."""
        if found := next((c for c in self.colleagues if c.name == name), None):
            return found
        names = ", ".join(c.name for c in self.colleagues)
        raise NotFound(f"The agent {name!r} is no longer on the roster. Edit the step and choose one of {names}.")


def load(*folders: Path) -> Roster:
    """Reads our agents, then those of each folder. Raises BadSettings naming the file that can't be used."""
    found: dict[str, Colleague] = {}
    for folder in (SHIPPED, *folders):
        for path in sorted(folder.glob("*.md")) if folder.is_dir() else []:
            one = parse(path)
            found[one.name] = one
    return Roster(tuple(found.values()))


def parse(path: Path) -> Colleague:
    """Reads one roster file. Raises BadSettings."""
    text = path.read_text(encoding="utf-8")
    head, _, body = text.removeprefix("---\n").partition("\n---\n")
    if not text.startswith("---\n") or not body.strip():
        raise BadSettings(
            f"The agent file {path.name!r} has no front matter. Start it with settings between two --- "
            f"lines, followed by the prompt."
        )
    try:
        front = FrontMatter.model_validate(yaml.load(head, Loader=_LOADER))
    except (ValidationError, yaml.YAMLError) as error:
        words = sentence(error) if isinstance(error, ValidationError) else str(error).splitlines()[0]
        raise BadSettings(f"The agent file {path.name!r} isn't valid: {words}.") from error
    return Colleague(
        name=front.name,
        description=front.description,
        tools=tuple(front.tools),
        prompt=body.strip(),
        model=front.model,
        turns=front.turns,
        families=front.families,
        skills=tuple(front.skills),
    )
