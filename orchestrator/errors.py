"""Everything that can go wrong, as a map.

    ThreadworkError
    ├── Refused              a person or an agent asked for something that can't be done now
    │   ├── NotFound         the named task, subtask, approval, question or file does not exist
    │   ├── Stale            it was decided, edited or closed in the meantime
    │   ├── NotAllowed       policy or membership says no
    │   └── BadPlan          a plan that can't run: cycle, unknown name, empty, too large
    ├── Overtaken            the state that a decision rests on has changed; decide again on the new one
    ├── LedgerFailed         the database can't be read or written
    │   ├── LedgerBusy       locked by someone else for too long
    │   └── LedgerTooOld     made by another version; migrate first
    ├── ModelFailed          a model gave no usable answer
    │   ├── ModelBusy        rate limited or overloaded, after retries
    │   ├── ModelDown        unreachable or answering with server errors, after retries
    │   │   └── ModelSilent  a server of one's own took the request and sent nothing for too long
    │   ├── ModelGarbled     malformed replies, even after repairs
    │   │   └── ModelCut     replies that end at the output limit, even when asked for smaller ones
    │   └── ModelUnusable    asking the same again is pointless
    │       ├── ModelRefusedKey  wrong or missing key
    │       ├── ModelUnknown     no such model at this provider
    │       ├── ModelTooLong     the conversation is too long for the model
    │       ├── ModelDeclined    the model refused, or the provider's filter stopped its reply
    │       ├── ModelNoCredit    the account has no credit, or its plan doesn't include the model
    │       ├── ModelNoTools     the model, or the server as it was started, can't call tools
    │       ├── ModelElsewhere   the provider doesn't serve this region
    │       └── NotInScript      the rehearsal has no lines for this step
    ├── HostFailed           the agent host could not do its part
    │   ├── HostLost         the host went away; what it was doing is unknown until it is back
    │   ├── HostRefused      the host's own policy says no
    │   └── BrokeRule        the other end of the host link sent something that isn't allowed; the connection is cut
    ├── ToolFailed           a tool's own clear sentence for the agent
    ├── PlatformFailed       a chat platform could not be reached or refused
    │   ├── RateLimited      try again after `seconds`
    │   ├── PlatformRefused  a clear no: nothing was done, and retrying soon is pointless
    │   └── OutcomeUnknown   the answer was lost; look before trying again
    ├── OutOfBudget          turns, time or money for this subtask are used up
    ├── NotHandedIn          a file that the plan promises did not arrive
    ├── NothingDone          an agent that has tools only talked
    ├── OutOfSpace           the disk is full
    └── BadSettings          a setting is unknown, missing or wrong

A message names the thing in quotes and says what to do next. An exception without a message shows its docstring.
"""

from typing import Literal, NamedTuple


class Spent(NamedTuple):
    """What was spent on replies that came to nothing: US dollars, and tokens as in `Usage`."""

    cost: float = 0.0
    prompt: int = 0
    completion: int = 0
    cached: int = 0
    written: int = 0
    unpriced: int = 0

    def plus(self, other: "Spent") -> "Spent":
        return Spent(
            self.cost + other.cost,
            self.prompt + other.prompt,
            self.completion + other.completion,
            self.cached + other.cached,
            self.written + other.written,
            self.unpriced + other.unpriced,
        )


class ThreadworkError(Exception):
    """Something went wrong in threadwork. `spent`: on models, before it did."""

    spent = Spent()

    def __str__(self) -> str:
        return super().__str__() or (type(self).__doc__ or type(self).__name__).strip().splitlines()[0]


class Overtaken(ThreadworkError):
    """Something else was recorded first. Look at the new state and decide again."""


class Refused(ThreadworkError):
    """This can't be done now."""


class NotFound(Refused):
    """This doesn't exist."""


class Stale(Refused):
    """This has already been decided or changed."""


class NotAllowed(Refused):
    """You may not do this here."""


class BadPlan(Refused):
    """This plan can't run."""


