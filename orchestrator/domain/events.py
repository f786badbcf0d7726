"""What happened: past tense, frozen, a closed union. Never change the meaning of one; add another.

Fields are only ever added, with defaults, so that what an older version wrote stays readable.
"""

from datetime import datetime
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, JsonValue, TypeAdapter

from orchestrator.domain.agents import UsedAgent
from orchestrator.domain.approvals_and_questions import Approval, Decision, Question, Waits
from orchestrator.domain.base_value import Value
from orchestrator.domain.deliverables import Deliverable
from orchestrator.domain.findings import Finding
from orchestrator.domain.ids import (
    ApprovalId,
    CallId,
    DeliverableId,
    Key,
    PersonId,
    QuestionId,
    Stream,
    SubtaskId,
    TaskId,
)
from orchestrator.domain.model_messages import Reply
from orchestrator.domain.people import NO_BACKGROUND, FileRef, MessageBackground, Person, Place, Request
from orchestrator.domain.plan import Plan
from orchestrator.domain.policy import Rule
from orchestrator.domain.skill_trials import TrialOf, TriedFile
from orchestrator.domain.skills import KnownSkill, PackagedSkill, SkillScope, SkillScript, SkillText, UsedSkill
from orchestrator.domain.takeover import Ending
from orchestrator.domain.token_usage import Usage
from orchestrator.domain.tool_calls import CallResult

# --- the task -------------------------------------------------------------------------------------------------------


class TaskOpened(Value):
    """`trial`: it only tries a drafted skill, so its plan needs no *Start* and its files no review."""

    type: Literal["task-opened"] = "task-opened"
    request: Request
    rehearsal: bool = False
    trial: TrialOf | None = None


class PlanDrafted(Value):
    """By the planner or, `by` set, by a person's edit. Versions count from 1."""

    type: Literal["plan-drafted"] = "plan-drafted"
    plan: Plan
    version: int
    by: Person | None = None
    cost: float = 0.0
    usage: Usage = Usage()
    model: str = ""


class PlanStarted(Value):
    type: Literal["plan-started"] = "plan-started"
    version: int
    by: Person | None = None


class PlanningFailed(Value):
    """The planner gave up this round; a person's message or *Retry* starts the next."""

    type: Literal["planning-failed"] = "planning-failed"
    problem: str
    round: int
    cost: float = 0.0
    usage: Usage = Usage()
    model: str = ""


class PlanningRetried(Value):
    type: Literal["planning-retried"] = "planning-retried"
    by: Person
    round: int


class Replied(Value):
    """The bot's answer in the thread. Without a plan, it is the whole answer. `keeps_plan`: the plan that waits for
    *Start* stays as it is."""

    type: Literal["replied"] = "replied"
    text: str
    keeps_plan: bool = False
    cost: float = 0.0
    usage: Usage = Usage()
    model: str = ""


class PersonSaid(Value):
    """A reply in the thread. `subtask`: only for that agent; None: for all that are running, or for the planner."""

    type: Literal["person-said"] = "person-said"
    by: Person
    text: str
    files: tuple[FileRef, ...] = ()
    subtask: SubtaskId | None = None
    background: MessageBackground = NO_BACKGROUND


class PersonRemarked(Value):
    """Words between people in the thread: everyone there sees them; no agent and no planner hears them."""

    type: Literal["person-remarked"] = "person-remarked"
    by: Person
    text: str
    files: tuple[FileRef, ...] = ()


class TaskPaused(Value):
    type: Literal["task-paused"] = "task-paused"
    by: Person


class TaskResumed(Value):
    type: Literal["task-resumed"] = "task-resumed"
    by: Person


class TaskStopped(Value):
    type: Literal["task-stopped"] = "task-stopped"
    by: Person


class TaskClosed(Value):
    type: Literal["task-closed"] = "task-closed"
    outcome: Literal["done", "answered"]
    words: str


