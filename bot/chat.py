"""What a chat platform is to us: what people do there comes in as values, what they shall see goes out as values.

An adapter (`slack/`, `discord/`) knows its platform and decides nothing: `parse.py` makes these values of payloads,
`render.py` makes payloads of these values, `client.py` does the network. What anything means stands in `inbox.py`
(people -> commands) and `outbox.py` (ledger -> posts), once for all platforms.
"""

from collections.abc import Awaitable, Callable
from typing import Literal, Protocol

from bot.cards.card import Card, Checkpoint, FileLine
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import FileRef, Person, Place
from orchestrator.domain.value import Value

# --- in -------------------------------------------------------------------------------------------------------------


class RemoteFile(Value):
    """A file that still lies at the platform. `size` in bytes; `url` is for `ChatPlatform.fetch` alone."""

    id: str
    name: str
    size: int
    media: str = "application/octet-stream"
    url: str = ""


class Inbound(Value):
    """Something a person did. `id` is the platform's own and the same on redelivery; `place.thread` is the thread's id,
    or the message's own id where there is no thread yet. `place.channel` is `<team>/<channel>`. `roles`: ids of the
    person's roles in that team, where the platform has such and says so.
    """

    id: str
    by: Person
    place: Place
    roles: tuple[str, ...] = ()


class Mentioned(Inbound):
    """The bot was asked: by mention, in a direct message, by command or by shortcut. `text` is without the mention."""

    text: str
    message: str
    files: tuple[RemoteFile, ...] = ()
    in_thread: bool = False


class Wrote(Inbound):
    """A message in a thread, without a mention."""

    text: str
    message: str
    files: tuple[RemoteFile, ...] = ()


class Changed(Inbound):
    """A message was edited, or deleted when `text` is None."""

    message: str
    text: str | None


class Pressed(Inbound):
    """A button of ours. `message` is the message it stands on, which must be the one we stored for it."""

    task: TaskId
    verb: str
    ref: str
    message: str


class Submitted(Inbound):
    """A form of ours: field names to words; several chosen values are joined by newlines."""

    task: TaskId
    verb: str
    ref: str
    values: dict[str, str]
    files: tuple[RemoteFile, ...] = ()


class Summoned(Inbound):
    """The slash command with something other than a request: `tasks`, `help`."""

    words: str


class Input(Value):
    """One field of a form. `choice` and `choices` take their values from `options` (value, label)."""

    name: str
    label: str
    kind: Literal["line", "text", "choice", "choices", "file"] = "line"
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    required: bool = True
    help: str = ""


class Form(Value):
    """A modal. `problem` is shown when what was submitted did not fit; the fields keep what was typed."""

    title: str
    task: TaskId
    verb: str
    ref: str
    submit: str
    fields: tuple[Input, ...]
    problem: str = ""


class Whisper(Value):
    """A sentence that only the person sees."""

    words: str


class Home(Value):
    """What someone sees of their own: tasks, what waits for them. A private page or answer. `places`: where each task
    lives. `costs`, `settings`: in words. `link`: of the web workspace, or empty."""

    cards: tuple[Card, ...] = ()
    words: str = ""
    costs: str = ""
    settings: str = ""
    link: str = ""
    places: dict[str, Place] = {}


Answer = Whisper | Form | Home | None
"""What an inbound is answered with at once, privately; None: nothing but the acknowledgement."""

Take = Callable[[Inbound], Awaitable[Answer]]
"""Persists first, then answers; quick enough to be awaited before the acknowledgement's time is up."""

Connected = Callable[[str], None]
"""Told at each new connection what it leads to and as whom, e.g. `to 'Team' as @threadwork`."""


def untold(where: str) -> None:
    """A `Connected` that nobody listens to."""


# --- out ------------------------------------------------------------------------------------------------------------


class CardItem(Value):
    """The one live card of a thread."""

    card: Card


class PointItem(Value):
    """A checkpoint as its own message: with buttons while it waits, signed when decided. `link`: where all of it can be
    read when it is too long for a message."""

    task: TaskId
    title: str
    point: Checkpoint
    link: str = ""


class WordsItem(Value):
    """What the bot says in the thread, in Markdown. `link`: where all of it can be read when it is too long."""

    text: str
    level: Literal["said", "info", "warning", "error"] = "said"
    link: str = ""


class FileItem(Value):
    """A deliverable with its page pictures. `link`: where it can be seen when it is too large for the platform."""

    task: TaskId
    line: FileLine
    link: str = ""


class PictureItem(Value):
    """A picture that someone asked for, with a sentence that also says what is to be seen."""

    text: str
    picture: FileRef


Item = CardItem | PointItem | WordsItem | FileItem | PictureItem


class Posted(Value):
    """A message of ours at the platform."""

    place: Place
    message: str


Sign = Literal["seen", "done", "failed", "unseen"]


class ChatPlatform(Protocol):
    """One account at one platform. Network errors are translated to `orchestrator.errors.PlatformFailed` kinds."""

    @property
    def name(self) -> str: ...

    @property
    def account(self) -> str:
        """What is remembered for this account alone goes by this name: `name`, and more where there are several."""
        ...

    def serves(self, place: Place) -> bool:
        """Whether this account speaks there."""
        ...

    async def run(self, take: Take) -> None:
        """Connects and hears people until cancelled; reconnects by itself and catches up what was missed."""
        ...

    async def post(self, place: Place, item: Item, *, nonce: str) -> Posted:
        """A new message in the thread of `place`, made when there is none. Raises RateLimited, PlatformFailed,
        OutcomeUnknown (it may have been posted: `find` it by the nonce before trying again)."""
        ...

    async def edit(self, posted: Posted, item: Item) -> None:
        """Shows the item's present state on that message."""
        ...

    async def find(self, place: Place, *, nonce: str) -> Posted | None:
        """The message that carries the nonce, if it was posted."""
        ...

    async def react(self, place: Place, message: str, mark: Sign) -> None:
        """Marks the request's message, or takes the first mark back (`unseen`); twice is once."""
        ...

    async def thinking(self, place: Place, *, on: bool) -> None:
        """Shows for some seconds that someone thinks there, or no longer."""
        ...

    async def fetch(self, file: RemoteFile) -> bytes:
        """The file's content. Raises PlatformFailed with a sentence."""
        ...

    async def close(self) -> None: ...


Read = Callable[[FileRef], Awaitable[bytes]]
"""How an adapter gets the bytes it uploads."""
