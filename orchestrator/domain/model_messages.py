"""A conversation with a model, in our own words; `agents/models/` translates to each vendor's."""

from typing import Literal

from pydantic import JsonValue

from orchestrator.domain.base_value import Value
from orchestrator.domain.ids import CallId, Sha
from orchestrator.domain.token_usage import Usage
from orchestrator.domain.tool_calls import Call, ToolSpec
from orchestrator.errors import Spent


class Said(Value):
    """Text from the system or the user. `pictures` are shelf hashes, for models that can see.

    What a tool shows is in a `Said` after the results of its turn, because a result is only text in OpenAI's format.
    """

    role: Literal["system", "user"]
    text: str
    pictures: tuple[Sha, ...] = ()


class VendorBaggage(Value):
    """What a vendor sent with a turn and wants back unchanged: thoughts, signatures. We never read it.

    `model`: the vendor's name of the model that sent it; any other model gets the turn without it. `message`: fields
    of the message. `calls`: fields of each call, in the order of the reply's calls.
    """

    model: str
    message: dict[str, JsonValue] = {}
    calls: tuple[dict[str, JsonValue], ...] = ()


class Reply(Value):
    """What the model said: text, or calls, or both. No calls means it is done."""

    text: str = ""
    calls: tuple[Call, ...] = ()
    baggage: VendorBaggage | None = None


class Returned(Value):
    """The result of one call, as the model reads it."""

    call: CallId
    tool: str
    text: str
    ok: bool = True


Message = Said | Reply | Returned


class Spoken(Value):
    """An argument of a tool that people read, instead of the reply's text, while the model writes it."""

    tool: str
    argument: str


Effort = Literal["none", "low", "medium", "high"]
"""How much a model should think before it answers."""


class Prompt(Value):
    """Everything one model turn needs. `must_call`: the reply has to call one of the tools. `spoken`: see there.

    `unopened`: tools that it may call as well; the model doesn't get their schemas.
    `effort`: None for the model's usual; one that doesn't know it isn't asked for it.
    `room`: tokens that the reply may have, after one was cut off; None for the model's usual limit.
    `topic` says what the turn is for (`task/subtask/turn`), for logs and for scripted models; vendors never see it.
    """

    model: str
    messages: tuple[Message, ...]
    tools: tuple[ToolSpec, ...] = ()
    unopened: tuple[ToolSpec, ...] = ()
    must_call: bool = False
    spoken: Spoken | None = None
    room: int | None = None
    effort: Effort | None = None
    topic: str = ""

    @property
    def names(self) -> list[str]:
        """Returns the names of all tools that the reply may call."""
        return [spec.name for spec in (*self.tools, *self.unopened)]


class Answer(Value):
    """A model turn: the reply, which model answered (after fallbacks), tokens, and cost in US dollars if known."""

    reply: Reply
    model: str
    usage: Usage = Usage()
    cost: float = 0.0
    note: str = ""
    """What people should know about this turn, e.g. that a fallback answered."""

    def with_lost(self, spent: Spent) -> "Answer":
        """Returns the answer with what replies that came to nothing have spent before it."""
        return self.model_copy(update={"usage": self.usage + Usage.of(spent), "cost": self.cost + spent.cost})