class Noted(Value):
    """Something people should know: a fallback model answered, the host was restarted."""

    type: Literal["noted"] = "noted"
    text: str
    subtask: SubtaskId | None = None
    level: Literal["info", "warning", "error"] = "info"


# --- a subtask ------------------------------------------------------------------------------------------------------


class SubtaskStarted(Value):
    """A leg of an attempt has started. Attempts and legs count from 1."""

    type: Literal["subtask-started"] = "subtask-started"
    subtask: SubtaskId
    attempt: int
    leg: int
    host: str


class TurnTaken(Value):
    """One model turn. `saw`: the ledger sequence up to which the agent had been given the news.

    `whole`: the reply as JSON on the shelf, if it was too large for an event; `reply` is then a short form.
    """

    type: Literal["turn-taken"] = "turn-taken"
    subtask: SubtaskId
    attempt: int
    turn: int
    saw: int
    reply: Reply
    model: str
    usage: Usage = Usage()
    cost: float = 0.0
    whole: FileRef | None = None


class ConversationCompacted(Value):
    """Notes replaced the turns up to `through` of the attempt's conversation, because it neared the model's window.

    `longest`: characters to which texts of the turns that stayed were cut; None: not at all. `whole`: the notes on the
    shelf, if they were too large for an event. What it spends, it spends on the summary that a model wrote for them.
    """

    type: Literal["conversation-compacted"] = "conversation-compacted"
    subtask: SubtaskId
    attempt: int
    through: int
    notes: str
    longest: int | None = None
    whole: FileRef | None = None
    cost: float = 0.0
    usage: Usage = Usage()
    model: str = ""


class CallSent(Value):
    """A call was about to leave the hub. If it can't be repeated and has no result, its outcome is unknown.

    `account`: the id of the person whose account at the service it used.
    """

    type: Literal["call-sent"] = "call-sent"
    subtask: SubtaskId
    attempt: int
    call: CallId
    tool: str
    account: str = ""


class ToolReturned(Value):
    type: Literal["tool-returned"] = "tool-returned"
    subtask: SubtaskId
    attempt: int
    call: CallId
    tool: str
    result: CallResult


class SkillsListed(Value):
    """Before an attempt's first turn: the skills that its agent could choose from, as it reads them."""

    type: Literal["skills-listed"] = "skills-listed"
    subtask: SubtaskId
    attempt: int
    text: str


class SkillUsed(Value):
    """The agent read a skill. `content`: a `SkillContent` as JSON on the shelf.

    `by`: who chose it. If it wasn't the agent, its assignment begins with the first `shown` characters. `allows`: the
    tools that its author limits it to; empty for no limit.
    """

    type: Literal["skill-used"] = "skill-used"
    subtask: SubtaskId
    attempt: int
    skill: UsedSkill
    by: Literal["agent", "planner", "person", "roster"]
    content: FileRef
    shown: int = 0
    allows: tuple[str, ...] = ()


class AgentUsed(Value):
    """Before an attempt's first turn: the version of a team's own agent that works on it. `content`: its file.

    `policy`: rules that make the hub's stricter for this attempt. `round`: of the task.
    """

    type: Literal["agent-used"] = "agent-used"
    subtask: SubtaskId
    attempt: int
    agent: UsedAgent
    content: FileRef
    policy: tuple[Rule, ...] = ()
    round: int = 1


class SubtaskParked(Value):
    """The leg ended because it waits; the next leg starts when the wait is over."""

    type: Literal["subtask-parked"] = "subtask-parked"
    subtask: SubtaskId
    attempt: int
    leg: int
    waits: Waits


class SubtaskFinished(Value):
    """The agent is done; with undecided deliverables it is in review until people decide."""

    type: Literal["subtask-finished"] = "subtask-finished"
    subtask: SubtaskId
    attempt: int
    leg: int
    summary: str


