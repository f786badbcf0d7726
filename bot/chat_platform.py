"""What a chat platform is to us: what people do there arrives as values, and what they should see leaves as values.

An adapter (`slack/`, `discord/`) knows its platform and decides nothing: `parse.py` turns payloads into these values,
`render.py` turns them into payloads, and `platform.py` talks to the network. `inbox.py` (people -> commands) and
`outbox.py` (ledger -> posts) decide what everything means, once for all platforms.
"""

from collections.abc import Awaitable, Callable
from typing import Literal, Protocol

from bot.cards.card import Button, Card, Checkpoint, FileLine
from bot.quoted_messages import Quote, QuotedMessages
from bot.remote_file import RemoteFile
from orchestrator.domain.base_value import Value
from orchestrator.domain.ids import TaskId
from orchestrator.domain.people import FileRef, Person, Place

# --- in -------------------------------------------------------------------------------------------------------------


class Inbound(Value):
    """Something a person did. `id` is the platform's own and the same on redelivery; `place.thread` is the thread's id,
    or the message's own id if there is no thread yet. `place.channel` is `<team>/<channel>`. `roles`: ids of the
    person's roles in that team, if the platform has roles and reports them."""

    id: str
    by: Person
    place: Place
    roles: tuple[str, ...] = ()


class Mentioned(Inbound):
    """The bot was asked, by mention, direct message, command or shortcut. `text` doesn't include the mention.

    `replies_to`: the message that it answers, on platforms where people can quote one. `quotes`: what the message
    itself carries of other messages.
    """

    text: str
    message: str
    files: tuple[RemoteFile, ...] = ()
    quotes: tuple[Quote, ...] = ()
    in_thread: bool = False
    replies_to: str = ""
    to_others: bool = False
    """Always False: it speaks to the bot."""


class Wrote(Inbound):
    """A message in a thread, without a mention of the bot. `to_others`: it begins with a mention of someone else, or
    replies to someone else's message. `replies_to`, `quotes`: see `Mentioned`."""

    text: str
    message: str
    files: tuple[RemoteFile, ...] = ()
    quotes: tuple[Quote, ...] = ()
    replies_to: str = ""
    to_others: bool = False


class Changed(Inbound):
    """A message was edited, or deleted when `text` is None. `now`: what it is after the edit, if it names the bot."""

    message: str
    text: str | None
    now: Mentioned | None = None


class Vanished(Inbound):
    """A thread was deleted or, if `place.thread` is empty, a channel was deleted or archived. `by` may be nobody.
    `removed`: the channel is still there, but the bot was removed from it and may be invited again."""

    removed: bool = False


class Pressed(Inbound):
    """A press on one of our buttons. `message` is the message with the button, which must be the one we stored for
    it."""

    task: TaskId
    verb: str
    ref: str
    message: str


class Submitted(Inbound):
    """A submitted form of ours: field names to text; several chosen values are joined by newlines."""

    task: TaskId
    verb: str
    ref: str
    values: dict[str, str]
    files: tuple[RemoteFile, ...] = ()


class Summoned(Inbound):
    """The slash command with something other than a request: `tasks`, `help`, `connect NAME`."""

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
    """A modal. `problem` is shown if the submitted form wasn't valid; the fields keep what was typed."""

    title: str
    task: TaskId
    verb: str
    ref: str
    submit: str
    fields: tuple[Input, ...]
    problem: str = ""


class Whisper(Value):
    """A sentence that only the person sees, with buttons that belong to `task`. `secret`: its buttons lead to something
    that nobody else may see, so it is never posted where others read it."""

    words: str
    task: TaskId = TaskId("")
    buttons: tuple[Button, ...] = ()
    secret: bool = False

    @property
    def aloud(self) -> str:
        """Returns it as others may read it."""
        return "The answer is only for you, and it came too late. Ask again." if self.secret else self.words


class Home(Value):
    """A person's own tasks and what waits for them, on a private page or as an answer. `places`: where each task lives.
    `costs`, `settings`: in words. `link`: of the web workspace, or empty."""

    cards: tuple[Card, ...] = ()
    words: str = ""
    costs: str = ""
    settings: str = ""
    link: str = ""
    places: dict[str, Place] = {}


