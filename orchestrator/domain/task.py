"""A task's state, as `fold.py` builds it from the task's events.

What an agent and its model said to each other stays in the ledger (see `transcript.py`); the state has what people see
and what decides the next moves.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, NamedTuple

from orchestrator.domain.agents import UsedAgent
from orchestrator.domain.approvals_and_questions import Approval, Decision, Question, Waits
from orchestrator.domain.deliverables import Deliverable
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import ApprovalId, DeliverableId, FindingId, QuestionId, SubtaskId, TaskId
from orchestrator.domain.people import NO_BACKGROUND, FileRef, MessageBackground, Person, Request
from orchestrator.domain.phases import FINAL, Phase
from orchestrator.domain.plan import Plan
from orchestrator.domain.policy import Rule
from orchestrator.domain.saved_skill import SavedSkill
from orchestrator.domain.skill_trials import TrialOf
from orchestrator.domain.skills import UsedSkill
from orchestrator.domain.token_usage import NOTHING, Usage
from orchestrator.domain.tool_calls import Call, Label

Status = Literal["planned", "running", "parked", "review", "revising", "done", "failed", "retrying", "skipped"]
"""`review`: finished, with undecided deliverables. `revising`: a person asked for changes.
`retrying`: the next attempt may start."""


@dataclass(frozen=True, slots=True)
class SubtaskState:
    """What is known about one subtask. Times are UTC, cost in US dollars over all attempts."""

    status: Status = "planned"
    attempt: int = 1
    leg: int = 0
    turns: int = 0
    saw: int = 0
    """Ledger sequence up to which the agent has received the news."""
    host: str = ""
    model: str | None = None
    """The model that answered last."""
    override: str | None = None
    """The model a person chose for this and later attempts."""
    doing: tuple[Call, ...] = ()
    said: str = ""
    """The agent's last words while working."""
    waits: Waits | None = None
    summary: str = ""
    problem: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    cost: float = 0.0
    used: Usage = NOTHING
    picture: FileRef | None = None
    moved_by: Person | None = None
    """The person who retried or skipped it last; None: nobody, or the conductor."""
    takeover_by: Person | None = None
    """Who has taken over its page; None: the agent has it."""
    takeover_seq: int = 0
    """Ledger sequence at which a person last took over its page."""
    labels: frozenset[Label] = frozenset()
    ended_at: int | None = None
    """Ledger sequence at which its stream of findings closed; None while it may still share."""
    skills: tuple[UsedSkill, ...] = ()
    """The skills that this attempt's agent has read."""
    agent: UsedAgent | None = None
    """The version of a team's own agent that works on this attempt."""
    policy: tuple[Rule, ...] = ()
    """That agent's rules, which make the hub's stricter."""


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A deliverable and what a person decided about it."""

    deliverable: Deliverable
    verdict: Literal["waiting", "approved", "changes", "replaced", "superseded"] = "waiting"
    seq: int = 0
    """Ledger sequence of the last thing that happened to it."""
    by: Person | None = None
    text: str = ""
    at: datetime | None = None
    replacement: FileRef | None = None
    since: datetime | None = None
    """When it was handed in."""

    @property
    def file(self) -> FileRef:
        """Returns the file that counts: the person's own, if there is one."""
        return self.replacement or self.deliverable.file


@dataclass(frozen=True, slots=True)
class Decided:
    """An approval and its decision, if any."""

    approval: Approval
    decision: Decision | None = None
    by: Person | None = None
    at: datetime | None = None
    since: datetime | None = None
    """When it was asked for."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A question and its answers, if any."""

    question: Question
    answers: Mapping[str, str] | None = None
    by: Person | None = None
    at: datetime | None = None
    since: datetime | None = None
    """When it was asked."""


@dataclass(frozen=True, slots=True)
class ThreadLine:
    """A sentence in the thread."""

    seq: int
    at: datetime
    by: Person | None
    text: str
    level: Literal["said", "info", "warning", "error"] = "said"
    files: tuple[FileRef, ...] = ()
    subtask: SubtaskId | None = None
    background: MessageBackground = NO_BACKGROUND


@dataclass(frozen=True, slots=True)
class Shared:
    """A finding, and when it reached the board."""

    seq: int
    at: datetime
    finding: Finding


class Unpriced(NamedTuple):
    """A model whose price isn't known, and the fact with which it was first used."""

    model: str
    seq: int
    at: datetime