class SubtaskFailed(Value):
    """This attempt is over. `again`: the conductor may start the next attempt on its own. What it spends was spent on
    turns that came to nothing."""

    type: Literal["subtask-failed"] = "subtask-failed"
    subtask: SubtaskId
    attempt: int
    problem: str
    again: bool
    cost: float = 0.0
    usage: Usage = Usage()
    model: str = ""


class SubtaskRetried(Value):
    """Attempt number `attempt` may start. `by` None: the conductor's own retry."""

    type: Literal["subtask-retried"] = "subtask-retried"
    subtask: SubtaskId
    attempt: int
    by: Person | None = None
    model: str | None = None


class SubtaskSkipped(Value):
    type: Literal["subtask-skipped"] = "subtask-skipped"
    subtask: SubtaskId
    by: Person


class FindingShared(Value):
    type: Literal["finding-shared"] = "finding-shared"
    finding: Finding


# --- checkpoints ----------------------------------------------------------------------------------------------------


class ApprovalRequested(Value):
    type: Literal["approval-requested"] = "approval-requested"
    approval: Approval


class ApprovalDecided(Value):
    type: Literal["approval-decided"] = "approval-decided"
    approval: ApprovalId
    decision: Decision
    by: Person


class QuestionAsked(Value):
    """By an agent, or by the planner, which spends for it."""

    type: Literal["question-asked"] = "question-asked"
    question: Question
    cost: float = 0.0
    usage: Usage = Usage()
    model: str = ""


class QuestionAnswered(Value):
    """`answers`: field name to words."""

    type: Literal["question-answered"] = "question-answered"
    question: QuestionId
    answers: dict[str, str]
    by: Person


class TakeoverStarted(Value):
    """A person has taken over the subtask's page."""

    type: Literal["page-taken"] = "page-taken"  # as older versions stored it
    subtask: SubtaskId
    by: Person


class TakeoverEnded(Value):
    """The page is the agent's again. `by`: who had taken it over."""

    type: Literal["page-returned"] = "page-returned"  # as older versions stored it
    subtask: SubtaskId
    by: Person
    how: Ending


class DomainAllowed(Value):
    """A person who has taken over a page let this task open a domain."""

    type: Literal["domain-allowed"] = "domain-allowed"
    subtask: SubtaskId
    domain: str
    by: Person


class DeliverableOffered(Value):
    type: Literal["deliverable-offered"] = "deliverable-offered"
    deliverable: Deliverable


class DeliverableDecided(Value):
    """`changes`: `text` goes back to the agent. `replaced`: `file` is the person's own version, and final."""

    type: Literal["deliverable-decided"] = "deliverable-decided"
    deliverable: DeliverableId
    verdict: Literal["approved", "changes", "replaced"]
    by: Person
    text: str = ""
    file: FileRef | None = None


# --- skills made in chat ---------------------------------------------------------------------------------------------


class OfSavedSkill(Value):
    """The common part. `saving`: counts the task's requests to save a skill, from 1."""

    saving: int


class SkillRequested(OfSavedSkill):
    """To save what this task did as a skill; with `updates`, to change the skill of that name as `words` say; with
    `installs` or `source`, to keep an attached skill or one from an address."""

    type: Literal["skill-requested"] = "skill-requested"
    by: Person
    words: str = ""
    updates: str = ""
    installs: str = ""
    source: str = ""
    """The address to get it from; empty for an attached one."""


class SkillDrafted(OfSavedSkill):
    """`near`: the skill of the same name, if there is one, or else the one that it is most like."""

    type: Literal["skill-drafted"] = "skill-drafted"
    draft: SkillText
    script: SkillScript | None = None
    near: KnownSkill | None = None
    cost: float = 0.0
    usage: Usage = Usage()
    model: str = ""