Answer = Whisper | Form | Home | None
"""The immediate, private answer to an inbound; None: only the acknowledgement."""

Take = Callable[[Inbound], Awaitable[Answer]]
"""Stores first, then answers; fast enough to be awaited before the acknowledgement is due."""

Connected = Callable[[str], None]
"""Called for each new connection with what it leads to and as whom, e.g. `to 'Team' as @threadwork`."""


def untold(where: str) -> None:
    """A `Connected` that does nothing."""


# --- out ------------------------------------------------------------------------------------------------------------


class CardItem(Value):
    """The one live card of a thread."""

    card: Card


class PointItem(Value):
    """A checkpoint as its own message: with buttons while it waits, signed when decided. `link`: where all of it can be
    read if it is too long for a message."""

    task: TaskId
    title: str
    point: Checkpoint
    link: str = ""
    ping: str = ""
    """Id of the person it mentions, when it is posted."""


class WordsItem(Value):
    """What the bot says in the thread, in Markdown. `link`: where all of it can be read if it is too long; if the text
    has this address, people can follow it there."""

    text: str
    level: Literal["said", "info", "warning", "error"] = "said"
    link: str = ""
    ping: str = ""
    """See `PointItem`."""


class FileItem(Value):
    """A deliverable with pictures of its pages. `link`: where it can be seen if it is too large for the platform."""

    task: TaskId
    line: FileLine
    link: str = ""


class PictureItem(Value):
    """A picture that someone asked for, with a sentence that also says what it shows."""

    text: str
    picture: FileRef


Item = CardItem | PointItem | WordsItem | FileItem | PictureItem


class Posted(Value):
    """A message of ours on the platform."""

    place: Place
    message: str


Sign = Literal["seen", "done", "failed", "unseen"]


class ChatPlatform(Protocol):
    """One account on one platform. Network errors become kinds of `orchestrator.errors.PlatformFailed`."""

    @property
    def name(self) -> str: ...

    @property
    def account(self) -> str:
        """Names this account in what is stored for it alone: `name`, plus more if there are several accounts."""
        ...

    def serves(self, place: Place) -> bool:
        """Returns whether this account serves that place."""
        ...

    async def run(self, take: Take) -> None:
        """Connects and listens until canceled; reconnects on its own and catches up on what was missed."""
        ...

    async def post(self, place: Place, item: Item, *, nonce: str) -> Posted:
        """Posts a new message in the thread of `place`, creating the thread if needed. Raises RateLimited,
        PlatformFailed, OutcomeUnknown (it may have been posted: `find` it by the nonce before retrying)."""
        ...

    async def edit(self, posted: Posted, item: Item) -> None:
        """Edits that message to show the item's current state."""
        ...

    async def find(self, place: Place, *, nonce: str) -> Posted | None:
        """Returns the message that carries the nonce, if it was posted."""
        ...

    async def direct(self, person: Person) -> Place:
        """Returns the place of a conversation with that person alone, in which messages have no thread. Raises
        PlatformFailed."""
        ...

    async def react(self, place: Place, message: str, mark: Sign) -> None:
        """Puts the mark on the request's message, or removes the first one (`unseen`); doing it twice changes
        nothing."""
        ...

    async def thinking(self, place: Place, *, on: bool) -> None:
        """Shows the typing indicator there for some seconds, or removes it."""
        ...

    async def fetch(self, file: RemoteFile) -> bytes:
        """Returns the file's content or, if it `holds` a transcript, what is said in it; nothing if the platform can't
        say. Raises PlatformFailed with a sentence."""
        ...

    async def quoted(self, it: Mentioned | Wrote) -> QuotedMessages:
        """Returns what the message builds on besides what it carries: the thread before a mention, and linked messages
        of the same workspace that its author may read. Anything that can't be read becomes a problem."""
        ...

    async def close(self) -> None: ...


Read = Callable[[FileRef], Awaitable[bytes]]
"""Reads the bytes that an adapter uploads."""
