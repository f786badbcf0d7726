"""What a person wants. `id` is the platform's own id of the press or message: sent twice, it counts once."""

from typing import Literal

from pydantic import Field

from orchestrator.domain.approvals_and_questions import Decision
from orchestrator.domain.base_value import Value
from orchestrator.domain.ids import ApprovalId, DeliverableId, QuestionId, SubtaskId, TaskId
from orchestrator.domain.people import NO_BACKGROUND, FileRef, MessageBackground, Person, Request
from orchestrator.domain.plan import Plan
from orchestrator.domain.skills import SkillScope, SkillText
from orchestrator.domain.takeover import Ending


class Command(Value):
    """The common part: an id for deduplication, and who wants it."""

    id: str = Field(min_length=1, max_length=200)
    by: Person


class OpenTask(Command):
    """A mention. The task's id follows from the platform, channel and `id`, so a repeated mention opens nothing new."""

    request: Request


class OfTask(Command):
    """A command about a task that exists."""

    task: TaskId


class Say(OfTask):
    text: str
    files: tuple[FileRef, ...] = ()
    subtask: SubtaskId | None = None
    background: MessageBackground = NO_BACKGROUND


class Remark(OfTask):
    """Words that are for the people in the thread only."""

    text: str
    files: tuple[FileRef, ...] = ()


class EditPlan(OfTask):
    """`base`: the version the person looked at. Also during a run: subtasks that have started stay as they are.

    `running`: whether the plan had started when the person looked at it; None on older cards.
    """

    plan: Plan
    base: int
    running: bool | None = None


class StartPlan(OfTask):
    base: int


class RetryPlanning(OfTask):
    pass


class Pause(OfTask):
    pass


class Resume(OfTask):
    pass


class Stop(OfTask):
    pass


class RetrySubtask(OfTask):
    """`attempt`: the attempt the person looked at, so that two presses give one retry."""

    subtask: SubtaskId
    attempt: int
    model: str | None = None


class SkipSubtask(OfTask):
    """`attempt`: the attempt the person looked at, so that a retry isn't skipped unseen; None on older cards."""

    subtask: SubtaskId
    attempt: int | None = None


class Decide(OfTask):
    approval: ApprovalId
    decision: Decision


class AnswerQuestion(OfTask):
    """`choice`: the position of the chosen option, for a question with one field; it then replaces `answers`.
    `own_words`: the answers may be none of the choices."""

    question: QuestionId
    answers: dict[str, str] = {}
    choice: int | None = None
    own_words: bool = False


class StartTakeover(OfTask):
    """To take over the subtask's page."""

    subtask: SubtaskId


class EndTakeover(OfTask):
    """`how` other than `handed-back` is said by the hub, in the name of the person."""

    subtask: SubtaskId
    how: Ending = "handed-back"


class AllowDomain(OfTask):
    """To let this task open a domain that the page wants to go to."""

    subtask: SubtaskId
    domain: str = Field(max_length=260)


class Review(OfTask):
    deliverable: DeliverableId
    verdict: Literal["approved", "changes", "replaced"]
    text: str = ""
    file: FileRef | None = None


class SaveSkill(OfTask):
    """To draft a skill from what the task did or, with `updates`, a change of the skill of that name."""

    words: str = ""
    updates: str = ""


class EditSkill(OfTask):
    """`revision`: the one that the person looked at, here and below."""

    saving: int
    revision: int
    draft: SkillText
    scope: SkillScope


class DecideScript(OfTask):
    """To file the drafted script with the skill, or to leave it out."""

    saving: int
    revision: int
    approved: bool


class TrySkill(OfTask):
    saving: int
    revision: int


class DecideSkill(OfTask):
    """`scope`: whose it becomes; None: as the draft says."""

    saving: int
    revision: int
    approved: bool
    scope: SkillScope | None = None


class RollBackSkill(OfTask):
    saving: int


class ReviveSkill(OfTask):
    """To bring an archived skill back."""

    saving: int


class ExportSkill(OfTask):
    saving: int


SkillCommand = (
    SaveSkill | EditSkill | DecideScript | TrySkill | DecideSkill | ExportSkill | RollBackSkill | ReviveSkill
)  # fmt: skip


TaskCommand = (
    Say
    | Remark
    | EditPlan
    | StartPlan
    | RetryPlanning
    | Pause
    | Resume
    | Stop
    | RetrySubtask
    | SkipSubtask
    | Decide
    | AnswerQuestion
    | StartTakeover
    | EndTakeover
    | AllowDomain
    | Review
    | SkillCommand
)
"""What someone wants of a task that exists."""
AnyCommand = OpenTask | TaskCommand