@dataclass(frozen=True, slots=True)
class TaskState:
    """The whole task as of ledger sequence `seq`."""

    id: TaskId
    seq: int = 0
    request: Request | None = None
    rehearsal: bool = False
    trial: TrialOf | None = None
    phase: Phase = "planning"
    plan: Plan | None = None
    version: int = 0
    planned_by: Person | None = None
    """Who made this version of the plan; None: the planner."""
    planned_at: datetime | None = None
    moved_by: Person | None = None
    """The person who last started, paused, resumed or stopped the task, or made the planner think again."""
    rounds: int = 1
    started: bool = False
    subtasks: Mapping[SubtaskId, SubtaskState] = field(default_factory=dict[SubtaskId, SubtaskState])
    board: tuple[Shared, ...] = ()
    approvals: Mapping[ApprovalId, Decided] = field(default_factory=dict[ApprovalId, Decided])
    questions: Mapping[QuestionId, Answered] = field(default_factory=dict[QuestionId, Answered])
    deliverables: Mapping[DeliverableId, Reviewed] = field(default_factory=dict[DeliverableId, Reviewed])
    saved: Mapping[int, SavedSkill] = field(default_factory=dict[int, SavedSkill])
    """Skills made from this task, by number."""
    lines: tuple[ThreadLine, ...] = ()
    remarks: tuple[ThreadLine, ...] = ()
    """What people said to each other in the thread: shown there, and heard by no agent and no planner."""
    domains: frozenset[str] = frozenset()
    """Domains a person allowed for this task."""
    allowed: frozenset[str] = frozenset()
    """What a person allowed for this task: calls by their fingerprint, and named scopes of tools."""
    logins: frozenset[tuple[str, str]] = frozenset()
    """Logins a person allowed for this task, each with a domain."""
    cost: float = 0.0
    used: Usage = NOTHING
    unpriced: tuple[Unpriced, ...] = ()
    turns: int = 0
    opened: datetime | None = None
    closed: datetime | None = None
    words: str = ""
    result: str = ""
    """The closing words of the last round that made something; a later answer doesn't replace them."""

    set_aside: str = ""
    """Why the facts can't be folded any further; the task then counts as stopped, and its later facts are ignored."""

    @property
    def final(self) -> bool:
        return self.phase in FINAL

    @property
    def has_unstarted_plan(self) -> bool:
        """Returns whether there is a plan whose newest steps wait for *Start*."""
        steps = self.plan.subtasks if self.plan and not self.started else ()
        return any(self.of(s.id).status == "planned" for s in steps)

    def of(self, subtask: SubtaskId) -> SubtaskState:
        """Returns the subtask's state; a fresh one if nothing has happened to it."""
        return self.subtasks.get(subtask, SubtaskState())

    def title_of(self, subtask: SubtaskId | None) -> str:
        """Returns the step's title, its id if it left the plan, or `Planner` for None."""
        if subtask is None:
            return "Planner"
        row = self.plan.subtask(subtask) if self.plan else None
        return row.title if row else subtask

    def findings(self) -> tuple[Finding, ...]:
        """Returns all findings, in order, including superseded ones."""
        return tuple(s.finding for s in self.board)

    def endpoints(self) -> frozenset[str]:
        """Returns endpoints of pages whose reads a person approved for this task."""
        rows = (row for row in self.approvals.values() if row.decision and row.decision.verb == "approve")
        return frozenset(row.approval.held.endpoint for row in rows if row.approval.held and row.approval.held.endpoint)

    def superseded(self) -> frozenset[FindingId]:
        """Returns findings that a later one replaced."""
        return frozenset(f.supersedes for f in self.findings() if f.supersedes)

    def comparable(self) -> tuple[Finding, ...]:
        """Returns the findings that files are checked against: not superseded, and short."""
        gone = self.superseded()
        return tuple(f for f in self.findings() if f.id not in gone and f.short)

    def outdated(self, row: Reviewed) -> tuple[FindingId, ...]:
        """Returns the corrected findings that a file is still based on."""
        gone = self.superseded()
        return tuple(i for i in row.deliverable.findings if i in gone)

    def newest(self, finding: FindingId) -> Finding | None:
        """Returns the finding that corrections turned this one into; None if it wasn't corrected."""
        newer = {f.supersedes: f for f in self.findings() if f.supersedes}
        found, seen = newer.get(finding), {finding}
        while found and found.id not in seen and found.id in newer:
            seen.add(found.id)
            found = newer[found.id]
        return found

    def revisable(self, row: Reviewed) -> bool:
        """Returns whether its agent can be asked to update the file with later corrections."""
        if not self.outdated(row) or row.verdict not in ("waiting", "approved") or self.phase == "stopped":
            return False
        return row.verdict == "waiting" or self.phase not in ("planning", "stuck")

    def pending_deliverables(self, subtask: SubtaskId | None = None) -> tuple[Reviewed, ...]:
        """Returns deliverables that wait for a person, of one subtask or of all."""
        rows = (r for r in self.deliverables.values() if r.verdict == "waiting")
        return tuple(r for r in rows if subtask is None or r.deliverable.subtask == subtask)
