"""What people see of a task, on every platform. Pure values: `card_projection.py` makes them, `render.py` draws them.

All times are UTC; the platform computes `elapsed`, because it knows the current time. Money is US dollars. Texts are
plain, unescaped and may contain anything a model wrote: escaping is the renderer's job.
"""

from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from orchestrator.domain.base_value import Value
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import FileRef
from orchestrator.domain.skill_trials import TriedFile

Tone = Literal["plain", "primary", "danger"]
State = Literal["waiting", "running", "needs-you", "done", "failed", "skipped", "paused", "stopped"]


class Button(Value):
    """Something a person can press. `verb` and `ref` go back in the command; `form` names a form to open first.

    Verbs: start edit-plan retry-planning stop pause resume · retry skip redirect · approve approve-for-task edit reject
    · answer choose · take-over handed-back could-not · accept request-changes replace revise
    · save-skill edit-skill approve-script leave-script-out try-skill approve-skill discard-skill roll-back-skill
    export-skill bring-back-skill
    · answer-with change-with approve-with pass-on new-request.
    """

    verb: str
    label: str
    ref: str = ""
    tone: Tone = "plain"
    page: str = ""
    """Where it leads in the web workspace, relative to the task's address or as a full one; it is then a link and sends
    no command."""
    form: Literal["", "plan", "reason", "arguments", "answers", "changes", "file", "words", "skill"] = ""
    task: TaskId = TaskId("")
    """The task that it is about, if that isn't the task of what it stands on."""


SHORT = 120
"""Characters of a summary that every card has room for."""


class StepRow(Value):
    """A subtask on the card. `doing` is one line in plain words; `waits` says why it isn't running. `answers`: its
    summary is what people asked for, because no other step uses it and it made no file."""

    id: str
    title: str
    agent: str
    state: State
    doing: str = ""
    waits: str = ""
    problem: str = ""
    summary: str = ""
    answers: bool = False
    model: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    findings: int = 0
    cost: float = 0.0
    spent: str = ""
    """What it has spent, in a few characters; empty if nothing."""
    turns: int = 0
    picture: FileRef | None = None
    takeover_by: str = ""
    """The name of the person who has control of its page."""
    skills: tuple[str, ...] = ()
    """The skills that its agent follows, in words; before it starts, the names of those that it will follow."""
    buttons: tuple[Button, ...] = ()

    @property
    def long_answer(self) -> str:
        """Returns its summary if that is an answer that a card may have no room for."""
        long = len(self.summary) > SHORT or "\n" in self.summary.strip()
        return self.summary if self.answers and long else ""


class Edge(Value):
    """`feeds` edges count the findings that have flowed along them."""

    source: str
    target: str
    kind: Literal["after", "feeds"]
    flowed: int = 0


class CardFact(Value):
    """A line of a checkpoint: the label and the exact value."""

    label: str
    value: str


class Checkpoint(Value):
    """Something that waits for a person, or has been decided. An undecided one is never cut from a card.

    `fields`: for a question. `arguments`: for an approval that may be edited.
    """

    id: str
    kind: Literal["approval", "question", "deliverable", "skill"]
    title: str
    facts: tuple[CardFact, ...] = ()
    subtask: str = ""
    arguments: dict[str, JsonValue] = {}
    fields: tuple["AskField", ...] = ()
    decided: str = ""
    """Who decided what, in words; empty while it is waiting."""
    decided_at: datetime | None = None
    """When it was decided; None while it is waiting, or if nobody decided."""
    picture: FileRef | None = None
    """The page to take over, as it was when people were asked."""
    buttons: tuple[Button, ...] = ()
    beside: tuple[TriedFile, ...] = ()
    """For a drafted skill that was tried: the files of the original beside those of the trial."""


class AskField(Value):
    name: str
    label: str
    options: tuple[str, ...] = ()
    required: bool = True


class FileLine(Value):
    """A deliverable that people can open. `verdict` in words; `judged`: when, if a person has decided; `problems` come
    from its automatic checks.

    `id` is the deliverable's. `own`: the file that a person put in its place, and `by` that person. `earlier`: a newer
    file has replaced it.
    """

    id: str
    file: FileRef
    version: int
    words: str
    by: str
    verdict: str
    judged: datetime | None = None
    problems: tuple[str, ...] = ()
    previews: tuple[FileRef, ...] = ()
    provenance: FileRef | None = None
    findings: int = 0
    skills: tuple[str, ...] = ()
    """The skills that its agent followed, in words."""
    own: bool = False
    earlier: bool = False

    @property
    def edition(self) -> str:
        """Says which version it is."""
        return f"{self.by}’s own version" if self.own else f"version {self.version}"


class Post(Value):
    """A sentence in the thread. An empty `by` means the bot. `seq` orders posts and names them."""

    seq: int
    at: datetime
    by: str
    text: str
    level: Literal["said", "info", "warning", "error"] = "said"
    files: tuple[FileRef, ...] = ()


class DraftLine(Value):
    """What a model is writing right now, as far as it has come; what it is recorded as replaces it. `step`: the id of
    its row, or empty for the planner's answer."""

    step: str
    title: str
    text: str


class FindingLine(Value):
    """A finding as people read it."""

    id: str
    by: str
    kind: str
    value: str
    where: str = ""
    quote: str = ""
    at: datetime
    superseded: bool = False


class Card(Value):
    """The whole card. `headline` is one sentence that is true now. `rehearsal`: no model is set, and the card says
    so."""

    task: str
    seq: int
    title: str
    state: State
    headline: str
    rehearsal: bool = False
    plan_version: int = 0
    plan_editable: bool = False
    rows: tuple[StepRow, ...] = ()
    edges: tuple[Edge, ...] = ()
    checkpoints: tuple[Checkpoint, ...] = ()
    files: tuple[FileLine, ...] = ()
    posts: tuple[Post, ...] = ()
    drafts: tuple[DraftLine, ...] = ()
    findings: tuple[FindingLine, ...] = ()
    opened: datetime | None = None
    closed: datetime | None = None
    cost: float = 0.0
    spent: str = "$0.00"
    """What it has spent, in words: money, tokens, and how many of them were reused."""
    spent_briefly: str = ""
    turns: int = 0
    buttons: tuple[Button, ...] = ()

    @property
    def skills(self) -> tuple[str, ...]:
        """Returns the skills of all steps, in words, each once."""
        return tuple(dict.fromkeys(words for row in self.rows for words in row.skills))