class SkillUnpacked(OfSavedSkill):
    """An attached skill waits for approval. `content`: a `SkillContent` as JSON on the shelf; `near`: as in
    `SkillDrafted`."""

    type: Literal["skill-unpacked"] = "skill-unpacked"
    package: PackagedSkill
    content: FileRef
    near: KnownSkill | None = None


class SkillEdited(OfSavedSkill):
    """A person changed the draft. Revisions count from 1, the model's."""

    type: Literal["skill-edited"] = "skill-edited"
    by: Person
    revision: int
    draft: SkillText
    scope: SkillScope


class SkillScriptDecided(OfSavedSkill):
    """A person wants the drafted script to be filed with the skill, or not anymore."""

    type: Literal["skill-script-decided"] = "skill-script-decided"
    by: Person
    approved: bool


class SkillTryRequested(OfSavedSkill):
    """A person wants to see what the draft does on the same request. `revision`: the one that they looked at."""

    type: Literal["skill-try-requested"] = "skill-try-requested"
    by: Person
    revision: int


class SkillTried(OfSavedSkill):
    """Trial number `number` has ended. `words`: how; `files`: the originals beside what it made."""

    type: Literal["skill-tried"] = "skill-tried"
    number: int
    task: TaskId
    words: str
    files: tuple[TriedFile, ...] = ()


class SkillDecided(OfSavedSkill):
    """A person approved the draft, for whoever `scope` says, or discarded it."""

    type: Literal["skill-decided"] = "skill-decided"
    by: Person
    approved: bool
    scope: SkillScope


class SkillFiled(OfSavedSkill):
    """From now on, tasks can use it."""

    type: Literal["skill-filed"] = "skill-filed"
    skill: UsedSkill


class SkillSavingFailed(OfSavedSkill):
    """It couldn't be drafted, filed, or rolled back; what it was before, it is again."""

    type: Literal["skill-saving-failed"] = "skill-saving-failed"
    problem: str
    cost: float = 0.0
    usage: Usage = Usage()
    model: str = ""


class SkillRollbackRequested(OfSavedSkill):
    type: Literal["skill-rollback-requested"] = "skill-rollback-requested"
    by: Person


class SkillRolledBack(OfSavedSkill):
    """`version`: the one that counts again; empty if there was none before, so the skill was archived."""

    type: Literal["skill-rolled-back"] = "skill-rolled-back"
    version: str = ""


class SkillExportRequested(OfSavedSkill):
    type: Literal["skill-export-requested"] = "skill-export-requested"
    by: Person


class SkillExported(OfSavedSkill):
    """`file`: a zip archive with the skill's folder, as it was then."""

    type: Literal["skill-exported"] = "skill-exported"
    by: Person
    skill: UsedSkill
    file: FileRef


class SkillArchived(OfSavedSkill):
    """Nobody has used it for so many days, so no task sees it anymore; all its files stay."""

    type: Literal["skill-archived"] = "skill-archived"
    days: int


class SkillRevivalRequested(OfSavedSkill):
    type: Literal["skill-revival-requested"] = "skill-revival-requested"
    by: Person


class SkillRevived(OfSavedSkill):
    """The archived skill counts again."""

    type: Literal["skill-revived"] = "skill-revived"


class InSkillRoom(Value):
    """The common part of what is recorded in the room of skills, about all tasks."""

    task: TaskId


class SkillBegun(InSkillRoom):
    """A skill is made in that task; so all of them can be found."""

    type: Literal["skill-begun"] = "skill-begun"
    saving: int


class SkillRated(InSkillRoom):
    """How a skill did in a task that has ended. `owner`: the person, channel, or team whose skill it is.

    `good`: the step was done without corrections and without another attempt that a person asked for.
    """

    type: Literal["skill-rated"] = "skill-rated"
    skill: UsedSkill
    owner: str
    good: bool
    corrections: int = 0
    reruns: int = 0


# --- a room: people, channels and messages of one platform -----------------------------------------------------------