class LedgerFailed(ThreadworkError):
    """The database can't be read or written."""


class LedgerBusy(LedgerFailed):
    """The database is locked by another program; close it or try again."""


class LedgerTooOld(LedgerFailed):
    """The database was created by another version; run `threadwork migrate`."""


class ModelFailed(ThreadworkError):
    """The model didn't give a usable answer. Retry it, or try a different model."""


class ModelBusy(ModelFailed):
    """The model is rate limited or overloaded. Press Retry in a few minutes."""


class ModelDown(ModelFailed):
    """The model can't be reached. Check the network, then press Retry."""


class ModelSilent(ModelDown):
    """The model's server sent nothing for too long. Check that it isn't overloaded, then press Retry."""


class ModelGarbled(ModelFailed):
    """The model's reply couldn't be understood, even after a retry. Press Retry, or choose another model."""


class ModelCut(ModelGarbled):
    """The model's replies are cut off at its output limit. Split the step, or choose another model."""


class ModelUnusable(ModelFailed):
    """The model can't do this. Choose another model."""


class ModelRefusedKey(ModelUnusable):
    """The model provider rejected the key. Set a valid key and restart threadwork."""


class ModelUnknown(ModelUnusable):
    """The provider doesn't know this model. Choose another model."""


class ModelTooLong(ModelUnusable):
    """The conversation is too long for this model. Choose a model with a larger context window."""

    def __init__(self, message: str = "", *, window: int | None = None, sure: bool = True) -> None:
        """`window`: tokens that the model's window has, if the provider said so. `sure`: whether it said that the
        conversation is too long; if not, that's only a guess, made once a turn."""
        super().__init__(message)
        self.window, self.sure = window, sure


class ModelDeclined(ModelUnusable):
    """The model refused, or the provider's filter stopped its reply. Change the step's instructions."""


class ModelNoCredit(ModelUnusable):
    """The account behind the model's key has no credit. Add some, then press Retry."""


class ModelNoTools(ModelUnusable):
    """The model can't call tools. Choose one that can."""


class ModelElsewhere(ModelUnusable):
    """The model's provider doesn't serve this region. Choose another provider's model."""


class NotInScript(ModelUnusable):
    """The rehearsal has no lines for this step."""


class HostFailed(ThreadworkError):
    """The agent host couldn't do this."""


class HostLost(HostFailed):
    """The connection to the agent host was lost."""


class HostRefused(HostFailed):
    """The agent host doesn't allow this."""


class BrokeRule(HostFailed):
    """The other end of the host link broke a rule."""


class ToolFailed(ThreadworkError):
    """The tool couldn't do this."""


class PlatformFailed(ThreadworkError):
    """The chat platform couldn't do this."""


class RateLimited(PlatformFailed):
    """The chat platform's rate limit was reached."""

    def __init__(self, message: str = "", *, seconds: float = 1.0) -> None:
        super().__init__(message)
        self.seconds = seconds


RefusedCode = Literal[
    "other", "token", "gone", "no-place", "already", "too-large", "unfit", "not-allowed", "no-threads", "locked",
    "archived", "full", "removed",
]  # fmt: skip
"""Why a platform said no: the token is dead, the message or its whole place is gone, it was so already, the content
isn't accepted, a permission is missing, …"""


class PlatformRefused(PlatformFailed):
    """The chat platform refused this."""

    def __init__(self, message: str = "", *, code: RefusedCode = "other") -> None:
        super().__init__(message)
        self.code: RefusedCode = code


class OutcomeUnknown(PlatformFailed):
    """It's unclear whether the chat platform did this."""


class OutOfBudget(ThreadworkError):
    """The budget is used up."""


class NotHandedIn(ThreadworkError):
    """A promised file wasn't delivered."""


class NothingDone(ThreadworkError):
    """The agent didn't call any tools, so nothing was done on this step. Retry it, or try a different model."""


class OutOfSpace(ThreadworkError):
    """The disk is full; free some space and press Retry."""


class BadSettings(ThreadworkError):
    """A setting is invalid."""
