"""Reads the roster: one Markdown file per agent, ours and the user's."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.tool import sentence
from orchestrator.errors import BadSettings, NotFound
from orchestrator.ports import AgentRow

SHIPPED = Path(__file__).parent
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""In C if this machine's PyYAML has that, which is ten times as fast; the roster is read at every start."""


class FrontMatter(BaseModel):
    """Front matter of a roster file (between the two `---` lines)."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{0,39}$")
    description: str = Field(min_length=1, max_length=400)
    tools: list[str] = Field(min_length=1)
    model: str | None = None
    turns: int | None = Field(default=None, ge=1, le=200)


@dataclass(frozen=True)
class Colleague:
    """One agent of the roster."""

    name: str
    description: str
    tools: tuple[str, ...]
    prompt: str
    model: str | None = None
    turns: int | None = None

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
    )