class PersonInvited(Value):
    """`link` is the hash of a one-time login token, never the token. `also`: the person's ids on other platforms."""

    type: Literal["person-invited"] = "person-invited"
    person: Person
    link: str
    until: datetime
    also: tuple[PersonId, ...] = ()


class PersonRemoved(Value):
    """Ends the person's sessions and sign-in links; an invitation lets them in again."""

    type: Literal["person-removed"] = "person-removed"
    person: PersonId
    by: Person


class LinkUsed(Value):
    """Recorded under the link's hash, so that only the first use counts. `session`: the hash of a value that identifies
    its use."""

    type: Literal["link-used"] = "link-used"
    link: str
    session: str


class SessionOpened(Value):
    """`session` is the hash of a cookie's token, never the token. `browser`: how the browser describes itself."""

    type: Literal["session-opened"] = "session-opened"
    session: str
    person: PersonId
    until: datetime
    browser: str = ""


class SessionEnded(Value):
    """From now on, the cookie no longer signs anyone in."""

    type: Literal["session-ended"] = "session-ended"
    session: str
    by: Person


class ClientTokenAdded(Value):
    """`token` is the hash of a token with which an MCP client acts for the person, never the token. `name`: what the
    person calls the client."""

    type: Literal["client-token-added"] = "client-token-added"
    token: str
    person: PersonId
    name: str
    until: datetime


class ClientTokenRemoved(Value):
    """From now on, the client is refused."""

    type: Literal["client-token-removed"] = "client-token-removed"
    token: str
    by: Person


class PrivateTaskSeen(Value):
    """The machine's owner opened another person's private task, as the settings allow."""

    type: Literal["private-task-seen"] = "private-task-seen"
    task: str
    by: Person


class ChannelOpened(Value):
    type: Literal["channel-opened"] = "channel-opened"
    channel: str
    by: Person | None = None


class MessagePosted(Value):
    """A message in a channel. `task`: the task it opened, if it mentioned the bot."""

    type: Literal["message-posted"] = "message-posted"
    channel: str
    by: Person
    text: str
    files: tuple[FileRef, ...] = ()
    task: str | None = None


# --- a chat platform: what was heard there, and what was posted ------------------------------------------------------


class Heard(Value):
    """Something a person did on a platform, stored before it is acted on. `inbound`: all of it, so that the work can be
    repeated after a crash; if it was too large for an event, it is on the shelf as `whole`."""

    type: Literal["heard"] = "heard"
    kind: str
    inbound: dict[str, JsonValue]
    whole: FileRef | None = None


class Acted(Value):
    """What was received under that key has had its effect, or was refused; it is never done again.

    `opened`: the task that it opened.
    """

    type: Literal["acted"] = "acted"
    heard: str
    opened: str = ""


class TaskPlaced(Value):
    """A task lives in the thread that the room is named after. `heard`: the key under which it was requested."""

    type: Literal["task-placed"] = "task-placed"
    task: TaskId
    heard: str = ""


class InboxSummed(Value):
    """A summary of an inbox room's facts up to the sequence number `upto`.

    `newest`: the newest message by channel, for the most recent channels. `undone`: keys of what has yet to be done.
    """

    type: Literal["inbox-summed"] = "inbox-summed"
    upto: int
    newest: dict[str, str]
    undone: tuple[str, ...] = ()


class Told(Value):
    """A sentence for a place that belongs to no task, or that comes too late to be a private answer."""

    type: Literal["told"] = "told"
    place: Place
    text: str
    picture: FileRef | None = None
    to: Person | None = None
    """Who is told by direct message if nothing can be written there."""
    ping: bool = False
    """Whether that person is mentioned."""
    seen: str = ""
    """The message that is marked as seen, instead of a sentence."""
    link: str = ""
    """An address of our own in the text, which people can follow."""
    elsewhere: str = ""
    """What the direct message says besides, because it doesn't stand in the task's thread."""


