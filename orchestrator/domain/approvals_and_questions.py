"""Questions to people: about one exact call, or for something only they know."""

from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from orchestrator.domain.base_value import Value
from orchestrator.domain.ids import ApprovalId, CallId, QuestionId, Sha, SubtaskId
from orchestrator.domain.people import FileRef, Person
from orchestrator.domain.tool_calls import Effect, HeldSend, Label

Verb = Literal["approve", "approve-for-task", "edit", "reject"]


class Approval(Value):
    """May this exact call happen? Bound to the hash of the call; an edit binds it to the edited one.

    `target` is the destination, which people read first. `why` is the policy's sentence. `login`: the team login that
    the call uses. `held`: the message that the call sends. `scope`: what *for this task* allows beyond this call, as
    people read it; if it, `target` and `login` are empty, only exactly this call may be repeated.
    """

    id: ApprovalId
    subtask: SubtaskId
    call: CallId
    tool: str
    args: dict[str, JsonValue]
    fingerprint: str
    effects: frozenset[Effect]
    labels: frozenset[Label] = frozenset()
    target: str = ""
    login: str = ""
    scope: str = ""
    why: str = ""
    held: HeldSend | None = None
    expires: datetime | None = None
    parameters: dict[str, JsonValue] = {}
    """The tool's JSON schema, which an edited call has to fit; empty if it isn't known."""
    only: Person | None = None
    """Whose own account the call uses: nobody else may decide."""

    @property
    def uses(self) -> frozenset[tuple[str, str]]:
        """The login with each domain that it is used for."""
        return frozenset((self.login, domain) for domain in self.target.split(", ")) if self.login else frozenset()


class Decision(Value):
    """A person's answer to an approval. `args` with `edit`: the call as the person wants it."""

    verb: Verb
    reason: str = ""
    args: dict[str, JsonValue] | None = None


class Ask(Value):
    """One field of a question: free text, or a choice."""

    name: str
    label: str
    options: tuple[str, ...] = ()
    required: bool = True


class Question(Value):
    """What an agent, or the planner if `subtask` is None, has to know from a person."""

    id: QuestionId
    subtask: SubtaskId | None
    text: str
    fields: tuple[Ask, ...]
    page: bool = False
    """A person has to do something on the subtask's own page."""
    picture: FileRef | None = None
    """That page as it was when the agent asked, without what must not be seen."""
    link: str = ""
    """An address that one person has to open; only the workspace shows it, after they have signed in."""
    only: Person | None = None
    """Whose own account it is about: nobody else may answer, or open what it leads to."""
    sign_in: str = ""
    """The connector at whose service that person has to sign in."""
    kept: Sha | None = None
    """What that person reads before anyone else, on the shelf."""

    @property
    def takes_words(self) -> bool:
        """Returns whether a reply in the thread can answer it."""
        return not self.page and self.only is None

    @property
    def leads_to(self) -> str:
        """Returns what its first button opens in the workspace; empty if there is no such button."""
        return "Sign in" if self.sign_in else "Read it first" if self.kept else "Open the page" if self.link else ""


class Waits(Value):
    """What a parked subtask waits for. It continues when any part has come true.

    `approvals` and `questions`: when all of them are decided. `findings_after`: when the board has a finding of its
    feeders after this ledger sequence (at least `enough` of them) or all feeders have ended. `paused`: when resumed.
    """

    approvals: tuple[ApprovalId, ...] = ()
    questions: tuple[QuestionId, ...] = ()
    findings_after: int | None = None
    enough: int = 1
    until: datetime | None = None
    paused: bool = False
