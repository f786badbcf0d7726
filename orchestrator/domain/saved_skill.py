"""A skill that people make in chat, as the fold knows it. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import FileRef, Person
from orchestrator.domain.skill_trials import TriedFile
from orchestrator.domain.skills import KnownSkill, PackagedSkill, SkillScope, SkillScript, SkillText, UsedSkill


@dataclass(frozen=True, slots=True)
class SkillTrial:
    """A trial of a draft as it was at `revision`. `words`: how it ended; empty while it is running."""

    by: Person
    revision: int
    draft: SkillText
    task: TaskId | None = None
    words: str = ""
    files: tuple[TriedFile, ...] = ()


@dataclass(frozen=True, slots=True)
class SavedSkill:
    """A skill that people save from this task, from the request to a version that may be rolled back."""

    by: Person
    """Who asked for it or, once it was decided, who decided."""
    status: Literal[
        "drafting",
        "waiting",
        "approved",
        "discarded",
        "filed",
        "restoring",
        "rolled-back",
        "exporting",
        "failed",
        "archived",
        "reviving",
    ]
    seq: int
    """Ledger sequence of the last thing that happened to it."""
    words: str = ""
    updates: str = ""
    installs: str = ""
    source: str = ""
    """The address that it's installed from."""
    draft: SkillText | None = None
    script: SkillScript | None = None
    script_by: Person | None = None
    """Who approved the script; None: it isn't filed with the skill."""
    package: PackagedSkill | None = None
    """The attached skill, if it is one, instead of a draft."""
    content: FileRef | None = None
    """All of the attached skill, on the shelf."""
    revision: int = 1
    scope: SkillScope = "person"
    near: KnownSkill | None = None
    filed: UsedSkill | None = None
    restored: str = ""
    """The version that counts again after it was rolled back."""
    at: datetime | None = None
    last_by: Person | None = None
    """Who last edited it or asked for its export."""
    exports: tuple[FileRef, ...] = ()
    trials: tuple[SkillTrial, ...] = ()

    @property
    def trying(self) -> SkillTrial | None:
        """Returns the trial that is running."""
        return self.trials[-1] if self.trials and not self.trials[-1].words else None

    @property
    def name(self) -> str:
        """Returns the name that it would be saved under; empty until there is something to look at."""
        return self.draft.name if self.draft else self.package.name if self.package else ""

    @property
    def replaces(self) -> UsedSkill | None:
        """Returns the skill that it becomes the next version of: one of that name that people made."""
        old = self.near.skill if self.near and self.name == self.near.skill.name else None
        return old if old and old.source in ("person", "channel", "team") else None