class ItemPosting(Value):
    """Recorded before a post: if its `ItemPosted` is missing, the platform is checked before posting again."""

    type: Literal["item-posting"] = "item-posting"
    item: str
    nonce: str


class ItemPosted(Value):
    """The item is that message. `fingerprint`: of the content it was posted with; empty if that isn't known."""

    type: Literal["item-posted"] = "item-posted"
    item: str
    place: Place
    message: str
    fingerprint: str = ""


class ItemShown(Value):
    """The message shows the content of that fingerprint, and no further change is expected."""

    type: Literal["item-shown"] = "item-shown"
    item: str
    fingerprint: str


class ItemLost(Value):
    """The item's message was deleted on the platform. With an empty `message`, the item is never posted again."""

    type: Literal["item-lost"] = "item-lost"
    item: str
    message: str = ""


class PlaceLost(Value):
    """The task's thread or channel is gone: nothing is shown there anymore. `why`: a short code."""

    type: Literal["place-lost"] = "place-lost"
    why: str


# --- what can't be read ---------------------------------------------------------------------------------------------


class Unreadable(Value):
    """Represents a stored fact that this version can't read. It is never recorded."""

    type: Literal["unreadable"] = "unreadable"
    problem: str


Event = Annotated[
    TaskOpened
    | PlanDrafted
    | PlanStarted
    | PlanningFailed
    | PlanningRetried
    | Replied
    | PersonSaid
    | PersonRemarked
    | TaskPaused
    | TaskResumed
    | TaskStopped
    | TaskClosed
    | Noted
    | SubtaskStarted
    | TurnTaken
    | ConversationCompacted
    | CallSent
    | ToolReturned
    | SkillsListed
    | SkillUsed
    | AgentUsed
    | SubtaskParked
    | SubtaskFinished
    | SubtaskFailed
    | SubtaskRetried
    | SubtaskSkipped
    | FindingShared
    | ApprovalRequested
    | ApprovalDecided
    | QuestionAsked
    | QuestionAnswered
    | TakeoverStarted
    | TakeoverEnded
    | DomainAllowed
    | DeliverableOffered
    | DeliverableDecided
    | SkillRequested
    | SkillDrafted
    | SkillUnpacked
    | SkillEdited
    | SkillScriptDecided
    | SkillTryRequested
    | SkillTried
    | SkillDecided
    | SkillFiled
    | SkillSavingFailed
    | SkillRollbackRequested
    | SkillRolledBack
    | SkillExportRequested
    | SkillExported
    | SkillArchived
    | SkillRevivalRequested
    | SkillRevived
    | SkillBegun
    | SkillRated
    | PersonInvited
    | LinkUsed
    | PersonRemoved
    | SessionOpened
    | SessionEnded
    | ClientTokenAdded
    | ClientTokenRemoved
    | PrivateTaskSeen
    | ChannelOpened
    | MessagePosted
    | Heard
    | Acted
    | TaskPlaced
    | InboxSummed
    | Told
    | ItemPosting
    | ItemPosted
    | ItemShown
    | ItemLost
    | PlaceLost
    | Unreadable,
    Field(discriminator="type"),
]

EVENT: TypeAdapter[Event] = TypeAdapter(Event)
MOST_BYTES = 64_000
"""An event's JSON stays below this; anything larger goes to the shelf."""


Spends = (
    PlanDrafted | PlanningFailed | Replied | TurnTaken | ConversationCompacted | SubtaskFailed | QuestionAsked
    | SkillDrafted | SkillSavingFailed
)  # fmt: skip
"""Facts for which a model was asked: what that cost in US dollars, as far as prices are known, and the tokens."""


class Record(NamedTuple):
    """A fact as the ledger holds it. `seq` counts from 1 in each stream without gaps; `at` is in UTC."""

    stream: Stream
    seq: int
    key: Key
    at: datetime
    event: Event
