"""What is asked of a server and what it answers, in our own words. Pure."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from pydantic import JsonValue

from agents.connectors.tool_list import ToolList

Action = Literal["tool", "list_resources", "read_resource", "list_prompts", "get_prompt"]


class ServerRequest(NamedTuple):
    """One request. `name`: the tool's own name; for the other actions, the same word as the action."""

    action: Action
    name: str
    args: Mapping[str, JsonValue]


class PictureBlock(NamedTuple):
    """A picture in an answer, as base64."""

    base64: str
    media: str


class ConnectorAnswer(NamedTuple):
    """An answer: its parts as text, its pictures, and whether the server calls it an error."""

    text: str
    pictures: tuple[PictureBlock, ...] = ()
    failed: bool = False


class FormAsked(NamedTuple):
    """A server wants a form filled in. `schema`: as the server sent it."""

    message: str
    schema: Mapping[str, JsonValue]


class LinkAsked(NamedTuple):
    """A server wants a person to open an address."""

    message: str
    url: str


class SignInAsked(NamedTuple):
    """A person has to sign in to the connector's service. `again`: they were signed in before. `scope`: the rights that
    their sign-in lacks."""

    again: bool
    scope: str = ""


Asked = FormAsked | LinkAsked | SignInAsked


class PersonReply(NamedTuple):
    """What a person answered. `content`: the form's values, for an accepted form."""

    action: Literal["accept", "decline", "cancel"]
    content: Mapping[str, str | int | float | bool] | None = None


DECLINED = PersonReply("decline")


@dataclass(frozen=True)
class ExchangeHooks:
    """What happens during a call: just before it is sent, when the server asks a person (which stops the timeout), and
    when it reports its progress."""

    sending: Callable[[], Awaitable[None]]
    ask: Callable[[Asked], Awaitable[PersonReply]]
    progress: Callable[[str], None]


class ConnectorFailed(Exception):
    """The connector can't do this now; the message is the reason, worded to follow a colon.

    `sent`: the request may have reached the server. `slow`: the timeout is the reason. `scope`: the rights that the
    sign-in lacks, if the service refused the request for that.
    """

    def __init__(self, reason: str, *, sent: bool = False, slow: bool = False, scope: str = "") -> None:
        super().__init__(reason)
        self.sent, self.slow, self.scope = sent, slow, scope


class ListChanged(Exception):
    """The server's tools differ from the approved list. Nothing was called."""

    def __init__(self, offered: ToolList) -> None:
        super().__init__("the list of tools changed")
        self.offered = offered
