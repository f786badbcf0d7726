"""Trials of drafted skills: the same request with the draft as its skill, in a separate task. Pure."""

from orchestrator.domain.base_value import Value
from orchestrator.domain.ids import TaskId, digest
from orchestrator.domain.people import FileRef, Person


class TrialOf(Value):
    """What a task tries: draft number `saving` of another task, in its trial number `number`, counted from 1.

    `skill`: the draft's name; `others`: everyone but whoever asked for the trial whose words shaped the request or the
    draft.
    """

    task: TaskId
    saving: int
    number: int
    skill: str
    others: tuple[Person, ...] = ()


class TriedFile(Value):
    """A file of the original task beside the file of that name that the trial made; None where there is none.

    `changes`: lines that differ, for short texts. The pictures are of their first pages.
    """

    name: str
    before: FileRef | None = None
    after: FileRef | None = None
    before_page: FileRef | None = None
    after_page: FileRef | None = None
    changes: str = ""

    @property
    def words(self) -> str:
        """Returns how the two compare, in words."""
        if self.after is None:
            return "only in the original"
        if self.before is None:
            return f"only in the trial, {self.after.size:,} bytes"
        if self.before.sha == self.after.sha:
            return "the same in both"
        return f"original {self.before.size:,} bytes, trial {self.after.size:,} bytes"


def trial_id(task: TaskId, saving: int, number: int) -> TaskId:
    """Returns the task of a trial."""
    return TaskId(digest(task, f"skill:{saving}", f"try:{number}"))
