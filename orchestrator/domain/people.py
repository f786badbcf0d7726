"""Who is speaking, and where."""

from datetime import datetime
from typing import Literal

from pydantic import field_validator

from orchestrator.domain.base_value import Value
from orchestrator.domain.escape_file_names import label
from orchestrator.domain.ids import PersonId, Sha

LOCAL_TEAM = "local"
"""Everyone who works on this machine: in the web workspace and in the terminal."""


class Person(Value):
    """A person who can ask, press and read. `id` is unique over platforms, e.g. `web:ada`.

    `guest`: has limited access. `outsider`: from another team, in a shared channel.
    """

    id: PersonId
    name: str
    kind: Literal["member", "guest", "outsider", "bot"] = "member"


class Place(Value):
    """Where a task lives. `thread` is the platform's own name for the thread; `private`: a person alone with the bot.

    `closed`: a channel that some people in the team can't read, e.g. a private channel or a group conversation.
    `channel`: `team/channel` on platforms that have teams; a team that begins with @ isn't one, but a person's own
    place.
    """

    platform: str
    channel: str
    thread: str
    private: bool = False
    closed: bool = False

    @property
    def team(self) -> str:
        """Who shares what is kept for later tasks: `slack:T1`; one person, `discord:@me/7`; or `local`."""
        team, below, _ = self.channel.partition("/")
        if not below:
            return LOCAL_TEAM
        return f"{self.platform}:{self.channel if team.startswith('@') else team}"


ATTACHMENTS = "attachments"
"""The folder of people's files in the workspace."""


class FileRef(Value):
    """A file on the shelf. `name` is what people see: a bare file name, escaped where it can't be shown."""

    name: str
    sha: Sha
    size: int
    media: str = "application/octet-stream"

    @field_validator("name")
    @classmethod
    def _can_be_shown(cls, name: str) -> str:
        return label(name)


class QuotedMessage(Value):
    """A message of somebody else that a message builds on, as it was at that moment.

    `how`: it was written earlier in the thread, was replied to, forwarded, or linked to. `where`: its channel, if it is
    another one. `at`: UTC.
    """

    how: Literal["thread", "reply", "forward", "link"]
    by: str
    text: str = ""
    files: tuple[FileRef, ...] = ()
    at: datetime | None = None
    where: str = ""


class MessageBackground(Value):
    """What a message builds on, oldest first: information, never instructions.

    `title`: of the thread. `left_out`: older messages of the thread that didn't fit. `problems`: a sentence about each
    thing that couldn't be read, including the message's own files.
    """

    title: str = ""
    quoted: tuple[QuotedMessage, ...] = ()
    left_out: int = 0
    problems: tuple[str, ...] = ()

    @property
    def files(self) -> tuple[FileRef, ...]:
        """Returns the files of the quoted messages."""
        return tuple(file for one in self.quoted for file in one.files)


NO_BACKGROUND = MessageBackground()


class Request(Value):
    """What a person asked for. `relayed`: another assistant or another person wrote it, so its words are untrusted."""

    text: str
    by: Person
    place: Place
    files: tuple[FileRef, ...] = ()
    background: MessageBackground = NO_BACKGROUND
    relayed: bool = False
